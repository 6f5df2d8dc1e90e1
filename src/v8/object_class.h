#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace corewalk::v8 {

/// How the bytes of a field are read.
enum class FieldKind : uint8_t {
  kTagged,  ///< a Smi or a strong reference
  kWeak,    ///< a reference that does not keep its target, or a Smi
  kSmi,     ///< never a reference
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kUint64,
  kFloat64,
  kPointer,  ///< an address outside of the heap
};

/// Bytes that a field of this kind takes.
[[nodiscard]] constexpr uint32_t width_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::kInt8:
    case FieldKind::kUint8:
      return 1;
    case FieldKind::kInt16:
    case FieldKind::kUint16:
      return 2;
    case FieldKind::kInt32:
    case FieldKind::kUint32:
      return 4;
    case FieldKind::kTagged:
    case FieldKind::kWeak:
    case FieldKind::kSmi:
    case FieldKind::kUint64:
    case FieldKind::kFloat64:
    case FieldKind::kPointer:
      return 8;
  }
  return 8;
}

struct ClassField {
  std::string name;     ///< V8's own: "reactions_or_result"
  uint32_t offset = 0;  ///< bytes from the object's start
  FieldKind kind = FieldKind::kTagged;
  bool repeats = false;  ///< the first of an array that ends with the object
};

/// A class of heap objects as V8 declares it, and where its fields lie in this version. A field of
/// a derived class hides one of the same name in its base.
struct ObjectClass {
  std::string name;                   ///< "JSPromise"
  std::string base_name;              ///< "JSObject"; "" for HeapObject
  const ObjectClass* base = nullptr;  ///< never in a circle
  std::vector<ClassField> fields;     ///< of this class alone, ascending by offset
};

/// True if a class is the one of this name, or derived from it; null is none.
[[nodiscard]] inline bool is_class(const ObjectClass* object_class, std::string_view name) {
  for (; object_class != nullptr; object_class = object_class->base) {
    if (object_class->name == name) return true;
  }
  return false;
}

}  // namespace corewalk::v8

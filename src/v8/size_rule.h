#pragma once

#include <cstdint>

namespace corewalk::v8 {

/// How the size of an object is found whose map says 0 (HeapObject::SizeFromMap).
enum class SizeKind : uint8_t {
  kUnknown,       ///< no rule: an object of this type cannot be walked over
  kLinear,        ///< header + element * ceil(length / per) + plus_element * plus_length, aligned
  kUntilNextMap,  ///< ends at the next word that is a map (types that never hold a map)
  kInstructionStreamViaCode,  ///< sizes live in the Code object it points to (V8 11.3)
  kWasmArray,                 ///< element size is in the map
  kWasmStruct,                ///< size is in the map
};

/// How a length is stored.
enum class LengthKind : uint8_t { kNone, kSmi, kUint32, kInt32, kUint16, kUint8 };

struct LengthField {
  LengthKind kind = LengthKind::kNone;
  uint16_t offset = 0;
};

struct SizeRule {
  SizeKind kind = SizeKind::kUnknown;
  uint32_t header = 0;  ///< bytes
  LengthField length;
  uint32_t mask = 0xFFFFFFFF;  ///< applied to the length before anything else
  uint8_t shift = 0;
  uint8_t per = 1;
  uint32_t element = 0;  ///< bytes per `per` units of length
  LengthField plus;
  uint32_t plus_element = 0;
  uint32_t align = 8;
};

}  // namespace corewalk::v8

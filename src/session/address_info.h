#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.h"
#include "inspect/value.h"
#include "stack/frame.h"
#include "v8/heap.h"

namespace corewalk {

/// What there is at an address.
enum class PlaceKind : uint8_t {
  kObject,      ///< in an object of V8's heap
  kFree,        ///< on a page of the heap, in free memory or a filler
  kGap,         ///< on a page of the heap, between objects: see HeapPlace::label
  kPageHeader,  ///< what V8 keeps of a page in front of its objects, or behind them
  kStack,       ///< the stack of a thread
  kSymbol,      ///< code or data of the program that has a name
  kFile,        ///< some other part of a mapped file
  kMemory,      ///< memory of no file: that of malloc, a buffer's bytes, ...
  kUnmapped,
};

/// Where on the heap an address lies.
struct HeapPlace {
  Address chunk;
  std::string space = {};
  std::optional<v8::IsolateIndex> isolate = {};  ///< absent: a page that all share
  AddressRange range = {};                       ///< of the object, filler or gap
  std::string label = {};                        ///< of a gap: "unused", "unswept", ...
  std::optional<Value> object = {};              ///< in one line
  std::string field = {};  ///< ".name", "[3]": what the word there is to its object
};

/// Where on a thread's stack an address lies.
struct StackPlace {
  uint64_t thread_id = 0;
  uint64_t above_sp = 0;  ///< bytes above the stack pointer; 0: at or below it
  uint64_t below_sp = 0;  ///< bytes below it: what is there is left from calls that ended
  std::optional<size_t> frame_number = {};  ///< as `bt` counts
  std::optional<StackFrame> frame = {};
};

struct AddressInfo {
  Address address = {};
  PlaceKind kind = PlaceKind::kUnmapped;
  std::optional<HeapPlace> heap = {};
  std::optional<StackPlace> stack = {};
  std::string symbol = {};  ///< a C++ name as people write it
  uint64_t symbol_offset = 0;
  AddressRange mapping = {};
  std::string permissions = {};  ///< "r-x"
  std::string file = {};
  uint64_t file_offset = 0;  ///< of the address, in the file
  bool in_core = false;      ///< its byte can be read, from the core or from the file
};

}  // namespace corewalk

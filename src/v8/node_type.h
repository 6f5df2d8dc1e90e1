#pragma once

#include <cstdint>

namespace corewalk::v8 {

/// The types of nodes in V8's heap snapshots, numbered as its files number them (HeapEntry::Type,
/// profiler/heap-snapshot-generator.h; 7.8 to 14.6, the last from 10.8 on).
enum class NodeType : uint8_t {
  kHidden,
  kArray,
  kString,
  kObject,
  kCode,
  kClosure,
  kRegExp,
  kNumber,
  kNative,
  kSynthetic,
  kConsString,
  kSlicedString,
  kSymbol,
  kBigInt,
  kObjectShape,
};

}  // namespace corewalk::v8

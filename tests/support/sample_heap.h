#pragma once

#include "support/heap_builder.h"

namespace corewalk::test {

/// What add_sample_objects() wrote, for tests to ask about.
struct SampleHeap {
  HeapBuilder::Class point;  ///< 6 instances with two fields
  Address process;           ///< Node's `process` object
};

/// A small heap with something of everything: classes with instances, property arrays and a
/// dictionary, strings of every representation, an array, a Map with its table, buffers, closures,
/// a large page, new space with an open area, and Node's `process` object.
SampleHeap add_sample_objects(HeapBuilder& build);

/// Off-heap bytes that the sample's buffer and external string own.
inline constexpr uint64_t kSampleBufferBytes = 4096;
inline constexpr uint32_t kSampleExternalUnits = 11;

}  // namespace corewalk::test

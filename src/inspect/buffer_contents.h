#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/value_reader.h"

namespace corewalk {

/// Where the bytes of an ArrayBuffer, a typed array or a DataView lie in the process.
struct BufferExtent {
  Address store;  ///< of the whole buffer; of an on-heap typed array its own elements
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
  bool detached = false;
};

[[nodiscard]] std::optional<BufferExtent> buffer_extent(const v8::ObjectView& object);

/// "<ArrayBuffer: backingStore=0x..., byteLength=5>".
[[nodiscard]] std::string buffer_text(const v8::ObjectView& buffer);
/// "<ArrayBufferView: backingStore=0x..., byteOffset=0, byteLength=5>", with the view's own name.
[[nodiscard]] std::string view_text(const v8::ObjectView& view, const std::string& name);

/// The bytes in hexadecimal and, for Buffers, as text; the elements of other typed arrays.
void add_buffer_sections(const ValueReader& reader, const v8::ObjectView& object,
                         const InspectOptions& options, Value& value);

}  // namespace corewalk

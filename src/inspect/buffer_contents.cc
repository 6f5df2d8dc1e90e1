#include "inspect/buffer_contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

#include "inspect/brief.h"
#include "inspect/sections.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TypeTag;

namespace {

constexpr size_t kBytesPerLine = 16;

/// What a typed array's elements are, by the name of its class in JavaScript.
struct ElementFormat {
  std::string_view type;
  uint64_t width;
  std::string (*text)(const std::byte* bytes);
};

template <class T>
std::string as_text(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::is_floating_point_v<T>) return number_text(static_cast<double>(value));
  return fmt::format("{}", value);
}

std::string half_text(const std::byte* bytes) {
  constexpr int kBias = 15;
  constexpr int kFractionBits = 10;
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  const int exponent = bits >> kFractionBits & 0x1F;
  const int fraction = bits & 0x3FF;
  double value = exponent == 0    ? std::ldexp(fraction, 1 - kBias - kFractionBits)
                 : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                  : std::ldexp(fraction + 1024, exponent - kBias - kFractionBits);
  if ((bits & 0x8000) != 0) value = -value;
  return number_text(value);
}

constexpr auto kFormats = std::to_array<ElementFormat>({
    {"Int8Array", 1, as_text<int8_t>},
    {"Uint8Array", 1, as_text<uint8_t>},
    {"Uint8ClampedArray", 1, as_text<uint8_t>},
    {"Int16Array", 2, as_text<int16_t>},
    {"Uint16Array", 2, as_text<uint16_t>},
    {"Int32Array", 4, as_text<int32_t>},
    {"Uint32Array", 4, as_text<uint32_t>},
    {"Float16Array", 2, half_text},
    {"Float32Array", 4, as_text<float>},
    {"Float64Array", 8, as_text<double>},
    {"BigInt64Array", 8, as_text<int64_t>},
    {"BigUint64Array", 8, as_text<uint64_t>},
});

std::optional<uint64_t> unsigned_field(const ObjectView& object, std::string_view field) {
  const auto value = object.number(field);
  return value ? std::optional(static_cast<uint64_t>(*value)) : std::nullopt;
}

std::optional<BufferExtent> array_buffer_extent(const ObjectView& buffer) {
  const auto store = unsigned_field(buffer, "backing_store");
  const auto size = unsigned_field(buffer, "byte_length");
  if (!store || !size) return {};
  BufferExtent extent{.store = Address(*store), .size_bytes = *size};
  extent.detached = buffer.bits("bit_field", "was_detached").value_or(0) != 0;
  return extent;
}

std::vector<std::byte> read_bytes(const v8::Heap& heap, const BufferExtent& extent,
                                  uint64_t limit) {
  std::vector<std::byte> bytes(std::min(extent.size_bytes, limit));
  const Address begin = extent.store + extent.offset;
  const size_t read = heap.memory().read_partial({begin, begin + bytes.size()}, bytes);
  bytes.resize(read);
  return bytes;
}

std::string hex_lines(const std::vector<std::byte>& bytes, bool cut) {
  if (bytes.empty()) return "";
  std::string text = "  ";
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) text += i % kBytesPerLine == 0 ? ",\n  " : ", ";
    text += fmt::format("{:02x}", static_cast<unsigned>(bytes[i]));
  }
  return text + (cut ? " ..." : "");
}

Section elements_section(const std::vector<std::byte>& bytes, const ElementFormat& format,
                         const BufferExtent& extent) {
  Section section{.kind = SectionKind::kElements, .title = ""};
  section.total = extent.size_bytes / format.width;
  for (uint64_t at = 0; at + format.width <= bytes.size(); at += format.width) {
    Member member{.name = std::to_string(at / format.width)};
    member.value.kind = ValueKind::kNumber;
    member.value.text = format.text(bytes.data() + at);
    member.value.primitive = member.value.text;
    section.members.push_back(std::move(member));
  }
  return section;
}

}  // namespace

std::optional<BufferExtent> buffer_extent(const ObjectView& object) {
  if (object.tag() == TypeTag::kJSArrayBuffer) return array_buffer_extent(object);
  if (!object.is("JSArrayBufferView")) return {};
  const auto offset = unsigned_field(object, "byte_offset");
  const auto size = unsigned_field(object, "byte_length");
  const auto buffer = object.object("buffer");
  auto extent = buffer ? array_buffer_extent(*buffer) : std::nullopt;
  if (!offset || !size || !extent) return {};
  extent->offset = *offset;
  // A view without a length of its own ends where its buffer does, as long as that is.
  const bool to_the_end = object.bits("bit_field", "is_length_tracking").value_or(0) != 0;
  extent->size_bytes =
      to_the_end ? extent->size_bytes - std::min(*offset, extent->size_bytes) : *size;
  const auto external = unsigned_field(object, "external_pointer");
  const auto base = object.tagged("base_pointer");
  if (external && base && !v8::is_smi(*base)) {
    // Small ones have their bytes on the heap: base_pointer is the elements, external_pointer the
    // distance from its tagged address to the first byte.
    extent->store = Address(*base + *external);
    extent->offset = 0;
  }
  return extent;
}

std::string buffer_text(const ObjectView& buffer) {
  const auto extent = array_buffer_extent(buffer);
  if (!extent) return "<ArrayBuffer: unreadable>";
  if (extent->detached) return "<ArrayBuffer [detached]>";
  const bool shared = buffer.bits("bit_field", "is_shared").value_or(0) != 0;
  return fmt::format("<{}ArrayBuffer: backingStore=0x{:x}, byteLength={}>", shared ? "Shared" : "",
                     extent->store.value(), extent->size_bytes);
}

std::string view_text(const ObjectView& view, const std::string& name) {
  const auto extent = buffer_extent(view);
  if (!extent) return fmt::format("<{}: unreadable>", name);
  if (extent->detached) return fmt::format("<{} [detached]>", name);
  return fmt::format("<{}: backingStore=0x{:x}, byteOffset={}, byteLength={}>", name,
                     extent->store.value(), extent->offset, extent->size_bytes);
}

void add_buffer_sections(const ValueReader& reader, const ObjectView& object,
                         const InspectOptions& options, Value& value) {
  const auto extent = buffer_extent(object);
  if (!extent || extent->detached) return;
  const auto format = std::find_if(kFormats.begin(), kFormats.end(),
                                   [&](const ElementFormat& f) { return f.type == value.type; });
  const bool is_array = format != kFormats.end();
  const uint64_t limit = member_limit(options) * (is_array ? format->width : 1);
  const std::vector<std::byte> bytes = read_bytes(reader.heap(), *extent, limit);
  const bool is_short = bytes.size() < std::min(limit, extent->size_bytes);
  if (is_array) {
    value.sections.push_back(elements_section(bytes, *format, *extent));
    value.sections.back().damaged = is_short;
    return;
  }
  Section section{.kind = SectionKind::kBytes, .title = "bytes"};
  section.text = hex_lines(bytes, bytes.size() < extent->size_bytes);
  section.total = extent->size_bytes;
  section.damaged = is_short;
  value.sections.push_back(std::move(section));
  if (object.tag() != TypeTag::kJSArrayBuffer && !bytes.empty() && value.type == "Buffer") {
    Section text{.kind = SectionKind::kText, .title = "as text"};
    text.text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    value.sections.push_back(std::move(text));
  }
}

}  // namespace corewalk

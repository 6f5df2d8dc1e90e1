#include "v8/byte_array.h"

namespace corewalk::v8 {

std::optional<std::span<const std::byte>> bytes_of(const ObjectView& array) {
  constexpr uint64_t kHeader = 16;  // map, length
  if (!array.is("ByteArray") && !array.is("TrustedByteArray")) return {};
  const auto length = array.number("length");
  if (!length || *length < 0) return {};
  return array.bytes().slice(kHeader, static_cast<uint64_t>(*length)).bytes();
}

}  // namespace corewalk::v8

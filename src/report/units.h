#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"

namespace corewalk {

/// "0x3a1cb81e0b1".
[[nodiscard]] std::string format_address(Address address);

/// A size for reading: "512 bytes", "1.2 MB". 1 KB is 1024 bytes.
[[nodiscard]] std::string format_bytes(uint64_t bytes);

/// A count with its noun: "1 page", "12 pages".
[[nodiscard]] std::string format_count(uint64_t count, std::string_view noun);

/// The size a user wrote: "4096", "64k", "1MB", "1.5 GiB". 1 KB is 1024 bytes.
[[nodiscard]] std::optional<uint64_t> parse_size(std::string_view text);

/// A decimal number and nothing else.
[[nodiscard]] std::optional<uint64_t> parse_number(std::string_view text);

}  // namespace corewalk

#pragma once

#include <cstddef>
#include <span>

namespace corewalk {

/// True if libdw may be given these unwind tables. They are as little to be trusted as the core
/// they may come from, and libdw makes room for every register that a rule names: for a number that
/// no processor has, gigabytes. So every entry is looked at first, and the index has to name
/// entries that were looked at.
///
/// `bytes` holds .eh_frame at `frame_offset` to the end, .eh_frame_hdr at `index_offset`.
[[nodiscard]] bool are_sound_tables(std::span<const std::byte> bytes, size_t frame_offset,
                                    size_t index_offset);

}  // namespace corewalk

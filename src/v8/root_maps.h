#pragma once

#include <string_view>

namespace corewalk::v8 {

/// A root that is a Map, and the type of object it describes in every version.
struct RootMap {
  std::string_view root;
  std::string_view type;
};

/// Enough roots to tell the table from any other memory (roots/roots.h).
inline constexpr RootMap kRootMaps[] = {
    {"free_space_map", "FREE_SPACE"},       {"one_pointer_filler_map", "FILLER"},
    {"two_pointer_filler_map", "FILLER"},   {"meta_map", "MAP"},
    {"byte_array_map", "BYTE_ARRAY"},       {"fixed_array_map", "FIXED_ARRAY"},
    {"fixed_cow_array_map", "FIXED_ARRAY"}, {"heap_number_map", "HEAP_NUMBER"},
};

}  // namespace corewalk::v8

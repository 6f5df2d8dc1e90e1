#pragma once

#include <string>
#include <string_view>

#include "v8/heap.h"
#include "v8/map_info.h"

namespace corewalk {

/// One-line description of an object in llnode's shape: `<Object: Session>`,
/// `<String: "the first characters">`, `<Array: length=6>`. Not escaped: the host does that.
[[nodiscard]] std::string describe_object(const v8::Heap& heap, Address object,
                                          const v8::MapInfo& map, std::string_view name);

}  // namespace corewalk

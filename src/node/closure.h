#pragma once

#include <optional>
#include <string_view>

#include "v8/object_view.h"

namespace corewalk {

/// The variable of that name in the innermost context a function closes over.
[[nodiscard]] std::optional<v8::TaggedWord> closure_variable(const v8::Heap& heap,
                                                             const v8::ObjectView& function,
                                                             std::string_view name);

}  // namespace corewalk

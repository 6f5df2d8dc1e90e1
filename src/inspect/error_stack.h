#pragma once

#include "inspect/value_reader.h"

namespace corewalk {

/// True for the private symbol under which V8 keeps the stack of an Error.
[[nodiscard]] bool is_stack_key(const v8::Heap& heap, v8::TaggedWord key);

/// Adds the stack that V8 captured when an Error was made: its text once somebody has read it,
/// until then the functions that were running.
void add_error_sections(const ValueReader& reader, const v8::ObjectView& error,
                        const InspectOptions& options, Value& value);

}  // namespace corewalk

#pragma once

#include "inspect/value_reader.h"

namespace corewalk {

/// Adds what is in an object, by its kind.
void add_sections(const ValueReader& reader, const v8::ObjectView& object,
                  const InspectOptions& options, Value& value);

/// One level down: what the members of a value are read with.
[[nodiscard]] InspectOptions options_within(const InspectOptions& options);

/// Most members that the options allow.
[[nodiscard]] uint64_t member_limit(const InspectOptions& options);

// One family each, in the file of that name.
void add_property_sections(const ValueReader& reader, const v8::ObjectView& object,
                           const InspectOptions& options, Value& value);
void add_collection_sections(const ValueReader& reader, const v8::ObjectView& object,
                             const InspectOptions& options, Value& value);
void add_function_sections(const ValueReader& reader, const v8::ObjectView& object,
                           const InspectOptions& options, Value& value);
void add_context_sections(const ValueReader& reader, const v8::ObjectView& object,
                          const InspectOptions& options, Value& value);
void add_special_sections(const ValueReader& reader, const v8::ObjectView& object,
                          const InspectOptions& options, Value& value);
/// One field of the object's class, by V8's name for it.
[[nodiscard]] Member class_field_member(const ValueReader& reader, const v8::ObjectView& object,
                                        const v8::ClassField& field, const InspectOptions& options);
/// All fields of the object's class, by V8's names for them.
void add_field_sections(const ValueReader& reader, const v8::ObjectView& object,
                        const InspectOptions& options, Value& value);

}  // namespace corewalk

// V8's own objects, and what JavaScript objects have beyond properties, by the fields of their
// class.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "inspect/brief.h"
#include "inspect/sections.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ClassField;
using v8::FieldKind;
using v8::ObjectView;

namespace {

Value field_value(const ValueReader& reader, const ObjectView& object, const ClassField& field,
                  uint64_t index, const InspectOptions& inner) {
  const uint64_t offset = field.offset + index * width_of(field.kind);
  Value value;
  value.text = "<unreadable>";
  switch (field.kind) {
    case FieldKind::kTagged:
    case FieldKind::kWeak:
    case FieldKind::kSmi: {
      const auto word = object.word(offset);
      constexpr v8::TaggedWord kCleared = 3;  // a weak reference whose target is gone
      if (!word) return value;
      if (static_cast<uint32_t>(*word) == kCleared) {
        value.kind = ValueKind::kInternal;
        value.text = "<cleared weak reference>";
        return value;
      }
      return reader.read(*word, inner);
    }
    case FieldKind::kFloat64: {
      const auto number = object.bytes().read<double>(offset, "field");
      return number ? number_value(*number) : value;
    }
    case FieldKind::kPointer: {
      const auto address = object.number_at(field, index);
      value.kind = ValueKind::kInternal;
      if (address) value.text = fmt::format("0x{:x}", static_cast<uint64_t>(*address));
      return value;
    }
    case FieldKind::kInt8:
    case FieldKind::kUint8:
    case FieldKind::kInt16:
    case FieldKind::kUint16:
    case FieldKind::kInt32:
    case FieldKind::kUint32:
    case FieldKind::kUint64: {
      const auto number = object.number_at(field, index);
      value.kind = ValueKind::kInternal;
      if (number) {
        value.text = std::to_string(*number);
        value.primitive = static_cast<double>(*number);
      }
      return value;
    }
  }
  return value;
}

Section contents_of(const ValueReader& reader, const ObjectView& object, const ClassField& field,
                    const InspectOptions& options) {
  Section section{.kind = SectionKind::kElements, .title = "contents="};
  section.total = object.element_count(field);
  const uint64_t count = std::min(section.total, member_limit(options));
  for (uint64_t i = 0; i < count; ++i) {
    Member member{.name = std::to_string(i)};
    member.is_weak = field.kind == FieldKind::kWeak;
    member.value = field_value(reader, object, field, i, options_within(options));
    section.members.push_back(std::move(member));
  }
  return section;
}

}  // namespace

Member class_field_member(const ValueReader& reader, const ObjectView& object,
                          const ClassField& field, const InspectOptions& options) {
  Member member{.name = field.name};
  member.is_weak = field.kind == FieldKind::kWeak;
  member.value = field_value(reader, object, field, 0, options_within(options));
  return member;
}

void add_field_sections(const ValueReader& reader, const ObjectView& object,
                        const InspectOptions& options, Value& value) {
  std::vector<const ClassField*> fields;  // of the bases first
  for (const auto* c = object.type().object_class; c != nullptr; c = c->base) {
    for (auto field = c->fields.rbegin(); field != c->fields.rend(); ++field) {
      fields.insert(fields.begin(), &*field);
    }
  }
  Section named{.kind = SectionKind::kInternal, .title = "fields"};
  std::vector<Section> arrays;
  for (const ClassField* field : fields) {
    if (field->offset >= object.size_bytes()) continue;
    if (field->repeats) {
      arrays.push_back(contents_of(reader, object, *field, options));
      continue;
    }
    named.members.push_back(class_field_member(reader, object, *field, options));
  }
  named.total = named.members.size();
  if (named.total != 0) value.sections.push_back(std::move(named));
  for (Section& section : arrays) value.sections.push_back(std::move(section));
}

}  // namespace corewalk

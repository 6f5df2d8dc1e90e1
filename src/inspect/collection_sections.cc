// Map, Set and their weak kin: the entries, in the order they were inserted where V8 keeps one.
#include <algorithm>

#include "inspect/sections.h"
#include "v8/collections.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;

void add_collection_sections(const ValueReader& reader, const ObjectView& object,
                             const InspectOptions& options, Value& value) {
  const auto entries = v8::CollectionReader(reader.heap()).entries(object, member_limit(options));
  if (!entries) return;
  const InspectOptions inner = options_within(options);
  Section section{.kind = SectionKind::kEntries, .title = "entries"};
  section.total = entries->total;
  section.damaged = entries->damaged;
  for (const v8::CollectionEntry& entry : entries->list) {
    Member member;
    if (entry.value) {
      member.key = reader.read(entry.key, inner);
      member.value = reader.read(*entry.value, inner);
    } else {
      member.value = reader.read(entry.key, inner);
    }
    member.is_weak = entries->weak;
    section.members.push_back(std::move(member));
  }
  value.sections.push_back(std::move(section));
}

}  // namespace corewalk

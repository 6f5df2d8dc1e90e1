#include "inspect/value_reader.h"

#include <algorithm>

#include "inspect/brief.h"
#include "inspect/sections.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::TaggedWord;

namespace {

Value unreadable(TaggedWord word, const Fault& fault) {
  Value value;
  value.address = Address(word);
  value.type = "unreadable";
  value.text = "<unreadable: " + std::string(to_string(fault.kind)) + ">";
  return value;
}

}  // namespace

ValueReader::ValueReader(const v8::Heap& heap)
    : heap_(heap),
      strings_(heap),
      properties_(heap),
      elements_(heap),
      names_(heap),
      sources_(heap) {}

std::string ValueReader::key_text(TaggedWord key) const {
  constexpr uint64_t kMaxKeyUnits = 4096;
  if (v8::is_smi(key)) return std::to_string(v8::smi_value(key));
  const Address name = v8::untag(key);
  if (heap_.tag_of(name) != v8::TypeTag::kSymbol) {
    return strings_.read_word(key, kMaxKeyUnits).value_or("(unreadable)");
  }
  const auto description =
      heap_.read(name, heap_.layout().string.symbol_description, "symbol description");
  return description ? strings_.read_word(*description, kMaxKeyUnits).value_or("") : "";
}

Value ValueReader::brief(TaggedWord word, const InspectOptions& options) const {
  if (v8::is_smi(word)) {
    // The lower half of a Smi is zero; else it is some address of nothing.
    const bool is_number = static_cast<uint32_t>(word) == 0;
    return is_number ? smi_value(v8::smi_value(word))
                     : unreadable(word, Fault{FaultKind::kBadValue, Address(word), "value"});
  }
  const auto object = v8::ObjectView::at(heap_, word);
  if (!object) return unreadable(word, object.fault());
  Value value = brief_value(*this, *object, options);
  value.address = Address(v8::tag(object->address()));
  value.shallow_bytes = object->size_bytes();
  return value;
}

Value ValueReader::read(TaggedWord word, const InspectOptions& options) const {
  Value value = brief(word, options);
  if (options.depth == 0 || !value.address) return value;
  const bool is_outermost = depth_ == 0;
  if (is_outermost) opened_ = 0;
  if (++opened_ > kMaxOpened) return value;
  const auto object = v8::ObjectView::at(heap_, word);
  ++depth_;
  if (object) add_sections(*this, *object, options, value);
  --depth_;
  return value;
}

}  // namespace corewalk

#include "v8/string_reader.h"

#include <algorithm>

namespace corewalk::v8 {
namespace {

// Strings of which one is longer by an appended character are as deep as they are long: what a
// program builds in a loop is read, what is deeper than this is cut off.
constexpr uint64_t kMaxSteps = 1 << 20;

// Which strings may refer to which: only to those of a lower rank, but for a cons string with two
// halves that are both shorter than it is. So no chain of references is endless.
constexpr unsigned kFlatRank = 0;
constexpr unsigned kThinRank = 1;
constexpr unsigned kSlicedRank = 2;
constexpr unsigned kConsRank = 3;

unsigned rank_of(StringRepresentation representation) {
  switch (representation) {
    case StringRepresentation::kSequential:
    case StringRepresentation::kExternal:
      return kFlatRank;
    case StringRepresentation::kThin:
      return kThinRank;
    case StringRepresentation::kSliced:
      return kSlicedRank;
    case StringRepresentation::kCons:
      return kConsRank;
  }
  return kConsRank;
}

}  // namespace

/// Collects UTF-16 code units as UTF-8; lone surrogates become U+FFFD.
class StringReader::Sink {
 public:
  void put(uint16_t unit) {
    const bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
    const bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (high_ != 0 && is_low) {
      encode(0x10000 + ((high_ - 0xD800U) << 10) + (unit - 0xDC00U));
      high_ = 0;
      return;
    }
    flush();
    if (is_high)
      high_ = unit;
    else
      encode(is_low ? kReplacement : unit);
  }
  void flush() {
    if (high_ != 0) encode(kReplacement);
    high_ = 0;
  }
  void mark_damaged() { text.damaged = true; }

  Text text;

 private:
  static constexpr uint32_t kReplacement = 0xFFFD;

  void byte(uint32_t value) { text.utf8 += static_cast<char>(value); }
  void encode(uint32_t code) {
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xC0 | code >> 6);
      byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      byte(0xE0 | code >> 12);
      byte(0x80 | (code >> 6 & 0x3F));
      byte(0x80 | (code & 0x3F));
    } else {
      byte(0xF0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3F));
      byte(0x80 | (code >> 6 & 0x3F));
      byte(0x80 | (code & 0x3F));
    }
  }

  uint16_t high_ = 0;
};

Result<StringReader::Text> StringReader::read(Address string, uint64_t begin,
                                              uint64_t max_units) const {
  if (heap_.tag_of(string) != TypeTag::kString) {
    return Fault{FaultKind::kWrongType, string, "string"};
  }
  const auto whole = length(string);
  if (!whole) return whole.fault();
  Sink sink;
  const uint64_t first = std::min<uint64_t>(begin, *whole);
  sink.text.truncated = *whole - first > max_units;
  std::vector<Part> todo = {{string, first, std::min(*whole - first, max_units), kConsRank}};
  for (uint64_t steps = 0; !todo.empty(); ++steps) {
    if (steps == kMaxSteps) {
      sink.mark_damaged();
      break;
    }
    const Part part = todo.back();
    todo.pop_back();
    if (part.units > 0) read_part(part, sink, todo);
  }
  sink.flush();
  return std::move(sink.text);
}

void StringReader::read_part(const Part& part, Sink& sink, std::vector<Part>& todo) const {
  const StringFields& fields = heap_.layout().string;
  const auto type = heap_.instance_type(part.string);
  const auto representation = type && heap_.layout().type(*type).tag == TypeTag::kString
                                  ? string_representation(*type)
                                  : std::nullopt;
  if (!representation || rank_of(*representation) > part.max_rank) return sink.mark_damaged();
  const bool one_byte = is_one_byte_string(*type);
  const auto units = length(part.string);
  const uint64_t width = one_byte ? 1 : 2;
  switch (*representation) {
    case StringRepresentation::kSequential: {
      const HeapPage* page = heap_.page_of(part.string);
      if (!units || page == nullptr) return sink.mark_damaged();
      const uint64_t at = part.string - page->area.begin() + fields.sequential_chars.offset();
      return read_flat(page->bytes.slice(at, *units * width), one_byte, part, sink);
    }
    case StringRepresentation::kExternal: {
      const auto data = heap_.read(part.string, fields.external_data, "external string data");
      if (!data || !units) return sink.mark_damaged();
      const auto chars = heap_.memory().view({Address(*data), *units * width});
      return chars ? read_flat(*chars, one_byte, part, sink) : sink.mark_damaged();
    }
    case StringRepresentation::kCons: {
      const auto first = heap_.follow(part.string, fields.cons_first.offset(), "cons first");
      const auto second = heap_.follow(part.string, fields.cons_second.offset(), "cons second");
      if (!first || !second) return sink.mark_damaged();
      const uint64_t first_units = length(*first).value_or(0);
      const uint64_t second_units = length(*second).value_or(0);
      if (!units || first_units + second_units != *units) return sink.mark_damaged();
      // One that was flattened has all its text in one half.
      const bool is_split = first_units != 0 && second_units != 0;
      const unsigned max_rank = is_split ? kConsRank : kSlicedRank;
      const uint64_t skipped = std::min(part.begin, first_units);
      const uint64_t from_first = std::min(part.units, first_units - skipped);
      todo.push_back({*second, part.begin - skipped, part.units - from_first, max_rank});
      todo.push_back({*first, skipped, from_first, max_rank});
      return;
    }
    case StringRepresentation::kSliced: {
      const auto parent = heap_.follow(part.string, fields.sliced_parent.offset(), "sliced parent");
      const auto offset = heap_.read(part.string, fields.sliced_offset, "sliced offset");
      if (!parent || !offset || smi_value(*offset) < 0) return sink.mark_damaged();
      todo.push_back(
          {*parent, part.begin + static_cast<uint64_t>(smi_value(*offset)), part.units, kThinRank});
      return;
    }
    case StringRepresentation::kThin: {
      const auto actual = heap_.follow(part.string, fields.thin_actual.offset(), "thin actual");
      if (!actual) return sink.mark_damaged();
      todo.push_back({*actual, part.begin, part.units, kFlatRank});
      return;
    }
  }
}

void StringReader::read_flat(ByteView chars, bool one_byte, const Part& part, Sink& sink) const {
  const uint64_t width = one_byte ? 1 : 2;
  for (uint64_t i = part.begin; i < part.begin + part.units; ++i) {
    const auto unit = one_byte ? Result<uint16_t>(chars.read<uint8_t>(i).value_or(0))
                               : chars.read<uint16_t>(i * width);
    if (i * width + width > chars.size() || !unit) return sink.mark_damaged();
    sink.put(*unit);
  }
}

std::optional<std::string> StringReader::read_word(TaggedWord word, uint64_t max_units) const {
  if (is_smi(word)) return {};
  auto text = read(untag(word), max_units);
  if (!text) return {};
  return std::move(text).value().utf8;
}

}  // namespace corewalk::v8

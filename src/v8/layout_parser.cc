#include "v8/layout_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/failure.h"
#include "v8/layout_schema.h"

namespace corewalk::v8 {
namespace {

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  size_t at = 0;
  while (at < text.size()) {
    const size_t begin = text.find_first_not_of(separators, at);
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    at = end;
  }
  return words;
}

std::vector<std::string_view> words_of(std::string_view line) {
  return split(line.substr(0, line.find('#')), " \t\r");
}

template <class Specs>
auto find_spec(Specs specs, std::string_view key) {
  return std::find_if(specs.begin(), specs.end(), [&](const auto& s) { return s.key == key; });
}

}  // namespace

void LayoutParser::fail(const std::string& message) const {
  throw Failure(ExitCode::kUsage, fmt::format("layout file {}:{}: {}", file_, line_, message));
}

uint64_t LayoutParser::number(std::string_view word) const {
  const bool hex = word.starts_with("0x");
  const std::string_view digits = hex ? word.substr(2) : word;
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    fail(fmt::format("'{}' is not a number", word));
  }
  return value;
}

template <class T>
T LayoutParser::fitting(std::string_view word) const {
  const uint64_t value = number(word);
  if (value > static_cast<uint64_t>(std::numeric_limits<T>::max())) {
    fail(fmt::format("'{}' is out of range", word));
  }
  return static_cast<T>(value);
}

std::string LayoutParser::parent_of(std::string_view text) {
  for (const std::string_view line : split(text, "\n")) {
    const Words words = words_of(line);
    if (words.size() == 2 && words[0] == "inherit") return std::string(words[1]);
  }
  return {};
}

void LayoutParser::parse(std::string_view text, Numbering numbering) {
  const auto is_number = [](std::string_view verb) {
    return verb == "type" || verb == "type-range" || verb == "root";
  };
  line_ = 0;
  while (!text.empty()) {
    ++line_;
    const size_t end = std::min(text.find('\n'), text.size());
    const Words words = words_of(text.substr(0, end));
    const bool skipped =
        words.empty() || (numbering == Numbering::kSkip && is_number(words.front()));
    if (!skipped) parse_line(words);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void LayoutParser::parse_line(const Words& words) {
  const std::string_view verb = words[0];
  const auto need = [&](size_t count) {
    if (words.size() < count) fail(fmt::format("'{}' needs {} values", verb, count - 1));
  };
  if (verb == "inherit") return;  // read by parent_of
  need(2);
  if (verb == "layout") {
    layout_.version = words[1];
  } else if (verb == "node") {
    layout_.node_line = words[1];
  } else if (verb == "type" || verb == "type-range") {
    parse_type(words);
  } else if (verb == "root") {
    need(3);
    layout_.roots[std::string(words[1])] = fitting<uint32_t>(words[2]);
  } else if (verb == "space") {
    need(3);
    layout_.space_names[fitting<uint32_t>(words[1])] = words[2];
  } else if (verb == "size" || verb == "alternative") {
    parse_size(words);
  } else if (verb == "area") {
    parse_area(words);
  } else if (verb == "bits") {
    parse_bits(words);
  } else if (verb == "number") {
    parse_number(words);
  } else if (verb == "feature") {
    parse_feature(words);
  } else if (verb == "node-type") {
    parse_node_type(words);
  } else if (verb == "class") {
    parse_class(words);
  } else if (verb == "enum") {
    parse_enum(words);
  } else if (verb == "opcode") {
    parse_opcode(words);
  } else {
    parse_field(words);
  }
}

void LayoutParser::parse_type(const Words& words) {
  const bool is_range = words[0] == "type-range";
  if (words.size() != (is_range ? 4U : 3U)) fail("expected: type NUMBER NAME");
  const uint64_t first = number(words[1]);
  const uint64_t last = is_range ? number(words[2]) : first;
  if (last < first || last >= Layout::kTypeCount) fail("instance type out of range");
  for (uint64_t n = first; n <= last; ++n) {
    TypeInfo& type = LayoutAccess::type(layout_, static_cast<uint16_t>(n));
    type.name = words.back();
    type.tag = tag_for_type(type.name, static_cast<uint16_t>(n));
    type.provenance = Provenance::kLayoutFile;
  }
}

LengthField LayoutParser::length_field(std::string_view word) const {
  const size_t at = word.find('@');
  if (at == std::string_view::npos) fail(fmt::format("'{}' is not KIND@OFFSET", word));
  const std::string_view kind = word.substr(0, at);
  LengthField field;
  field.offset = fitting<uint16_t>(word.substr(at + 1));
  if (kind == "smi")
    field.kind = LengthKind::kSmi;
  else if (kind == "u32")
    field.kind = LengthKind::kUint32;
  else if (kind == "i32")
    field.kind = LengthKind::kInt32;
  else if (kind == "u16")
    field.kind = LengthKind::kUint16;
  else if (kind == "u8")
    field.kind = LengthKind::kUint8;
  else
    fail(fmt::format("'{}' is not one of smi, u32, i32, u16, u8", kind));
  return field;
}

void LayoutParser::parse_size(const Words& words) {
  SizeRule rule;
  rule.kind = SizeKind::kLinear;
  for (size_t i = 2; i < words.size(); ++i) {
    const size_t equals = words[i].find('=');
    const std::string_view key = words[i].substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? "" : words[i].substr(equals + 1);
    if (key == "header")
      rule.header = fitting<uint32_t>(value);
    else if (key == "length")
      rule.length = length_field(value);
    else if (key == "mask")
      rule.mask = fitting<uint32_t>(value);
    else if (key == "shift")
      rule.shift = fitting<uint8_t>(value);
    else if (key == "per")
      rule.per = fitting<uint8_t>(value);
    else if (key == "element")
      rule.element = fitting<uint32_t>(value);
    else if (key == "plus")
      rule.plus = length_field(value);
    else if (key == "plus-element")
      rule.plus_element = fitting<uint32_t>(value);
    else if (key == "align")
      rule.align = fitting<uint32_t>(value);
    else if (key == "until-next-map")
      rule.kind = SizeKind::kUntilNextMap;
    else if (key == "via-code")
      rule.kind = SizeKind::kInstructionStreamViaCode;
    else if (key == "wasm-array")
      rule.kind = SizeKind::kWasmArray;
    else if (key == "wasm-struct")
      rule.kind = SizeKind::kWasmStruct;
    else
      fail(fmt::format("unknown size key '{}'", key));
  }
  constexpr uint32_t kWord = 8;  // objects begin at words
  if (rule.per == 0 || rule.align < kWord || (rule.align & (rule.align - 1)) != 0) {
    fail("'per' must be positive and 'align' a power of two, 8 or more");
  }
  // Bounds that let a size be computed from a hostile length without overflow (MapReader).
  constexpr uint32_t kMaxUnitBytes = 0xFFFF;
  constexpr uint8_t kLengthBits = 32;
  if (rule.element > kMaxUnitBytes || rule.plus_element > kMaxUnitBytes ||
      rule.shift >= kLengthBits) {
    fail("'element' and 'plus-element' must be below 65536, 'shift' below 32");
  }
  if (rule.kind == SizeKind::kInstructionStreamViaCode &&
      rule.length.offset + kWord > rule.header) {
    fail("'length' of a via-code rule must lie in its header");
  }
  if (rule.kind == SizeKind::kUntilNextMap && rule.header % kWord != 0) {
    fail("'header' of an until-next-map rule must be a multiple of 8");
  }
  auto& rules = words[0] == "size" ? layout_.size_rules : layout_.size_alternatives;
  for (const std::string_view name : split(words[1], ",")) rules[std::string(name)] = rule;
}

void LayoutParser::parse_area(const Words& words) {
  if (words.size() < 3) fail("expected: area NAME START+OFFSET[>OFFSET...] [limit=N]");
  std::erase_if(layout_.allocation_areas, [&](const auto& a) { return a.name == words[1]; });
  if (words[2] == "none") return;
  AllocationAreaPlace place;
  place.name = words[1];
  const size_t sign = words[2].find_first_of("+-");
  if (sign == std::string_view::npos) fail("a path is START+OFFSET or START-OFFSET");
  place.start = words[2].substr(0, sign);
  int32_t factor = words[2][sign] == '-' ? -1 : 1;
  for (const std::string_view step : split(words[2].substr(sign + 1), ">")) {
    place.offsets.push_back(factor * fitting<int32_t>(step));
    factor = 1;
  }
  if (words.size() > 3 && words[3].starts_with("limit=")) {
    place.limit_distance = fitting<uint32_t>(words[3].substr(6));
  }
  layout_.allocation_areas.push_back(std::move(place));
}

void LayoutParser::parse_bits(const Words& words) {
  if (words.size() != 4) fail("expected: bits NAME SHIFT MASK");
  constexpr uint8_t kWordBits = 64;
  const BitRange range{fitting<uint8_t>(words[2]), fitting<uint32_t>(words[3])};
  if (range.shift >= kWordBits) fail(fmt::format("a word has no bit {}", words[2]));
  const auto specs = bit_specs();
  const auto spec = find_spec(specs, words[1]);
  if (spec != specs.end()) {
    spec->place(layout_) = range;
  } else if (class_of_field(words[1]) != nullptr) {
    layout_.named_bits[std::string(words[1])] = range;
  } else {
    fail(fmt::format("unknown bits '{}'", words[1]));
  }
}

void LayoutParser::parse_number(const Words& words) {
  if (words.size() != 3) fail("expected: number NAME VALUE");
  const auto specs = number_specs();
  const auto spec = find_spec(specs, words[1]);
  if (spec == specs.end()) fail(fmt::format("unknown number '{}'", words[1]));
  spec->place(layout_) = number(words[2]);
}

void LayoutParser::parse_feature(const Words& words) {
  const auto names = feature_names();
  const auto name = std::find(names.begin(), names.end(), words[1]);
  if (name == names.end()) fail(fmt::format("unknown feature '{}'", words[1]));
  const bool on = words.size() < 3 || words[2] != "off";
  LayoutAccess::set_feature(layout_, static_cast<Feature>(name - names.begin()), on);
}

void LayoutParser::parse_node_type(const Words& words) {
  if (words.size() != 3) fail("expected: node-type code|array|object-shape TYPE[,TYPE]");
  const bool known = words[1] == "code" || words[1] == "array" || words[1] == "object-shape";
  if (!known) fail(fmt::format("unknown type of node '{}'", words[1]));
  const NodeType type = words[1] == "code"    ? NodeType::kCode
                        : words[1] == "array" ? NodeType::kArray
                                              : NodeType::kObjectShape;
  for (const std::string_view name : split(words[2], ",")) {
    layout_.node_types[std::string(name)] = type;
  }
}

void LayoutParser::parse_field(const Words& words) {
  const bool is_verb = words[0] == "absent" || words[0] == "distrust";
  if (words.size() > (is_verb ? 2U : 3U)) fail("expected: Class.field OFFSET [KIND]");
  const std::string_view key = is_verb ? words[1] : words[0];
  const auto specs = field_specs();
  const auto spec = find_spec(specs, key);
  if (spec == specs.end() && class_of_field(key) == nullptr) {
    fail(fmt::format("unknown fact '{}'", key));
  }
  if (words[0] == "absent") {
    if (spec != specs.end()) spec->place(layout_).set(0, Provenance::kAbsent);
    forget_field(key);
  } else if (words[0] == "distrust") {
    layout_.distrusted.emplace(key);
  } else {
    const auto offset = fitting<uint32_t>(words[1]);
    if (spec != specs.end()) spec->place(layout_).set(offset, Provenance::kLayoutFile);
    add_class_field(key, offset, words.size() > 2 ? words[2] : "");
  }
}

void LayoutParser::parse_class(const Words& words) {
  if (words.size() % 2 != 0) fail("expected: class NAME [extends BASE] [types TYPE[,TYPE]]");
  ObjectClass& object_class = layout_.classes[std::string(words[1])];
  object_class.name = words[1];
  for (size_t i = 2; i < words.size(); i += 2) {
    if (words[i] == "types") {
      for (const std::string_view type : split(words[i + 1], ",")) {
        layout_.classes_by_type[std::string(type)] = &object_class;
      }
    } else if (words[i] == "extends") {
      object_class.base_name = words[i + 1];
    } else {
      fail(fmt::format("'{}' is neither 'extends' nor 'types'", words[i]));
    }
  }
}

void LayoutParser::parse_enum(const Words& words) {
  if (words.size() != 4) fail("expected: enum NAME NUMBER VALUE[,VALUE]");
  const bool negative = words[2].starts_with('-');
  auto value = fitting<int64_t>(words[2].substr(negative ? 1 : 0));
  if (negative) value = -value;
  for (const std::string_view name : split(words[3], ",")) {
    // "-" takes back what an older version says.
    layout_.enums[std::string(words[1])][value++] = name == "-" ? std::string_view() : name;
  }
}

void LayoutParser::parse_opcode(const Words& words) {
  if (words.size() != 4) fail("expected: opcode NUMBER NAME OPERANDS");
  const uint64_t opcode = number(words[1]);
  if (opcode == 0) layout_.translation_opcodes.clear();
  if (opcode > layout_.translation_opcodes.size()) fail("opcodes have to be in order");
  constexpr uint32_t kMaxOperands = 16;
  const auto operands = fitting<uint32_t>(words[3]);
  if (operands > kMaxOperands) fail("an opcode of so many operands");
  if (opcode == layout_.translation_opcodes.size()) layout_.translation_opcodes.emplace_back();
  layout_.translation_opcodes[opcode] = {std::string(words[2]), operands};
}

ObjectClass* LayoutParser::class_of_field(std::string_view key) const {
  const auto found = layout_.classes.find(key.substr(0, key.find('.')));
  return found == layout_.classes.end() ? nullptr : &found->second;
}

void LayoutParser::forget_field(std::string_view key) {
  if (ObjectClass* object_class = class_of_field(key)) {
    std::erase_if(object_class->fields,
                  [&](const ClassField& f) { return f.name == key.substr(key.find('.') + 1); });
  }
}

void LayoutParser::add_class_field(std::string_view key, uint32_t offset, std::string_view kind) {
  ObjectClass* object_class = class_of_field(key);
  if (object_class == nullptr) {
    if (!kind.empty()) fail(fmt::format("no class line stands before '{}'", key));
    return;
  }
  std::vector<ClassField>& fields = object_class->fields;
  ClassField field;
  field.name = key.substr(key.find('.') + 1);
  field.offset = offset;
  const auto known = std::find_if(fields.begin(), fields.end(),
                                  [&](const ClassField& f) { return f.name == field.name; });
  if (known != fields.end()) {  // a moved field keeps its kind if none is given
    field.kind = known->kind;
    field.repeats = known->repeats;
    fields.erase(known);
  }
  if (!kind.empty()) {
    field.repeats = kind.ends_with("[]");
    field.kind = field_kind(field.repeats ? kind.substr(0, kind.size() - 2) : kind);
  }
  const auto place = std::upper_bound(
      fields.begin(), fields.end(), field,
      [](const ClassField& a, const ClassField& b) { return a.offset < b.offset; });
  fields.insert(place, std::move(field));
}

FieldKind LayoutParser::field_kind(std::string_view word) const {
  constexpr auto kKinds = std::to_array<std::pair<std::string_view, FieldKind>>({
      {"tagged", FieldKind::kTagged},
      {"weak", FieldKind::kWeak},
      {"smi", FieldKind::kSmi},
      {"i8", FieldKind::kInt8},
      {"u8", FieldKind::kUint8},
      {"i16", FieldKind::kInt16},
      {"u16", FieldKind::kUint16},
      {"i32", FieldKind::kInt32},
      {"u32", FieldKind::kUint32},
      {"u64", FieldKind::kUint64},
      {"f64", FieldKind::kFloat64},
      {"ptr", FieldKind::kPointer},
  });
  for (const auto& [name, kind] : kKinds) {
    if (name == word) return kind;
  }
  fail(fmt::format("'{}' is not a kind of field", word));
}

void LayoutAccess::move_class_field(Layout& layout, std::string_view key, uint32_t offset) {
  const size_t dot = key.find('.');
  const auto found = layout.classes.find(key.substr(0, dot));
  if (found == layout.classes.end()) return;
  for (ClassField& field : found->second.fields) {
    if (field.name == key.substr(dot + 1)) field.offset = offset;
  }
}

void LayoutAccess::resolve(Layout& layout) {
  for (auto& [name, object_class] : layout.classes) {
    const auto base = layout.classes.find(object_class.base_name);
    const bool known = base != layout.classes.end();
    if (!known && !object_class.base_name.empty()) {
      throw Failure(ExitCode::kUsage, fmt::format("layout for V8 {}: there is no class '{}'",
                                                  layout.version, object_class.base_name));
    }
    bool circular = false;
    for (const ObjectClass* c = known ? &base->second : nullptr; c != nullptr; c = c->base) {
      circular = circular || c == &object_class;
    }
    if (circular) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("layout for V8 {}: '{}' is its own base", layout.version, name));
    }
    object_class.base = known ? &base->second : nullptr;
  }
  for (TypeInfo& type : layout.types_) {
    const auto rule = layout.size_rules.find(type.name);
    if (rule != layout.size_rules.end()) type.size = rule->second;
    const auto node_type = layout.node_types.find(type.name);
    if (node_type != layout.node_types.end()) type.node_type = node_type->second;
    const auto object_class = layout.classes_by_type.find(type.name);
    if (object_class != layout.classes_by_type.end()) type.object_class = object_class->second;
  }
}

}  // namespace corewalk::v8

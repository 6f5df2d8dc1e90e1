#include "v8/layout_library.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/failure.h"
#include "v8/layout_parser.h"

namespace corewalk::v8 {
namespace {

constexpr int kMaxInheritance = 32;

const LayoutText* built_in(std::string_view version) {
  for (const LayoutText& text : built_in_layouts()) {
    if (text.file_name == fmt::format("{}.layout", version)) return &text;
  }
  return nullptr;
}

void parse_with_parents(Layout& layout, std::string_view file_name, std::string_view text,
                        int depth) {
  const std::string parent = LayoutParser::parent_of(text);
  if (!parent.empty()) {
    const LayoutText* parent_text = built_in(parent);
    if (parent_text == nullptr || depth >= kMaxInheritance) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("layout file {}: cannot inherit from '{}'", file_name, parent));
    }
    parse_with_parents(layout, parent_text->file_name, parent_text->text, depth + 1);
  }
  // Instance types and roots are renumbered by every V8 version: each file states all of its own.
  LayoutParser(file_name, layout).parse(text, depth == 0 ? Numbering::kRead : Numbering::kSkip);
}

/// The lines of a file that say what it is for. The others may need those of its parents.
std::string head_of(std::string_view text) {
  std::string head;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    if (line.starts_with("layout ") || line.starts_with("node ")) head += line;
    text.remove_prefix(end);
  }
  return head;
}

}  // namespace

std::unique_ptr<Layout> LayoutLibrary::parse(std::string_view file_name, std::string_view text) {
  auto layout = std::make_unique<Layout>();
  parse_with_parents(*layout, file_name, text, 0);
  layout->source = file_name;
  LayoutAccess::resolve(*layout);
  return layout;
}

std::unique_ptr<Layout> LayoutLibrary::find(std::string_view version) {
  const LayoutText* text = built_in(version);
  return text == nullptr ? nullptr : parse(text->file_name, text->text);
}

std::string LayoutLibrary::known_versions() {
  std::string list;
  for (const LayoutText& text : built_in_layouts()) {
    Layout head;
    LayoutParser(text.file_name, head).parse(head_of(text.text), Numbering::kSkip);
    list += fmt::format("{}{} (Node {})", list.empty() ? "" : ", ", head.version, head.node_line);
  }
  return list;
}

std::optional<uint16_t> Layout::type_number(std::string_view name) const {
  for (size_t n = 0; n < kTypeCount; ++n) {
    if (types_[n].name == name) return static_cast<uint16_t>(n);
  }
  return {};
}

std::optional<uint32_t> Layout::root(std::string_view name) const {
  const auto found = roots.find(name);
  return found == roots.end() ? std::nullopt : std::optional(found->second);
}

std::string Layout::root_name(uint32_t index) const {
  if (index < root_names.size() && !root_names[index].empty()) return root_names[index];
  for (const auto& [name, number] : roots) {
    if (number == index) return name;
  }
  return std::to_string(index);
}

const ClassField* Layout::field(const ObjectClass* object_class, std::string_view name) {
  for (; object_class != nullptr; object_class = object_class->base) {
    for (const ClassField& field : object_class->fields) {
      if (field.name == name) return &field;
    }
  }
  return nullptr;
}

std::optional<uint32_t> Layout::decode_bits(std::string_view name, uint64_t word) const {
  const auto found = named_bits.find(name);
  if (found == named_bits.end() || found->second.mask == 0) return {};  // 0: gone again
  return found->second.decode(word);
}

std::string_view Layout::enum_name(std::string_view name, int64_t value) const {
  const auto values = enums.find(name);
  if (values == enums.end()) return {};
  const auto found = values->second.find(value);
  return found == values->second.end() ? std::string_view() : found->second;
}

}  // namespace corewalk::v8

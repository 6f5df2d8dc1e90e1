#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "v8/layout.h"

namespace corewalk::v8 {

/// The one place that may write a Layout's private parts, while it is being built.
struct LayoutAccess {
  static TypeInfo& type(Layout& layout, uint16_t number) { return layout.types_[number]; }
  static void set_feature(Layout& layout, Feature feature, bool on) {
    const uint32_t bit = 1U << static_cast<unsigned>(feature);
    layout.features_ = on ? layout.features_ | bit : layout.features_ & ~bit;
  }
  /// Keeps the class table true to `Class.field` when that fact is learned from another source.
  static void move_class_field(Layout& layout, std::string_view key, uint32_t offset);
  /// Joins classes with their bases; rules and classes by type name are applied to the numbers
  /// after the whole file is read.
  static void resolve(Layout& layout);
};

/// Whether a file's instance types and roots count, or are passed over.
enum class Numbering : uint8_t { kRead, kSkip };

/// Parses one file's lines into `layout`, which already holds the inherited facts. Throws
/// Failure(kUsage) naming file and line.
class LayoutParser {
 public:
  LayoutParser(std::string_view file_name, Layout& layout) : file_(file_name), layout_(layout) {}
  void parse(std::string_view text, Numbering numbering);

  /// The `inherit` line of a text, or "".
  [[nodiscard]] static std::string parent_of(std::string_view text);

 private:
  using Words = std::vector<std::string_view>;
  void parse_line(const Words& words);
  void parse_type(const Words& words);
  void parse_size(const Words& words);
  void parse_area(const Words& words);
  void parse_bits(const Words& words);
  void parse_number(const Words& words);
  void parse_feature(const Words& words);
  void parse_node_type(const Words& words);
  void parse_field(const Words& words);
  void parse_class(const Words& words);
  void parse_enum(const Words& words);
  void parse_opcode(const Words& words);
  void add_class_field(std::string_view key, uint32_t offset, std::string_view kind);
  void forget_field(std::string_view key);
  [[nodiscard]] ObjectClass* class_of_field(std::string_view key) const;
  [[nodiscard]] uint64_t number(std::string_view word) const;
  /// A number that fits T.
  template <class T>
  [[nodiscard]] T fitting(std::string_view word) const;
  [[nodiscard]] FieldKind field_kind(std::string_view word) const;
  [[nodiscard]] LengthField length_field(std::string_view word) const;
  [[noreturn]] void fail(const std::string& message) const;

  std::string file_;
  int line_ = 0;
  Layout& layout_;
};

}  // namespace corewalk::v8

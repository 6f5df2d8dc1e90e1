#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

#include "v8/flat_string.h"

namespace corewalk {

/// Where in a string something was found, in UTF-16 code units.
struct StringMatch {
  uint64_t position = 0;
  uint64_t length = 0;
};

/// Finds the first place in a string that holds a text or matches a regular expression.
class StringMatcher {
 public:
  /// `pattern` is UTF-8. Throws std::regex_error if a regular expression is none.
  StringMatcher(std::string_view pattern, bool is_regex);

  [[nodiscard]] std::optional<StringMatch> find(const v8::FlatString& string) const;
  /// The same in UTF-8.
  [[nodiscard]] std::optional<StringMatch> find(std::string_view utf8) const;

 private:
  [[nodiscard]] std::optional<StringMatch> match_regex(std::string_view utf8) const;

  std::string utf8_;
  std::u16string units_;
  std::optional<std::string> latin1_;  ///< absent: has characters that Latin-1 lacks
  std::optional<std::regex> regex_;
};

}  // namespace corewalk

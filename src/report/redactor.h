#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace corewalk {

/// Makes tokens of texts that must not leave the house: as long as the text in UTF-16 code units,
/// the same for the same text, so that duplicates still show as such. What a token stood for cannot
/// be computed from it: it is a keyed hash (SipHash-2-4), and the key is random and forgotten with
/// the Redactor. The lengths stay, and texts of one or two characters may share a token.
class Redactor {
 public:
  using Key = std::array<uint64_t, 2>;

  /// With a key from the kernel's random numbers.
  Redactor();
  explicit Redactor(const Key& key) : key_(key) {}

  [[nodiscard]] std::string token(std::string_view utf8) const;

 private:
  Key key_;
};

}  // namespace corewalk

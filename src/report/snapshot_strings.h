#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace corewalk {

class Redactor;

/// The strings of a snapshot, each once, in the order they were first entered. Number 0 is taken by
/// "<dummy>", as in V8's files, and never handed out. Texts are UTF-8.
class SnapshotStrings {
 public:
  using Index = uint32_t;

  struct Options {
    /// Texts are cut after this many UTF-16 code units (V8: --heap-snapshot-string-limit).
    uint64_t limit_units = std::numeric_limits<uint64_t>::max();
    /// Makes tokens of the contents of strings; may be null.
    const Redactor* redactor = nullptr;
  };

  explicit SnapshotStrings(const Options& options);

  /// A name: of a class, a property, a variable, a root.
  [[nodiscard]] Index name(std::string_view text);
  /// What stands in a string of the program.
  [[nodiscard]] Index contents(std::string_view text);
  /// The same as text, for names that quote a string.
  [[nodiscard]] std::string contents_text(std::string_view text) const;

  /// No more of a string need be read.
  [[nodiscard]] uint64_t limit_units() const { return options_.limit_units; }

  /// Including "<dummy>".
  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  [[nodiscard]] std::string_view at(Index index) const;

 private:
  struct Slot {
    Index index = 0;    ///< 0: free
    uint32_t hash = 0;  ///< decides the place, and spares most comparisons
  };

  [[nodiscard]] uint32_t hash(std::string_view text) const;
  [[nodiscard]] const char* store(std::string_view text);
  void grow();

  Options options_;
  uint64_t seed_;
  /// Each points to a length (four bytes), then as many bytes.
  std::vector<const char*> entries_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

/// The longest beginning of `text` that is no longer than that in UTF-16 code units.
[[nodiscard]] std::string_view cut_to_units(std::string_view text, uint64_t units);
/// Length of UTF-8 text in UTF-16 code units; a byte that is not UTF-8 counts as one.
[[nodiscard]] uint64_t count_units(std::string_view text);

}  // namespace corewalk

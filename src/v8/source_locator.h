#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "v8/heap.h"
#include "v8/string_reader.h"

namespace corewalk::v8 {

/// A place in a program, as people write it.
struct SourceLocation {
  std::string file = {};  ///< the script's name: a path, a URL, "node:fs"
  uint32_t line = 0;      ///< from 1; 0: unknown
  uint32_t column = 0;    ///< from 1, in UTF-16 code units

  /// "/srv/app.js:22:41", as much of it as is known.
  [[nodiscard]] std::string text() const;
};

/// Turns offsets in scripts into lines and columns, and reads source text. Keeps the line ends of
/// each script it has seen. Not thread-safe.
class SourceLocator {
 public:
  explicit SourceLocator(const Heap& heap) : heap_(heap), strings_(heap) {}

  /// `offset` counts UTF-16 code units from the start of the script's source.
  [[nodiscard]] SourceLocation locate(Address script, uint32_t offset);
  [[nodiscard]] std::string file_of(Address script) const;

  /// The source from `begin` to `end`; absent if the script has none at hand.
  [[nodiscard]] std::optional<std::string> text(Address script, uint32_t begin, uint32_t end) const;
  /// The line (from 1) of the script's source that holds an offset; absent if it has no source.
  [[nodiscard]] std::optional<uint32_t> line_of(Address script, uint32_t offset);
  /// Offset at which a line (from 1) begins; absent beyond the end.
  [[nodiscard]] std::optional<uint32_t> line_start(Address script, uint32_t line);

 private:
  /// Offsets of the line ends, ascending.
  const std::vector<uint32_t>& line_ends(Address script);
  [[nodiscard]] std::vector<uint32_t> stored_line_ends(Address script) const;
  [[nodiscard]] std::vector<uint32_t> counted_line_ends(Address script) const;

  const Heap& heap_;
  StringReader strings_;
  std::map<Address, std::vector<uint32_t>> line_ends_;
};

}  // namespace corewalk::v8

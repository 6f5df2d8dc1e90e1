#pragma once

#include <string>

#include "v8/heap.h"

namespace corewalk::v8 {

/// Reads V8 strings of every representation into UTF-8. Iterative over cons trees, bounded in
/// length and in steps, and V8's own rules of which string may refer to which keep a hostile one
/// from going in circles: it can only come out short.
class StringReader {
 public:
  explicit StringReader(const Heap& heap) : heap_(heap) {}

  struct Text {
    std::string utf8;
    bool truncated = false;  ///< longer than the limit
    bool damaged = false;    ///< a part could not be read
  };

  /// The string at `string`, at most `max_units` UTF-16 code units of it. A Fault only if the
  /// object is no string at all.
  [[nodiscard]] Result<Text> read(Address string, uint64_t max_units) const {
    return read(string, 0, max_units);
  }
  /// The part of it that begins at unit `begin`.
  [[nodiscard]] Result<Text> read(Address string, uint64_t begin, uint64_t max_units) const;

  /// The string a tagged word points to, or absent if it points to none.
  [[nodiscard]] std::optional<std::string> read_word(TaggedWord word, uint64_t max_units) const;

  /// Length in UTF-16 code units.
  [[nodiscard]] Result<uint32_t> length(Address string) const {
    return heap_.read(string, heap_.layout().string.length, "string length");
  }

 private:
  struct Part {
    Address string;
    uint64_t begin;  // code units of `string` to skip
    uint64_t units;  // code units wanted
    unsigned max_rank;
  };
  class Sink;
  void read_part(const Part& part, Sink& sink, std::vector<Part>& todo) const;
  void read_flat(ByteView chars, bool one_byte, const Part& part, Sink& sink) const;

  const Heap& heap_;
};

}  // namespace corewalk::v8

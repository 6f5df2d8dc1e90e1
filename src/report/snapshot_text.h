#pragma once

#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>

#include "report/byte_sink.h"

namespace corewalk {

/// The text of a snapshot on its way to a sink, in blocks: numbers and strings in JSON as V8 writes
/// them.
class SnapshotText {
 public:
  explicit SnapshotText(ByteSink& sink)
      : sink_(sink), block_(new char[kBlockBytes]), at_(block_.get()) {}

  /// Room for that many bytes, at most kMaxRoom, to be filled from put() and number() on.
  void reserve(size_t bytes) {
    if (static_cast<size_t>(end() - at_) < bytes) flush();
  }
  void put(char byte) { *at_++ = byte; }
  void number(uint64_t value) {
    // Half of all numbers have one digit.
    if (value < 10) {
      put(static_cast<char>('0' + value));
    } else {
      at_ = std::to_chars(at_, end(), value).ptr;
    }
  }

  /// Any length, no room needed.
  void append(std::string_view text);
  /// The text in quotes. Characters outside of ASCII and controls become \uXXXX, in two if above
  /// U+FFFF (V8 14.6 and older write the low half of those only); bytes that are not UTF-8 become ?
  void append_string(std::string_view utf8);

  void flush();
  [[nodiscard]] uint64_t bytes() const {
    return flushed_bytes_ + static_cast<uint64_t>(at_ - block_.get());
  }

  static constexpr size_t kMaxRoom = 4096;

 private:
  static constexpr size_t kBlockBytes = size_t{1} << 20;
  [[nodiscard]] char* end() const { return block_.get() + kBlockBytes; }
  void escape(uint32_t code_unit);
  size_t append_special(std::string_view rest);

  ByteSink& sink_;
  std::unique_ptr<char[]> block_;
  char* at_;
  uint64_t flushed_bytes_ = 0;
};

}  // namespace corewalk

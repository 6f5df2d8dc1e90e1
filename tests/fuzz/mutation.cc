#include "fuzz/mutation.h"

#include <algorithm>
#include <cstring>

namespace corewalk::fuzz {
namespace {

constexpr size_t kMaxSteps = 64;
constexpr uint64_t kPageBytes = 4096;

/// Values that are likely to hurt as a length, a count, an offset or a pointer.
constexpr uint64_t kNasty[] = {0,
                               1,
                               2,
                               3,
                               0xff,
                               0x7fffffff,
                               0xffffffff,
                               0x7fffffff00000000,
                               0xffffffff00000000,
                               0x8000000000000000,
                               0xfffffffffffffff9,
                               0xffffffffffffffff,
                               0x0000010000000000,
                               0x0000040000000000,
                               0x0000000000040000,
                               0x00007fffffffffff};

}  // namespace

uint64_t InputReader::number(size_t bytes) {
  uint64_t value = 0;
  const size_t taken = std::min(bytes, rest_.size());
  std::memcpy(&value, rest_.data(), taken);
  rest_ = rest_.subspan(taken);
  return value;
}

Mutation::Mutation(TargetImage& image, InputReader& input)
    : image_(image), cut_(image.size_bytes()) {
  for (size_t step = 0; step < kMaxSteps && !input.empty(); ++step) apply(input);
}

Mutation::~Mutation() {
  // Backwards: what a later step overwrote may be an earlier step's work.
  while (!undo_.empty()) {
    const auto& [offset, bytes] = undo_.back();
    std::copy(bytes.begin(), bytes.end(), image_.from(offset).begin());
    undo_.pop_back();
  }
}

uint64_t Mutation::place(InputReader& input) const {
  return input.number(4) % image_.size_bytes() & ~uint64_t{7};
}

void Mutation::write(uint64_t offset, std::span<const std::byte> bytes) {
  const auto target = image_.from(offset);
  const size_t size = std::min(bytes.size(), target.size());
  undo_.emplace_back(offset,
                     test::Bytes(target.begin(), target.begin() + static_cast<ptrdiff_t>(size)));
  std::copy_n(bytes.begin(), size, target.begin());
}

void Mutation::write_word(uint64_t offset, uint64_t word) {
  write(offset, std::as_bytes(std::span(&word, 1)));
}

uint64_t Mutation::word_at(uint64_t offset) {
  uint64_t word = 0;
  const auto bytes = image_.from(offset);
  std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof word));
  return word;
}

void Mutation::apply(InputReader& input) {
  enum Kind : uint8_t { kFlip, kNastyWord, kWord, kZeroPage, kSwap, kCopy, kAdd, kHole, kCut };
  constexpr uint64_t kKinds = 9;
  const uint64_t choice = input.number(1);
  const uint64_t at = place(input);
  switch (static_cast<Kind>(choice % kKinds)) {
    case kFlip:
      return write_word(at, word_at(at) ^ uint64_t{1} << (input.number(1) % 64));
    case kNastyWord:
      return write_word(at, kNasty[input.number(1) % std::size(kNasty)]);
    case kWord:
      return write_word(at, input.number(8));
    case kZeroPage:
      return write(at, test::Bytes(kPageBytes));
    case kSwap: {
      const uint64_t other = place(input);
      const uint64_t word = word_at(at);
      write_word(at, word_at(other));
      return write_word(other, word);
    }
    case kCopy:
      return write_word(at, word_at(place(input)));
    case kAdd: {
      const auto delta = static_cast<int8_t>(input.number(1));
      return write_word(at, word_at(at) + static_cast<uint64_t>(int64_t{delta}));
    }
    case kHole:
      return holes_.push_back(at);
    case kCut:
      // Most cuts would leave no heap: only every fourth one is taken.
      if (input.number(1) % 4 == 0) cut_ = std::min(cut_, at);
      return;
  }
}

}  // namespace corewalk::fuzz

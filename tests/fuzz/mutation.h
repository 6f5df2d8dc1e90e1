#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "fuzz/target_image.h"

namespace corewalk::fuzz {

/// Reads small numbers off a fuzzer's input; zeros behind its end.
class InputReader {
 public:
  explicit InputReader(std::span<const uint8_t> input) : rest_(input) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  uint64_t number(size_t bytes);

 private:
  std::span<const uint8_t> rest_;
};

/// Damage done to an image as an input describes it, undone by the destructor.
class Mutation {
 public:
  Mutation(TargetImage& image, InputReader& input);
  ~Mutation();
  Mutation(const Mutation&) = delete;
  Mutation& operator=(const Mutation&) = delete;

  [[nodiscard]] uint64_t cut() const { return cut_; }
  [[nodiscard]] std::span<const uint64_t> holes() const { return holes_; }

 private:
  void apply(InputReader& input);
  [[nodiscard]] uint64_t place(InputReader& input) const;
  void write(uint64_t offset, std::span<const std::byte> bytes);
  void write_word(uint64_t offset, uint64_t word);
  [[nodiscard]] uint64_t word_at(uint64_t offset);

  TargetImage& image_;
  uint64_t cut_;
  std::vector<uint64_t> holes_;
  std::vector<std::pair<uint64_t, test::Bytes>> undo_;
};

}  // namespace corewalk::fuzz

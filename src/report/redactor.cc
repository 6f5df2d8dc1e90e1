#include "report/redactor.h"

#include <bit>
#include <cstring>

#include "report/random_key.h"
#include "report/snapshot_strings.h"

namespace corewalk {
namespace {

/// SipHash-2-4 (Aumasson and Bernstein, 2012).
class SipHash {
 public:
  explicit SipHash(const Redactor::Key& key)
      : v0_(key[0] ^ 0x736f6d6570736575ULL),
        v1_(key[1] ^ 0x646f72616e646f6dULL),
        v2_(key[0] ^ 0x6c7967656e657261ULL),
        v3_(key[1] ^ 0x7465646279746573ULL) {}

  uint64_t operator()(std::string_view text) {
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) compress(load(at, 8));
    compress((uint64_t{text.size()} << 56) | load(at, left));
    v2_ ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  static uint64_t load(const char* bytes, size_t size) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, size);
    return word;
  }

  void compress(uint64_t word) {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }

  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_, v1_, v2_, v3_;
};

/// 13 letters of five bits; the last has but four.
constexpr size_t kWordLetters = 13;
constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";

}  // namespace

Redactor::Redactor() : key_(random_key()) {}

std::string Redactor::token(std::string_view utf8) const {
  std::string word;
  uint64_t bits = SipHash(key_)(utf8);
  for (size_t i = 0; i < kWordLetters; ++i, bits >>= 5) word += kLetters[bits & 31U];
  std::string token;
  const uint64_t units = count_units(utf8);
  token.reserve(units);
  while (token.size() + kWordLetters <= units) token += word;
  return token + word.substr(0, units - token.size());
}

}  // namespace corewalk

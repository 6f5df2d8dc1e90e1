#include "report/snapshot_strings.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "report/random_key.h"
#include "report/redactor.h"

namespace corewalk {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;
constexpr size_t kFirstSlots = 1 << 12;
constexpr size_t kLengthBytes = sizeof(uint32_t);
/// More than V8 lets a string have, in UTF-8: what is longer is cut.
constexpr size_t kMaxBytes = size_t{1} << 31;

uint64_t load(const char* bytes, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

/// Code units of the character that begins with this byte; a byte inside of one counts none.
unsigned units_of(char byte) {
  if (is_continuation(byte)) return 0;
  return static_cast<unsigned char>(byte) >= 0xF0 ? 2 : 1;
}

}  // namespace

uint64_t count_units(std::string_view text) {
  uint64_t units = 0;
  for (const char byte : text) units += units_of(byte);
  return units;
}

std::string_view cut_to_units(std::string_view text, uint64_t units) {
  if (text.size() <= units) return text;
  uint64_t left = units;
  for (size_t at = 0; at < text.size(); ++at) {
    const unsigned wanted = units_of(text[at]);
    if (wanted > left) return text.substr(0, at);
    left -= wanted;
  }
  return text;
}

SnapshotStrings::SnapshotStrings(const Options& options)
    : options_(options), seed_(random_key()[0]), slots_(kFirstSlots) {
  entries_.push_back(store("<dummy>"));
}

/// Seeded, so that no heap can be made whose strings all fall into one place.
uint32_t SnapshotStrings::hash(std::string_view text) const {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15ULL;
  constexpr size_t kWord = sizeof(uint64_t);
  uint64_t state = seed_ ^ text.size();
  const char* at = text.data();
  size_t left = text.size();
  for (; left > kWord; at += kWord, left -= kWord) {
    state = std::rotl(state ^ load(at, kWord), 27) * kFactor;
  }
  state = (state ^ load(at, left)) * kFactor;
  state = (state ^ (state >> 32)) * kFactor;
  return static_cast<uint32_t>(state >> 32);
}

const char* SnapshotStrings::store(std::string_view text) {
  const size_t size = kLengthBytes + text.size();
  if (size > free_bytes_) {
    const size_t block = std::max(size, kBlockBytes);
    // A long text gets a block of its own; the one in use goes on.
    blocks_.push_back(std::unique_ptr<char[]>(new char[block]));
    if (size > kBlockBytes / 2 && free_bytes_ != 0) {
      char* const alone = blocks_.back().get();
      const auto length = static_cast<uint32_t>(text.size());
      std::memcpy(alone, &length, kLengthBytes);
      std::memcpy(alone + kLengthBytes, text.data(), text.size());
      return alone;
    }
    free_ = blocks_.back().get();
    free_bytes_ = block;
  }
  char* const place = free_;
  const auto length = static_cast<uint32_t>(text.size());
  std::memcpy(place, &length, kLengthBytes);
  std::memcpy(place + kLengthBytes, text.data(), text.size());
  free_ += size;
  free_bytes_ -= size;
  return place;
}

std::string_view SnapshotStrings::at(Index index) const {
  const char* const entry = entries_[index];
  uint32_t length = 0;
  std::memcpy(&length, entry, kLengthBytes);
  return {entry + kLengthBytes, length};
}

void SnapshotStrings::grow() {
  std::vector<Slot> slots(slots_.size() * 2);
  const uint64_t mask = slots.size() - 1;
  for (const Slot& entry : slots_) {
    if (entry.index == 0) continue;
    uint64_t slot = entry.hash & mask;
    while (slots[slot].index != 0) slot = (slot + 1) & mask;
    slots[slot] = entry;
  }
  slots_.swap(slots);
}

SnapshotStrings::Index SnapshotStrings::name(std::string_view text) {
  const std::string_view wanted = cut_to_units(text, options_.limit_units).substr(0, kMaxBytes);
  const uint32_t key = hash(wanted);
  const uint64_t mask = slots_.size() - 1;
  uint64_t slot = key & mask;
  for (; slots_[slot].index != 0; slot = (slot + 1) & mask) {
    if (slots_[slot].hash == key && at(slots_[slot].index) == wanted) return slots_[slot].index;
  }
  const Index index = size();
  entries_.push_back(store(wanted));
  slots_[slot] = {index, key};
  if (entries_.size() * 2 > slots_.size()) grow();
  return index;
}

std::string SnapshotStrings::contents_text(std::string_view text) const {
  const std::string_view wanted = cut_to_units(text, options_.limit_units);
  return options_.redactor == nullptr ? std::string(wanted) : options_.redactor->token(wanted);
}

SnapshotStrings::Index SnapshotStrings::contents(std::string_view text) {
  return options_.redactor == nullptr ? name(text) : name(contents_text(text));
}

}  // namespace corewalk

// The initial stack, from low to high addresses (x86-64 and AArch64 ABI supplements):
//
//   argc | argv[0..argc-1] | 0 | envp[0..] | 0 | auxv pairs ... AT_NULL | random bytes | strings
//
// NT_AUXV repeats the pairs but not where they lie. AT_RANDOM points at the random bytes, so the
// pairs are found by looking for the pair (AT_RANDOM, that address) below it, and the rest by
// walking down from there.

#include "elf/initial_stack.h"

#include <elf.h>

#include <algorithm>

#include "elf/byte_cursor.h"

namespace corewalk {
namespace {

constexpr uint64_t kWord = sizeof(uint64_t);
constexpr uint64_t kPair = 2 * kWord;
constexpr uint64_t kSearchBytes = 8192;                    // auxv is a few hundred bytes long
constexpr uint64_t kLongestString = uint64_t{128} * 1024;  // MAX_ARG_STRLEN of Linux
constexpr uint64_t kMostText = uint64_t{8} << 20;          // more than execve takes
constexpr size_t kMostPointers = 1 << 20;

using Auxv = std::map<uint64_t, uint64_t>;

/// True if the words at `at` are a pair of `auxv`.
bool is_pair(const AddressSpace& memory, Address at, const Auxv& auxv) {
  const auto type = memory.read<uint64_t>(at);
  const auto value = memory.read<uint64_t>(at + kWord);
  if (!type || !value) return false;
  const auto known = auxv.find(*type);
  return known != auxv.end() && known->second == *value;
}

/// Where the auxiliary vector begins on the stack.
std::optional<Address> find_auxv(const AddressSpace& memory, const Auxv& auxv) {
  const auto random = auxv.find(AT_RANDOM);
  if (random == auxv.end()) return std::nullopt;
  const Address top = Address(random->second).align_down(kWord);
  for (uint64_t down = kPair; down <= kSearchBytes; down += kWord) {
    Address at = top - down;
    const auto type = memory.read<uint64_t>(at);
    if (!type) return std::nullopt;
    if (*type != AT_RANDOM || !is_pair(memory, at, auxv)) continue;
    while (is_pair(memory, at - kPair, auxv)) at = at - kPair;
    return at;
  }
  return std::nullopt;
}

/// Reads a list of pointers downwards. `*end` is just above its terminating 0 and is moved to its
/// first element; the list ends where a word is no pointer above `strings`.
std::optional<std::vector<Address>> pointers_below(const AddressSpace& memory, Address strings,
                                                   Address* end) {
  const auto terminator = memory.read<uint64_t>(*end - kWord);
  if (!terminator || *terminator != 0) return std::nullopt;
  *end = *end - kWord;
  std::vector<Address> pointers;
  while (pointers.size() < kMostPointers) {
    const auto word = memory.read<uint64_t>(*end - kWord);
    if (!word) return std::nullopt;
    if (Address(*word) < strings) break;
    pointers.emplace_back(*word);
    *end = *end - kWord;
  }
  std::reverse(pointers.begin(), pointers.end());
  return pointers;
}

std::vector<std::string> read_strings(const AddressSpace& memory,
                                      const std::vector<Address>& pointers, uint64_t* budget) {
  std::vector<std::string> strings;
  for (const Address pointer : pointers) {
    const auto bytes = memory.view_prefix(pointer, std::min(kLongestString, *budget));
    strings.emplace_back(bytes ? fixed_text(bytes->bytes()) : std::string_view());
    *budget -= std::min<uint64_t>(*budget, strings.back().size() + 1);
    if (*budget == 0) break;
  }
  return strings;
}

}  // namespace

std::optional<InitialStack> read_initial_stack(const AddressSpace& memory, const Auxv& auxv) {
  const std::optional<Address> auxv_begin = find_auxv(memory, auxv);
  if (!auxv_begin) return std::nullopt;
  Address cursor = *auxv_begin;
  const auto environment = pointers_below(memory, *auxv_begin, &cursor);
  if (!environment) return std::nullopt;
  const auto arguments = pointers_below(memory, *auxv_begin, &cursor);
  if (!arguments) return std::nullopt;
  const auto count = memory.read<uint64_t>(cursor - kWord);
  if (!count || *count != arguments->size()) return std::nullopt;

  uint64_t budget = kMostText;
  InitialStack stack;
  stack.arguments = read_strings(memory, *arguments, &budget);
  stack.environment = read_strings(memory, *environment, &budget);
  return stack;
}

}  // namespace corewalk

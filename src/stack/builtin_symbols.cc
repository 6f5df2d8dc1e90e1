#include "stack/builtin_symbols.h"

#include <algorithm>

namespace corewalk {
namespace {

using v8::kWordBytes;

/// No isolate is longer: Isolate::embedded_blob_code_ lies in its last quarter.
constexpr uint64_t kMaxIsolateBytes = 0x20000;

}  // namespace

BuiltinSymbols::BuiltinSymbols(const v8::Heap& heap, const SymbolSource& symbols)
    : symbols_(symbols) {
  const auto blob = symbols.find("v8_Default_embedded_blob_code_");
  const auto size_place = symbols.find("v8_Default_embedded_blob_code_size_");
  if (!blob || !size_place) return;
  const auto size = heap.memory().read<uint32_t>(size_place->address, "size of the builtins");
  if (!size || *size == 0) return;
  original_ = AddressRange(blob->address, uint64_t{*size});
  for (const v8::Isolate& isolate : heap.isolates()) {
    const auto copy = find_copy(heap, isolate);
    const bool known = copy && std::find(copies_.begin(), copies_.end(), *copy) != copies_.end();
    if (copy && !known) copies_.push_back(*copy);
  }
}

// The isolate keeps where its builtins are and, in the next word, how many bytes; where it does so
// differs with every release. The copy is often the program's file, mapped a second time, of which
// a core holds nothing; what it does hold has to be the same.
std::optional<Address> BuiltinSymbols::find_copy(const v8::Heap& heap,
                                                 const v8::Isolate& isolate) const {
  const auto first = heap.memory().read<uint64_t>(original_.begin(), "builtins");
  if (!first) return {};
  const auto size = static_cast<uint32_t>(original_.size());
  for (uint64_t offset = 0; offset < kMaxIsolateBytes; offset += kWordBytes) {
    const Address place = isolate.address + offset;
    const auto stated = heap.memory().read<uint32_t>(place + kWordBytes, "size of the builtins");
    if (!stated || *stated != size) continue;
    const auto start = heap.memory().read<uint64_t>(place, "start of the builtins");
    if (!start || *start == original_.begin().value()) continue;
    const Segment* segment = heap.memory().find_segment(Address(*start));
    if (segment == nullptr || segment->range.end() - Address(*start) < size) continue;
    const auto copied = heap.memory().read<uint64_t>(Address(*start), "copy of the builtins");
    if (!copied || *copied == *first) return Address(*start);
  }
  return {};
}

std::optional<std::string> BuiltinSymbols::name_at_return(Address pc) const {
  // A call may be a function's last instruction, so its return address may be the next one's.
  Address inside = pc - 1;
  for (const Address copy : copies_) {
    if (!AddressRange(copy, original_.size()).contains(inside)) continue;
    inside = original_.begin() + (inside - copy);
    break;
  }
  const auto symbol = symbols_.find_containing(inside);
  return symbol ? std::optional(std::string(symbol->name)) : std::nullopt;
}

}  // namespace corewalk

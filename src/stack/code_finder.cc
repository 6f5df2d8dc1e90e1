#include "stack/code_finder.h"

#include <algorithm>

#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::kWordBytes;
using v8::ObjectView;

/// The Code of the object that instructions lie in: itself, or beside it since V8 11.
Result<ObjectView> code_of(const ObjectView& holder) {
  return holder.is("InstructionStream") ? holder.object("code") : Result<ObjectView>(holder);
}

Result<int64_t> first_instruction(const ObjectView& code) {
  for (const char* field : {"instruction_start", "code_entry_point"}) {
    if (code.has(field)) return code.number(field);
  }
  return static_cast<int64_t>((code.address() + code.type().size.header).value());
}

std::optional<CodeAt> code_in(const ObjectView& holder, Address pc) {
  const auto code = code_of(holder);
  if (!code || !code->is("Code")) return {};
  const auto start = first_instruction(*code);
  const auto size = code->number("instruction_size");
  if (!start || !size || *size < 0) return {};
  const AddressRange range(Address(static_cast<uint64_t>(*start)), static_cast<uint64_t>(*size));
  // A call may be the last instruction: then its return address is the end.
  if (pc <= range.begin() || pc > range.end()) return {};
  const int64_t kind = code->bits("flags", "kind").value_or(0);
  return CodeAt{*code, std::string(holder.heap().layout().enum_name("CodeKind", kind)),
                range.begin(), range.size()};
}

}  // namespace

std::optional<CodeAt> find_code(const v8::Heap& heap, Address pc) {
  const v8::HeapPage* page = heap.page_of(pc);
  if (page == nullptr) return {};
  constexpr uint64_t kMaxDistance = uint64_t{1} << 24;  // no function is longer
  const Address first = std::max(page->area.begin(), pc - kMaxDistance);
  for (Address at = pc.align_down(kWordBytes); at >= first; at = at - kWordBytes) {
    const auto word = heap.read<v8::TaggedWord>(at, 0, "map of code");
    if (!word || !v8::is_strong(*word) || !heap.is_map(v8::untag(*word))) continue;
    const auto holder = ObjectView::load(heap, at);
    if (!holder || (!holder->is("InstructionStream") && !holder->is("Code"))) continue;
    return code_in(*holder, pc);
  }
  return {};
}

}  // namespace corewalk

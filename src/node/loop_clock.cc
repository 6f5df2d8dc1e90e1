#include "node/loop_clock.h"

#include <algorithm>

#include "node/native_object.h"

namespace corewalk {
namespace {

/// An Environment is some kilobytes large (src/env.h, Node 12 to 26: 0xc00 to 0x1000).
constexpr uint64_t kMaxEnvironmentBytes = 0x1800;
constexpr uint64_t kWord = v8::kWordBytes;

/// Environment::immediate_check_handle_, which is always started, known by its callback; and the
/// bytes that hold it.
struct CheckHandle {
  ByteView environment;
  uint64_t offset = 0;
};

std::optional<CheckHandle> find_check_handle(const v8::Heap& heap, const SymbolSource& symbols,
                                             const Environment& environment) {
  const auto callback = symbols.find("_ZN4node11Environment14CheckImmediateEP10uv_check_s");
  const auto bytes = heap.memory().view_prefix(environment.address, kMaxEnvironmentBytes);
  const auto type = heap.layout().classes.find("uv_check_t");
  if (!callback || !bytes || type == heap.layout().classes.end()) return {};
  const v8::ClassField* field = v8::Layout::field(&type->second, "check_cb");
  if (field == nullptr) return {};
  for (uint64_t at = field->offset; at + kWord <= bytes->size(); at += kWord) {
    if (bytes->read<uint64_t>(at).value_or(0) == callback->address.value()) {
      return CheckHandle{*bytes, at - field->offset};
    }
  }
  return {};
}

std::optional<int64_t> time_of_loop(const v8::Heap& heap, Address handle) {
  const NativeObject view(heap.memory(), heap.layout(), "uv_handle_t", handle);
  const auto loop = view.pointer("loop");
  if (!loop) return {};
  const auto time = NativeObject(heap.memory(), heap.layout(), "uv_loop_t", *loop).number("time");
  return time && *time > 0 ? time : std::nullopt;
}

}  // namespace

// Environment::timer_base_ lies somewhere behind that handle; the offset differs from release to
// release. It is the latest of the words that can be it: no timer starts in the future. Another
// word would have to lie between the true one and the start of the youngest timer, on the scale of
// milliseconds since the machine started.
std::optional<LoopClock> find_loop_clock(const v8::Heap& heap, const SymbolSource& symbols,
                                         const Environment& environment, int64_t latest_start) {
  const auto handle = find_check_handle(heap, symbols, environment);
  if (!handle) return {};
  const auto time = time_of_loop(heap, environment.address + handle->offset);
  if (!time) return {};
  int64_t start = 0;
  const ByteView& bytes = handle->environment;
  for (uint64_t at = handle->offset; at + kWord <= bytes.size(); at += kWord) {
    const auto word = static_cast<int64_t>(bytes.read<uint64_t>(at).value_or(0));
    if (word > 0 && word <= *time - latest_start) start = std::max(start, word);
  }
  if (start == 0) return {};
  return LoopClock{.time = *time, .timer_start = start};
}

std::optional<int64_t> find_loop_time(const v8::Heap& heap, const SymbolSource& symbols,
                                      const Environment& environment) {
  const auto handle = find_check_handle(heap, symbols, environment);
  return handle ? time_of_loop(heap, environment.address + handle->offset) : std::nullopt;
}

}  // namespace corewalk

#include "stack/frame_walker.h"

#include <fmt/format.h>

#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::kWordBytes;

/// More than fit on the largest stack that anybody gives a thread.
constexpr size_t kMaxFrames = 1'000'000;

}  // namespace

bool is_exit(std::string_view frame_type) {
  return frame_type.find("Exit") != std::string_view::npos;
}

bool is_entry(std::string_view frame_type) {
  return frame_type == "Entry" || frame_type == "ConstructEntry";
}

std::optional<RawFrame> FrameWalker::frame_at(Address fp, std::optional<Address> pc) const {
  if (!fp.is_aligned(kWordBytes) || !stack_.contains({fp - kWordBytes, fp + 2 * kWordBytes})) {
    return {};
  }
  const auto marker = heap_.memory().read<uint64_t>(fp - kWordBytes, "type of a frame");
  if (!marker) return {};
  RawFrame frame{.fp = fp, .pc = pc, .marker = *marker};
  if (v8::is_smi(*marker)) {
    const uint64_t number = *marker >> 1;
    constexpr uint64_t kMaxType = 0xFF;
    if (number > kMaxType) return {};
    frame.type = heap_.layout().enum_name("FrameType", static_cast<int64_t>(number));
    return frame.type.empty() ? std::nullopt : std::optional(frame);
  }
  const v8::TypeTag tag = heap_.tag_of(heap_.moved_to(v8::untag(*marker)));
  const bool is_context = tag == v8::TypeTag::kContext || tag == v8::TypeTag::kNativeContext;
  return is_context ? std::optional(frame) : std::nullopt;
}

bool FrameWalker::is_exit_frame(Address fp) const {
  const auto frame = frame_at(fp, std::nullopt);
  return frame && is_exit(frame->type);
}

FrameWalker::Segment FrameWalker::walk_to_entry(Address fp, std::optional<Address> pc) const {
  Segment segment;
  while (segment.frames.size() < kMaxFrames) {
    const auto frame = frame_at(fp, pc);
    if (!frame) {
      segment.problem = fmt::format("no frame at 0x{:x}", fp.value());
      return segment;
    }
    segment.frames.push_back(*frame);
    const bool entry = is_entry(frame->type);
    const auto next = heap_.memory().read<uint64_t>(
        entry ? fp - heap_.layout().frame.next_exit : fp, "frame pointer");
    const auto caller = heap_.memory().read<uint64_t>(fp + kWordBytes, "return address");
    if (!next || !caller) {
      segment.problem = fmt::format("the frame at 0x{:x} is not in the core", fp.value());
      return segment;
    }
    if (entry && *next == 0) return segment;
    if (*next <= fp.value()) {
      segment.problem = fmt::format("the frame at 0x{:x} is damaged", fp.value());
      return segment;
    }
    if (entry) {
      segment.next_exit = Address(*next);
      return segment;
    }
    fp = Address(*next);
    pc = Address(*caller);
  }
  segment.problem = fmt::format("more than {} frames", kMaxFrames);
  return segment;
}

FrameWalker::Walk FrameWalker::walk(Address fp, std::optional<Address> pc) const {
  Walk walk;
  while (walk.frames.size() < kMaxFrames) {
    const Segment segment = walk_to_entry(fp, pc);
    walk.frames.insert(walk.frames.end(), segment.frames.begin(), segment.frames.end());
    walk.problem = segment.problem;
    if (!segment.next_exit || !walk.problem.empty()) return walk;
    fp = *segment.next_exit;
    pc = std::nullopt;
  }
  walk.problem = fmt::format("more than {} frames", kMaxFrames);
  return walk;
}

}  // namespace corewalk

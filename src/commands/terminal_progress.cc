#include "commands/terminal_progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace corewalk {
namespace {

constexpr std::chrono::milliseconds kFirstDraw{500};
constexpr std::chrono::milliseconds kRedraw{100};

}  // namespace

TerminalProgress::TerminalProgress(bool show, std::function<bool()> is_interrupted)
    : show_(show), is_interrupted_(std::move(is_interrupted)) {
  next_draw_ = (Clock::now() + kFirstDraw).time_since_epoch().count();
}

TerminalProgress::~TerminalProgress() { erase(); }

void TerminalProgress::begin(std::string_view stage, uint64_t total) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
  total_ = total;
  done_ = 0;
}

void TerminalProgress::advance(uint64_t units) {
  done_ += units;
  if (!show_) return;
  const Clock::time_point now = Clock::now();
  if (now.time_since_epoch().count() < next_draw_.load(std::memory_order_relaxed)) return;
  // One thread draws; the others go on.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  next_draw_ = (now + kRedraw).time_since_epoch().count();
  draw();
}

void TerminalProgress::end() { erase(); }

void TerminalProgress::draw() {
  const uint64_t total = total_;
  const uint64_t done = done_;
  std::string line = stage_;
  if (total != 0) line += fmt::format(" {} %", done >= total ? 100 : done * 100 / total);
  fmt::print(stderr, "\r\x1b[K{}", line);
  std::fflush(stderr);
  is_drawn_ = true;
}

void TerminalProgress::erase() {
  const std::lock_guard lock(mutex_);
  if (!is_drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  is_drawn_ = false;
}

}  // namespace corewalk

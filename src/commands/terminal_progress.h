#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "base/progress.h"

namespace corewalk {

/// Draws one line on standard error while something takes long, and takes it away at the end. The
/// first half second shows nothing.
class TerminalProgress final : public Progress {
 public:
  /// `show` is false when standard error is no terminal. `is_interrupted` must be callable from any
  /// thread.
  TerminalProgress(bool show, std::function<bool()> is_interrupted);
  ~TerminalProgress() override;

  void begin(std::string_view stage, uint64_t total) override;
  void advance(uint64_t units) override;
  void end() override;
  [[nodiscard]] bool interrupted() const override { return is_interrupted_(); }

 private:
  using Clock = std::chrono::steady_clock;

  void draw();
  void erase();

  const bool show_;
  const std::function<bool()> is_interrupted_;
  std::mutex mutex_;  // guards what follows, but the atomics
  std::string stage_;
  std::atomic<uint64_t> total_ = 0;
  std::atomic<uint64_t> done_ = 0;
  std::atomic<Clock::rep> next_draw_ = 0;
  bool is_drawn_ = false;
};

}  // namespace corewalk

#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace corewalk {

/// How a long computation tells its host how far it is, and asks whether to stop. Implementations
/// must be callable from any thread.
class Progress {
 public:
  virtual ~Progress() = default;
  /// A stage of `total` units (pages, bytes) begins.
  virtual void begin(std::string_view stage, uint64_t total) = 0;
  virtual void advance(uint64_t units) = 0;
  virtual void end() = 0;
  /// True once the user asked to stop (Ctrl-C). Long loops poll it every few thousand steps.
  [[nodiscard]] virtual bool interrupted() const = 0;
};

/// Shows nothing and never stops.
class NoProgress final : public Progress {
 public:
  void begin(std::string_view /*stage*/, uint64_t /*total*/) override {}
  void advance(uint64_t /*units*/) override {}
  void end() override {}
  [[nodiscard]] bool interrupted() const override { return false; }
};

}  // namespace corewalk

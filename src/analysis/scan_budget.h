#pragma once

#include <atomic>
#include <cstdint>

namespace corewalk {

/// A bound on work that a damaged or hostile heap can multiply: a million strings may all claim the
/// same gigabyte. Shared by threads.
class ScanBudget {
 public:
  explicit ScanBudget(int64_t units) : left_(units) {}

  /// False once more was asked for than there is.
  [[nodiscard]] bool take(uint64_t units) {
    if (left_.load(std::memory_order_relaxed) <= 0) return false;
    left_.fetch_sub(static_cast<int64_t>(units), std::memory_order_relaxed);
    return true;
  }
  [[nodiscard]] bool is_spent() const { return left_.load(std::memory_order_relaxed) <= 0; }

 private:
  std::atomic<int64_t> left_;
};

/// Characters that one search looks at: more than the largest heap holds.
inline constexpr int64_t kMaxScannedUnits = int64_t{1} << 36;

}  // namespace corewalk

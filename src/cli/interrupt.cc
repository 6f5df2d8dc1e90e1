#include "cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace corewalk {
namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

extern "C" void on_interrupt(int /*signal*/) { interrupted = true; }

}  // namespace

void catch_interrupts() {
  interrupted = false;
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  // Default again after the first one; and a blocking read of the prompt ends.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
}

bool is_interrupted() { return interrupted.load(std::memory_order_relaxed); }

}  // namespace corewalk

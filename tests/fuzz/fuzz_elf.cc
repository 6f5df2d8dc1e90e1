// Bytes taken as a core file: its container, its notes, and the executable it names.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/failure.h"
#include "elf/notes.h"
#include "elf/process_image.h"

namespace corewalk::fuzz {
namespace {

/// A file without a place in any folder.
class MemoryFile {
 public:
  explicit MemoryFile(std::span<const uint8_t> bytes) : descriptor_(memfd_create("core", 0)) {
    if (descriptor_ < 0 ||
        ::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      std::perror("memfd");
      std::abort();
    }
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void read_everything(const ProcessImage& process) {
  uint64_t sum = 0;
  for (const Segment& segment : process.memory().segments()) {
    if (segment.residency != Residency::kPresent) continue;
    const auto view = process.memory().view(segment.range);
    if (!view) std::abort();  // a present segment can be read
    for (const std::byte byte : view->bytes()) sum += std::to_integer<uint64_t>(byte);
  }
  volatile uint64_t sink = sum;
  (void)sink;
  for (const Symbol& symbol : process.symbols().with_prefix("v8dbg_")) {
    (void)process.symbols().find(symbol.name);
    (void)process.memory().read<uint64_t>(symbol.address);
  }
  (void)process.symbols().find_containing(
      process.info().threads.empty() ? Address() : process.info().threads.front().pc);
}

void run(std::span<const uint8_t> bytes) {
  CoreNotes notes;
  parse_core_notes(std::as_bytes(bytes), 4, Machine::kX86_64, &notes);
  const MemoryFile file(bytes);
  BinarySearch search;  // nowhere: only what the core itself holds
  try {
    read_everything(ProcessImage::open(file.path(), search));
  } catch (const Failure&) {  // an answer: not a core, and why
  }
}

}  // namespace
}  // namespace corewalk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  corewalk::fuzz::run({data, size});
  return 0;
}

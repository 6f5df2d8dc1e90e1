// Mutated heaps: the sample heap of every layout and, if COREWALK_FUZZ_CORES names core files
// (separated by ':'), those. The first byte of an input chooses one, the second whether to go on
// with a layout that fails its checks; the rest is the damage (mutation.h).

#include <tbb/global_control.h>

#include <cstdlib>
#include <sstream>

#include "fuzz/examine.h"
#include "fuzz/mutation.h"
#include "support/heap_builder.h"

namespace corewalk::fuzz {
namespace {

std::vector<TargetImage> make_images() {
  std::vector<TargetImage> images;
  const char* const cores = std::getenv("COREWALK_FUZZ_CORES");
  std::istringstream list(cores == nullptr ? "" : cores);
  for (std::string core; std::getline(list, core, ':');) {
    images.push_back(TargetImage::of_core(core));
    std::fprintf(stderr, "%s: %llu KiB to mutate\n", core.c_str(),
                 static_cast<unsigned long long>(images.back().size_bytes() >> 10));
  }
  if (!images.empty()) return images;
  for (size_t i = 0; i < test::all_layouts().size(); ++i) {
    images.push_back(TargetImage::of_sample(i));
  }
  return images;
}

void run(std::span<const uint8_t> bytes) {
  // One thread: the same input must take the same way.
  static const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
  static std::vector<TargetImage> images = make_images();
  InputReader input(bytes);
  TargetImage& image = images[input.number(1) % images.size()];
  const bool force = input.number(1) % 4 != 0;
  const Mutation mutation(image, input);
  NoProgress progress;
  examine(*image.open(mutation.cut(), mutation.holes(), force, progress), progress);
}

}  // namespace
}  // namespace corewalk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  corewalk::fuzz::run({data, size});
  return 0;
}

// Lines behind those of a built-in layout file, as --layout would take them; then the layout is
// used on a heap: a wrong one is refused or reads nonsense, but reads it within bounds. The first
// byte chooses file and heap.

#include <tbb/global_control.h>

#include <string>

#include "analysis/census_walk.h"
#include "analysis/page_audit.h"
#include "base/failure.h"
#include "node/process_object.h"
#include "support/sample_heap.h"
#include "v8/layout_check.h"
#include "v8/layout_library.h"
#include "v8/size_calibration.h"

namespace corewalk::fuzz {
namespace {

struct Sample {
  explicit Sample(const v8::Layout& layout) : build(layout) {
    test::add_sample_objects(build);
    memory = build.memory();
  }
  test::HeapBuilder build;
  std::unique_ptr<SegmentedMemory> memory;
};

std::vector<std::unique_ptr<Sample>> make_samples() {
  std::vector<std::unique_ptr<Sample>> samples;
  for (const auto& layout : test::all_layouts()) {
    samples.push_back(std::make_unique<Sample>(*layout));
  }
  return samples;
}

void run(std::span<const uint8_t> bytes) {
  static const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
  static const auto samples = make_samples();
  if (bytes.empty()) return;
  const size_t index = bytes[0] % samples.size();
  const Sample& sample = *samples[index];
  std::string text(v8::built_in_layouts()[index].text);
  text.append(reinterpret_cast<const char*>(bytes.data()) + 1, bytes.size() - 1);
  std::unique_ptr<v8::Layout> layout;
  try {
    layout = v8::LayoutLibrary::parse("fuzz.layout", text);
  } catch (const Failure&) {  // an answer: what is wrong with the file
    return;
  }
  NoProgress progress;
  const auto heap = v8::Heap::find(*sample.memory, *layout, progress);
  (void)v8::calibrate_sizes(*layout, *heap);
  (void)v8::check_layout(*heap);
  (void)audit_pages(*heap, progress);
  (void)take_census(*heap, {.isolate = {}, .shapes = true}, progress);
  (void)read_process_object(*heap, progress);
}

}  // namespace
}  // namespace corewalk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  corewalk::fuzz::run({data, size});
  return 0;
}

// Damaged copies of a good core and a good executable: whatever they say, opening them ends, with a
// result or a Failure, and reads no byte outside the files. What gives this test its teeth is a
// build with -DCOREWALK_SANITIZE=address,undefined.

#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "base/failure.h"
#include "elf/elf_symbols.h"
#include "elf/process_image.h"
#include "elf/symbol_tables.h"
#include "support/catch.h"
#include "support/core_builder.h"
#include "support/image_builder.h"
#include "support/temp_directory.h"

namespace corewalk {
namespace {

using test::Bytes;
using test::CoreBuilder;
using test::ImageSpec;
using test::TempDirectory;

constexpr uint64_t kBase = 0x400000;

ImageSpec good_image() {
  ImageSpec spec;
  spec.base = kBase;
  spec.tls_size = 64;
  for (int i = 0; i < 20; ++i) {
    spec.dynamic_symbols.push_back({"v8dbg_" + std::to_string(i), kBase + 0x800});
    spec.full_symbols.push_back({"local_" + std::to_string(i), kBase + 0x900});
  }
  return spec;
}

Bytes good_core(const Bytes& image, const std::filesystem::path& executable) {
  return CoreBuilder()
      .add_thread(1, 6, {.pc = kBase + 0x900, .thread_pointer = kBase})
      .add_process(1, 0, "node", "node")
      .add_auxv({{AT_PHDR, kBase + 64},
                 {AT_PHNUM, 6},
                 {AT_ENTRY, kBase + 0x900},
                 {AT_RANDOM, kBase + 0x1100}})
      .add_files(
          {{.range = AddressRange(Address(kBase), image.size()), .path = executable.string()}})
      .add_signal(6, -6, 1)
      .add_segment({.address = kBase, .bytes = image, .memory_size = image.size() + 4096})
      .build();
}

/// Damages `bytes`: values that are likely to hurt, at random places, most of them near the start;
/// sometimes the end is cut off.
void damage(Bytes& bytes, std::mt19937& random) {
  constexpr uint64_t kNasty[] = {0,
                                 1,
                                 0x7f,
                                 0xff,
                                 0xffff,
                                 0x7fffffff,
                                 0xffffffff,
                                 0x7fffffffffffffff,
                                 0xfffffffffffff000,
                                 0xffffffffffffffff};
  for (uint64_t n = 1 + random() % 8; n > 0; --n) {
    const size_t reach = random() % 2 == 0 ? std::min<size_t>(bytes.size(), 0x600) : bytes.size();
    const size_t at = random() % (reach - 8);
    const uint64_t value =
        random() % 3 == 0 ? (uint64_t{random()} << 32 | random()) : kNasty[random() % 10];
    std::memcpy(bytes.data() + at, &value, size_t{1} << (random() % 4));
  }
  if (random() % 8 == 0) bytes.resize(1 + random() % bytes.size());
}

/// Looks at all of `process` that an analysis would.
void use(const ProcessImage& process) {
  uint64_t sum = 0;
  for (const Segment& segment : process.memory().segments()) {
    if (segment.residency != Residency::kPresent) continue;
    const auto view = process.memory().view(segment.range);
    REQUIRE(view.ok());
    for (const std::byte byte : view->bytes()) sum += std::to_integer<uint64_t>(byte);
  }
  CHECK(sum != 1);
  for (const Symbol& symbol : process.symbols().with_prefix("v8dbg_")) {
    (void)process.symbols().find(symbol.name);
    (void)process.memory().read<uint64_t>(symbol.address);
  }
  (void)process.symbols().find("local_3");
  (void)process.symbols().find_containing(Address(kBase + 0x900));
}

int rounds() {
  const char* const chosen = std::getenv("COREWALK_MUTATION_ROUNDS");
  return chosen == nullptr ? 600 : std::max(600, std::atoi(chosen));
}

TEST_CASE("damaged cores and executables end in an answer", "[elf][mutation]") {
  const TempDirectory directory;
  const Bytes image = good_image().build();
  const auto executable = directory.path() / "node";
  const Bytes core = good_core(image, executable);
  std::mt19937 random(20260101);
  int opened = 0;
  for (int round = 0; round < rounds(); ++round) {
    Bytes bad_core = core;
    Bytes bad_image = image;
    if (round % 3 != 0) damage(bad_core, random);
    if (round % 3 != 1) damage(bad_image, random);
    directory.write("node", bad_image);
    BinarySearch search;
    if (round % 2 == 0) search.executable = executable;
    search.force = true;
    try {
      use(ProcessImage::open(directory.write("core", bad_core), search));
      ++opened;
    } catch (const Failure&) {
    }
  }
  CHECK(opened > 100);  // else the damage was too coarse to test anything
}

}  // namespace
}  // namespace corewalk

#include <elf.h>

#include <algorithm>
#include <string>

#include "base/failure.h"
#include "elf/process_image.h"
#include "support/catch.h"
#include "support/core_builder.h"
#include "support/image_builder.h"
#include "support/temp_directory.h"

namespace corewalk {
namespace {

using test::Bytes;
using test::ByteWriter;
using test::CoreBuilder;
using test::ImageSpec;
using test::TempDirectory;

constexpr uint64_t kLoadedAt = 0x555500000000;
constexpr uint64_t kLibraryAt = 0x7f0000000000;
constexpr uint64_t kThreadPointer = 0x7f1000001000;

/// A process that ran `spec` (an ET_DYN at kLoadedAt, or an ET_EXEC), as the kernel dumps it: of
/// the executable the first page and the writable data.
struct Process {
  explicit Process(ImageSpec image_spec) : spec(std::move(image_spec)) {
    bias = spec.base == 0 ? kLoadedAt : 0;
    base = spec.base + bias;
    file = spec.build();
  }

  [[nodiscard]] Bytes first_page() const { return Bytes(file.begin(), file.begin() + 4096); }

  /// A core of it. `with_headers` false is coredump_filter 0x23.
  [[nodiscard]] CoreBuilder core(bool with_headers = true) const {
    CoreBuilder builder(spec.machine);
    builder.add_thread(100, 6, {.pc = base + 0x900, .thread_pointer = kThreadPointer});
    builder.add_process(100, 0, "node", "node server.js");
    builder.add_signal(6, -6, 100);
    builder.add_auxv({{AT_PHDR, base + 64},
                      {AT_PHNUM, spec.program_header_count()},
                      {AT_ENTRY, base + spec.entry_offset},
                      {AT_PAGESZ, 4096}});
    builder.add_files({{.range = AddressRange(Address(base), spec.dynamic_offset()),
                        .path = executable.string()}});
    add_module(builder, base, spec, with_headers);
    return builder;
  }

  static void add_module(CoreBuilder& builder, uint64_t at, const ImageSpec& image,
                         bool with_headers) {
    const Bytes bytes = image.build();
    builder.add_segment(
        {.address = at,
         .bytes = with_headers ? Bytes(bytes.begin(), bytes.begin() + 4096) : Bytes(),
         .memory_size = image.dynamic_offset(),
         .writable = false});
    Bytes data(bytes.begin() + static_cast<std::ptrdiff_t>(image.dynamic_offset()),
               bytes.begin() + static_cast<std::ptrdiff_t>(image.data_offset() + 8));
    test::poke(data, data.size() - 8, 'C');  // the process has changed it
    builder.add_segment({.address = at + image.dynamic_offset(), .bytes = data});
  }

  [[nodiscard]] ProcessImage open(const CoreBuilder& builder,
                                  const BinarySearch& search = {}) const {
    return ProcessImage::open(directory.write("core", builder.build()), search);
  }

  TempDirectory directory;
  ImageSpec spec;
  Bytes file;
  uint64_t bias = 0;
  uint64_t base = 0;
  std::filesystem::path executable = directory.path() / "app/bin/node";
};

ImageSpec node_spec(uint64_t base) {
  ImageSpec spec;
  spec.base = base;
  spec.constants = Bytes(2048, std::byte{'k'});
  spec.dynamic_symbols = {{.name = "v8dbg_SmiTag", .value = base + 0x808}};
  spec.full_symbols = {
      {.name = "_start_of_js", .value = base + 0x900, .size = 64},
      {.name = "current_isolate", .value = 0x10, .kind = test::ImageSymbol::Kind::kThreadLocal}};
  spec.tls_size = 0x28;
  return spec;
}

bool warns_of(const ProcessInfo& info, std::string_view part) {
  return std::any_of(info.warnings.begin(), info.warnings.end(), [&](const std::string& warning) {
    return warning.find(part) != std::string::npos;
  });
}

TEST_CASE("process: the executable completes the core", "[elf][process]") {
  const Process process(node_spec(GENERATE(uint64_t{0}, uint64_t{0x400000})));
  process.directory.write("app/bin/node", process.file);
  const ProcessImage image = process.open(process.core());
  const ProcessInfo& info = image.info();
  CHECK(info.executable.verdict == BinaryVerdict::kMatch);
  CHECK(info.executable.path == process.executable);
  CHECK(info.executable.load_bias_bytes == process.bias);
  CHECK(info.executable.build_id == info.executable.core_build_id);
  CHECK(info.origin == CoreOrigin::kKernel);
  CHECK(info.pid == 100);
  CHECK(info.command_line == "node server.js");
  CHECK(info.signal->name() == "SIGABRT");
  CHECK(info.warnings.empty());

  // A table behind the first page: not in the core, but in the file.
  const Segment* constant = image.memory().find_segment(Address(process.base + 0x1000));
  REQUIRE(constant != nullptr);
  CHECK(constant->residency == Residency::kPresent);
  CHECK(constant->from_file);
  // Data: what the process made of it, not what the file says.
  CHECK(image.memory().read<char>(Address(process.base + process.spec.data_offset())).value() ==
        'C');

  CHECK(image.symbols().find("v8dbg_SmiTag")->address == Address(process.base + 0x808));
  CHECK(image.symbols().find_containing(info.threads[0].pc)->name == "_start_of_js");
}

TEST_CASE("process: the core's bytes win over the file's", "[elf][process]") {
  const Process process(node_spec(0));
  process.directory.write("app/bin/node", process.file);
  CoreBuilder builder = process.core();
  // A debugger's breakpoint in constant memory.
  builder.add_segment({.address = process.base + 0x1000, .bytes = test::to_bytes("patched!")});
  const ProcessImage image = process.open(builder);
  CHECK(image.memory().read<char>(Address(process.base + 0x1000)).value() == 'p');
  CHECK(image.memory().residency(Address(process.base + 0x1008)) == Residency::kPresent);
}

TEST_CASE("process: truncated data is not filled with its first state", "[elf][process]") {
  const Process process(node_spec(0));
  process.directory.write("app/bin/node", process.file);
  Bytes bytes = process.core().build();
  bytes.resize(bytes.size() - 4);
  const auto core = process.directory.write("core", bytes);
  const ProcessImage image = ProcessImage::open(core, {});
  const Address data(process.base + process.spec.data_offset());
  CHECK(image.memory().residency(data + 3) == Residency::kPresent);
  CHECK(image.memory().residency(data + 4) == Residency::kTruncated);
  CHECK(image.info().core_truncated);
  CHECK(image.info().core_missing_bytes == 4);
  CHECK_THAT(image.info().truncation, test::contains_text("truncated"));
}

TEST_CASE("process: thread-local variables of the executable", "[elf][process]") {
  const Process process(node_spec(0));
  process.directory.write("app/bin/node", process.file);
  const ProcessImage image = process.open(process.core());
  // x86-64: the block ends at the thread pointer.
  REQUIRE(image.info().threads[0].tls_block);
  CHECK(*image.info().threads[0].tls_block == Address(kThreadPointer - 0x28));
  CHECK(image.symbols().thread_local_offset("current_isolate") == uint64_t{0x10});
}

TEST_CASE("process: the wrong executable is refused", "[elf][process]") {
  const Process process(node_spec(0));
  ImageSpec other = process.spec;
  other.build_id = Bytes(20, std::byte{0x22});
  BinarySearch search;
  search.executable = process.directory.write("other", other.build());
  try {
    (void)process.open(process.core(), search);
    FAIL("not refused");
  } catch (const Failure& failure) {
    CHECK(failure.code() == ExitCode::kUsage);
    CHECK_THAT(failure.what(), test::contains_text("is not the executable") &&
                                   test::contains_text(process.executable.string()));
  }
  search.force = true;
  const ProcessImage image = process.open(process.core(), search);
  CHECK(image.info().executable.verdict == BinaryVerdict::kMismatch);
  CHECK(warns_of(image.info(), "is not what made this core"));
}

TEST_CASE("process: an executable of another machine is refused", "[elf][process]") {
  const Process process(node_spec(0));
  ImageSpec other = process.spec;
  other.machine = Machine::kAArch64;
  BinarySearch search;
  search.executable = process.directory.write("other", other.build());
  CHECK_THROWS_AS(process.open(process.core(), search), Failure);
}

TEST_CASE("process: an executable that was replaced is not used", "[elf][process]") {
  const Process process(node_spec(0));
  ImageSpec upgrade = process.spec;
  upgrade.build_id = Bytes(20, std::byte{0x33});
  process.directory.write("app/bin/node", upgrade.build());
  const ProcessImage image = process.open(process.core());
  CHECK(image.info().executable.verdict == BinaryVerdict::kNone);
  CHECK_FALSE(image.info().executable.core_build_id.empty());
  CHECK(image.memory().residency(Address(process.base + 0x1000)) == Residency::kNotInCore);
  CHECK_FALSE(image.symbols().find("v8dbg_SmiTag"));
  CHECK(warns_of(image.info(), "was not found"));
  CHECK_THAT(image.info().binary_search, test::contains_text("mismatch"));
}

TEST_CASE("process: places the executable is looked for in", "[elf][process]") {
  const Process process(node_spec(0));
  const auto root = process.directory.path() / "elsewhere";
  BinarySearch search;
  std::filesystem::path place;
  SECTION("beside the core") { place = process.directory.path() / "node"; }
  SECTION("a search path") {
    place = root / "node";
    search.directories = {root};
  }
  SECTION("its bin folder") {
    place = root / "bin/node";
    search.directories = {root};
  }
  SECTION("an unpacked file system") {
    place = root / process.executable.relative_path();
    search.environment_directories = {root};
  }
  SECTION("the file itself") {
    place = root / "renamed";
    search.directories = {place};
  }
  SECTION("PATH") {
    place = root / "node";
    search.command_directories = {root};
  }
  SECTION("the cache") {
    place = root / "node/v22.1.0/bin/node";
    search.cache_directory = root;
  }
  // A wrong one found earlier must not end the search.
  ImageSpec wrong = process.spec;
  wrong.build_id = Bytes(20, std::byte{0x44});
  process.directory.write("app/bin/node", wrong.build());
  process.directory.write(std::filesystem::relative(place, process.directory.path()), process.file);
  const ProcessImage image = process.open(process.core(), search);
  INFO(image.info().binary_search);
  CHECK(image.info().executable.verdict == BinaryVerdict::kMatch);
  CHECK(image.info().executable.path == place);
}

TEST_CASE("process: a core without build-id leaves doubt", "[elf][process]") {
  const Process process(node_spec(GENERATE(uint64_t{0}, uint64_t{0x400000})));
  process.directory.write("app/bin/node", process.file);
  const ProcessImage image = process.open(process.core(/*with_headers=*/false));
  CHECK(image.info().executable.verdict == BinaryVerdict::kUnverified);
  CHECK(image.info().executable.load_bias_bytes == process.bias);
  CHECK(warns_of(image.info(), "not proven"));
  CHECK(image.symbols().find("v8dbg_SmiTag"));
}

TEST_CASE("process: a core without build-id still unmasks another program", "[elf][process]") {
  const Process process(node_spec(0x400000));
  ImageSpec other = process.spec;
  SECTION("by its entry point") { other.entry_offset += 16; }
  SECTION("by its program headers") { other.tls_size.reset(); }
  process.directory.write("app/bin/node", other.build());
  const ProcessImage image = process.open(process.core(/*with_headers=*/false));
  CHECK(image.info().executable.verdict == BinaryVerdict::kNone);
}

TEST_CASE("process: a file without build-id does not pass for one with", "[elf][process]") {
  const Process process(node_spec(0));
  ImageSpec other = process.spec;
  other.build_id.clear();
  process.directory.write("app/bin/node", other.build());
  CHECK(process.open(process.core()).info().executable.verdict == BinaryVerdict::kNone);
}

TEST_CASE("process: neither core nor file has a build-id", "[elf][process]") {
  ImageSpec spec = node_spec(0);
  spec.build_id.clear();
  const Process process(spec);
  process.directory.write("app/bin/node", process.file);
  CHECK(process.open(process.core()).info().executable.verdict == BinaryVerdict::kUnverified);
}

TEST_CASE("process: without NT_FILE the auxiliary vector leads to it", "[elf][process]") {
  const Process process(node_spec(0x400000));
  CoreBuilder builder;
  builder.add_auxv({{AT_PHDR, 0x400040}, {AT_PHNUM, 6}, {AT_ENTRY, 0x400900}});
  Process::add_module(builder, 0x400000, process.spec, true);
  BinarySearch search;
  search.executable = process.directory.write("node", process.file);
  const ProcessImage image = process.open(builder, search);
  CHECK(image.info().executable.verdict == BinaryVerdict::kUnverified);
  CHECK(image.info().origin == CoreOrigin::kUnknown);
}

TEST_CASE("process: without NT_SIGINFO only the number of the signal is known", "[elf][process]") {
  const Process process(node_spec(0));
  const ProcessInfo info = process.open(CoreBuilder().add_thread(1, 11, {})).info();
  REQUIRE(info.signal);
  CHECK(info.signal->name() == "SIGSEGV");
  CHECK_FALSE(info.signal->has_details);
}

TEST_CASE("process: a relative path is looked for from the core", "[elf][process]") {
  Process process(node_spec(0));
  process.directory.write("app/bin/nodejs", process.file);
  process.executable = "app/bin/nodejs (deleted)";
  const ProcessImage image = process.open(process.core());
  CHECK(image.info().executable.path == process.directory.path() / "app/bin/nodejs");
}

TEST_CASE("process: a position-independent file without a known place is not used",
          "[elf][process]") {
  const Process process(node_spec(0));
  BinarySearch search;
  search.executable = process.directory.write("node", process.file);
  CoreBuilder builder;
  builder.add_segment({.address = 0x10000, .bytes = test::to_bytes("abcdefgh")});
  const ProcessImage image = process.open(builder, search);
  CHECK(warns_of(image.info(), "does not tell where"));
  CHECK(image.memory().residency(Address(0x800)) == Residency::kUnmapped);
  CHECK_FALSE(image.symbols().find("v8dbg_SmiTag"));
}

TEST_CASE("process: a cut-off executable is used as far as it goes, with a warning",
          "[elf][process]") {
  const Process process(node_spec(0));
  Bytes file = process.file;
  file.resize(0x1800);
  process.directory.write("app/bin/node", file);
  const ProcessImage image = process.open(process.core());
  CHECK(image.info().executable.verdict == BinaryVerdict::kMatch);
  CHECK(warns_of(image.info(), "is cut off"));

  process.directory.write("app/bin/node", process.file);
  CHECK_FALSE(warns_of(process.open(process.core()).info(), "is cut off"));
}

TEST_CASE("process: debug information is not a program", "[elf][process]") {
  const Process process(node_spec(0));
  ImageSpec debug = process.spec;
  debug.is_debug_information_only = true;
  process.directory.write("app/bin/node", debug.build());
  CHECK(process.open(process.core()).info().executable.verdict == BinaryVerdict::kNone);
  BinarySearch search;
  search.executable = process.executable;
  CHECK_THROWS_AS(process.open(process.core(), search), Failure);
}

TEST_CASE("process: V8 in a shared library", "[elf][process]") {
  ImageSpec stub;  // no symbols of V8
  const Process process(stub);
  ImageSpec library;
  library.build_id = Bytes(20, std::byte{0x55});
  library.dynamic_symbols = {{.name = "v8dbg_SmiTag", .value = 0x808}};
  const auto library_path = process.directory.path() / "app/lib/libnode.so.108";

  CoreBuilder builder = process.core();
  builder.add_files({{.range = AddressRange(Address(kLibraryAt), library.dynamic_offset()),
                      .path = library_path.string()}});
  Process::add_module(builder, kLibraryAt, library, true);
  process.directory.write("app/bin/node", process.file);

  const ProcessImage without = process.open(builder);
  REQUIRE(without.info().v8_library);
  CHECK(without.info().v8_library->path.empty());
  CHECK_FALSE(without.info().v8_library->core_build_id.empty());
  CHECK(warns_of(without.info(), "libnode.so"));

  process.directory.write("app/lib/libnode.so.108", library.build());
  const ProcessImage image = process.open(builder);
  REQUIRE(image.info().v8_library);
  CHECK(image.info().v8_library->verdict == BinaryVerdict::kMatch);
  CHECK(image.info().v8_library->load_bias_bytes == kLibraryAt);
  CHECK(image.symbols().find("v8dbg_SmiTag")->address == Address(kLibraryAt + 0x808));
  CHECK(image.memory().residency(Address(kLibraryAt + 0x1000)) == Residency::kPresent);
}

TEST_CASE("process: a core that holds the symbol table needs no executable", "[elf][process]") {
  const Process process(node_spec(0));
  CoreBuilder builder;  // as gcore does it: read-only pages are in
  builder.add_auxv({{AT_PHDR, process.base + 64}, {AT_PHNUM, 6}, {AT_ENTRY, process.base + 0x900}});
  builder.add_files({{.range = AddressRange(Address(process.base), process.spec.dynamic_offset()),
                      .path = process.executable.string()}});
  builder.add_note("GDB", 0xff000000, {});
  builder.add_thread(1, 0, {.thread_pointer = kThreadPointer});
  builder.add_segment({.address = process.base,
                       .bytes = Bytes(process.file.begin(),
                                      process.file.begin() + static_cast<std::ptrdiff_t>(
                                                                 process.spec.data_offset()))});
  const ProcessImage image = process.open(builder);
  CHECK(image.info().executable.verdict == BinaryVerdict::kNone);
  CHECK(image.info().origin == CoreOrigin::kDebugger);
  CHECK(image.symbols().find("v8dbg_SmiTag")->address == Address(process.base + 0x808));
  CHECK(image.info().threads[0].tls_block == Address(kThreadPointer - 0x28));
}

TEST_CASE("process: started by way of the loader", "[elf][process]") {
  const Process process(node_spec(0));
  process.directory.write("app/bin/node", process.file);
  const uint64_t loader_at = 0x7f5500000000;
  const ImageSpec loader = [] {
    ImageSpec spec;
    spec.build_id = Bytes(20, std::byte{0x66});
    return spec;
  }();
  CoreBuilder builder;
  builder.add_auxv({{AT_PHDR, loader_at + 64}, {AT_PHNUM, 5}, {AT_ENTRY, loader_at + 0x900}});
  builder.add_files({{.range = AddressRange(Address(process.base), process.spec.dynamic_offset()),
                      .path = process.executable.string()},
                     {.range = AddressRange(Address(loader_at), loader.dynamic_offset()),
                      .path = "/lib64/ld-linux-x86-64.so.2"}});
  Process::add_module(builder, process.base, process.spec, true);
  Process::add_module(builder, loader_at, loader, true);
  const ProcessImage image = process.open(builder);
  CHECK(image.info().executable.verdict == BinaryVerdict::kMatch);
  CHECK(image.info().executable.path == process.executable);
  CHECK(image.symbols().find("v8dbg_SmiTag")->address == Address(process.base + 0x808));
}

/// The initial stack as the kernel builds it, at 0x7ffc00000000.
struct Stack {
  static constexpr uint64_t kBegin = 0x7ffc00000000;
  Bytes bytes;
  std::vector<std::pair<uint64_t, uint64_t>> auxv;

  Stack() {
    const uint64_t strings = kBegin + 256;
    const uint64_t random = kBegin + 200;
    auxv = {{AT_PAGESZ, 4096}, {AT_RANDOM, random}, {AT_EXECFN, strings}};
    ByteWriter writer;
    writer.put(uint64_t{2}).put(strings).put(strings + 5).put(uint64_t{0});  // argc, argv
    writer.put(strings + 12).put(strings + 26).put(uint64_t{0});             // envp
    for (const auto& [type, value] : auxv) writer.put(type).put(value);
    writer.put(uint64_t{AT_NULL}).put(uint64_t{0}).pad_to(256);
    writer.put_string("node").put_string("app.js").put_string("NODE_ENV=prod").put_string("X=");
    bytes = writer.take();
  }
};

TEST_CASE("process: full command line and environment from the stack", "[elf][process]") {
  const Stack stack;
  const Process process(node_spec(0));
  CoreBuilder builder;
  builder.add_process(1, 0, "node", "cut");
  builder.add_auxv(stack.auxv);
  builder.add_segment({.address = Stack::kBegin, .bytes = stack.bytes});
  const ProcessInfo info = process.open(builder).info();
  CHECK(info.arguments == std::vector<std::string>{"node", "app.js"});
  CHECK(info.environment == std::vector<std::string>{"NODE_ENV=prod", "X="});
  CHECK(info.command_line == "node app.js");
}

TEST_CASE("process: a stack that is damaged or not there", "[elf][process]") {
  Stack stack;
  const Process process(node_spec(0));
  SECTION("argc is wrong") { test::poke(stack.bytes, 0, uint64_t{3}); }
  SECTION("no end of the environment") { test::poke(stack.bytes, 48, ~uint64_t{0}); }
  SECTION("the vector is not there") {
    std::fill(stack.bytes.begin(), stack.bytes.begin() + 200, std::byte{0});
  }
  SECTION("not in the core") { stack.bytes.clear(); }
  SECTION("AT_RANDOM points to nothing") { stack.auxv[1].second = 3; }
  CoreBuilder builder;
  builder.add_process(1, 0, "node", "cut");
  builder.add_auxv(stack.auxv);
  builder.add_segment({.address = Stack::kBegin, .bytes = stack.bytes, .memory_size = 4096});
  const ProcessInfo info = process.open(builder).info();
  CHECK(info.arguments.empty());
  CHECK(info.command_line == "cut");
}

}  // namespace
}  // namespace corewalk

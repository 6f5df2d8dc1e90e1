#include "elf/elf_image.h"

#include <elf.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "base/failure.h"
#include "elf/byte_cursor.h"
#include "elf/elf_symbols.h"
#include "elf/symbol_tables.h"
#include "support/catch.h"
#include "support/image_builder.h"
#include "support/temp_directory.h"

namespace corewalk {
namespace {

using test::Bytes;
using test::ImageSpec;
using test::ImageSymbol;
using test::TempDirectory;
using Kind = ImageSymbol::Kind;

constexpr uint64_t kBias = 0x7f0000000000;

/// An image on disk, opened, with its symbols.
struct OpenImage {
  explicit OpenImage(const ImageSpec& spec, uint64_t bias = 0) : OpenImage(spec.build(), bias) {}
  explicit OpenImage(const Bytes& bytes, uint64_t bias = 0)
      : image(ElfImage::open(directory.write("node", bytes))),
        symbols(symbol_tables(image), bias) {}

  TempDirectory directory;
  ElfImage image;
  ElfSymbols symbols;
};

std::string failure_of(const Bytes& bytes) {
  const TempDirectory directory;
  const auto path = directory.write("node", bytes);
  try {
    (void)ElfImage::open(path);
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "opened";
}

/// The symbols of a typical node: many, most of them of no interest.
ImageSpec many_symbols() {
  ImageSpec spec;
  for (int i = 0; i < 500; ++i) {
    const auto n = static_cast<uint64_t>(i);
    spec.dynamic_symbols.push_back({"exported_" + std::to_string(i), 0x10000 + 16 * n, 16});
    spec.full_symbols.push_back({"exported_" + std::to_string(i), 0x10000 + 16 * n, 16});
    spec.full_symbols.push_back({"local_" + std::to_string(i), 0x20000 + 16 * n, 8});
    spec.full_symbols.back().is_local = true;
  }
  spec.dynamic_symbols.push_back({"v8dbg_SmiTag", 0x3000, 4});
  spec.dynamic_symbols.push_back({"v8dbg_APIObjectType", 0x3004, 4});
  spec.full_symbols.push_back({"v8dbg_SmiTag", 0x3000, 4});
  spec.full_symbols.push_back({"v8dbg_OnlyHere", 0x3008, 4});
  spec.dynamic_symbols.push_back({"malloc", 0, 0, Kind::kUndefined});
  spec.dynamic_symbols.push_back({"a_version", 1, 0, Kind::kAbsolute});
  spec.full_symbols.push_back({"g_current_isolate_", 0xd8, 8, Kind::kThreadLocal});
  return spec;
}

TEST_CASE("image: what identifies it", "[elf][image]") {
  ImageSpec spec;
  spec.base = 0x400000;
  spec.build_id = test::to_bytes("\x01\x02\xff");
  spec.tls_size = 0x150;
  spec.tls_align = 64;
  const OpenImage open(spec);
  CHECK(open.image.build_id() == "0102ff");
  CHECK(open.image.type() == ElfType::kExecutable);
  CHECK(open.image.has_fixed_address());
  CHECK(open.image.entry() == Address(0x400900));
  CHECK(open.image.lowest_address() == Address(0x400000));
  CHECK(open.image.program_headers_address() == Address(0x400040));
  REQUIRE(open.image.tls());
  CHECK(open.image.tls()->size_bytes == 0x150);
  CHECK(open.image.tls()->align == 64);
}

TEST_CASE("image: only bytes that cannot have changed are offered", "[elf][image]") {
  const OpenImage open{ImageSpec()};
  const SegmentedMemory memory(open.image.constant_pieces(kBias));
  const Address constant(kBias + ImageSpec::kConstantsOffset);
  CHECK(memory.read<char>(constant).value() == 'c');
  CHECK(memory.find_segment(constant)->from_file);
  CHECK(memory.residency(Address(kBias + ImageSpec().data_offset())) == Residency::kUnmapped);

  const SegmentedMemory all(open.image.pieces());
  CHECK(all.read<char>(Address(ImageSpec().data_offset())).value() == 'i');
}

TEST_CASE("image: a bias may be negative", "[elf][image]") {
  ImageSpec spec;
  spec.base = 0x400000;
  const OpenImage open(spec);
  const SegmentedMemory memory(open.image.constant_pieces(0 - uint64_t{0x300000}));
  CHECK(memory.residency(Address(0x100800)) == Residency::kPresent);
}

TEST_CASE("image: files that are something else", "[elf][image]") {
  const auto message_with = [](size_t offset, auto value) {
    Bytes bytes = ImageSpec().build();
    test::poke(bytes, offset, value);
    return failure_of(bytes);
  };
  CHECK_THAT(failure_of(test::to_bytes("#!/bin/sh")), test::contains_text("not an ELF file"));
  CHECK_THAT(message_with(offsetof(Elf64_Ehdr, e_type), uint16_t{ET_CORE}),
             test::contains_text("core dump"));
  CHECK_THAT(message_with(offsetof(Elf64_Ehdr, e_type), uint16_t{ET_REL}),
             test::contains_text("no program"));
  CHECK_THAT(message_with(EI_CLASS, uint8_t{ELFCLASS32}), test::contains_text("32-bit"));
  CHECK_THAT(message_with(offsetof(Elf64_Ehdr, e_machine), uint16_t{EM_RISCV}),
             test::contains_text("another machine"));
}

TEST_CASE("image: a file of debug information only is recognized", "[elf][image]") {
  ImageSpec spec;
  CHECK_FALSE(is_debug_information_only(OpenImage(spec).image));
  spec.is_debug_information_only = true;
  CHECK(is_debug_information_only(OpenImage(spec).image));
}

TEST_CASE("symbols: found in either table, with the load bias", "[elf][symbols]") {
  const OpenImage open(many_symbols(), kBias);
  const auto expect = [&](std::string_view name, uint64_t address) {
    INFO(name);
    const auto symbol = open.symbols.find(name);
    REQUIRE(symbol);
    CHECK(symbol->name == name);
    CHECK(symbol->address == Address(kBias + address));
  };
  for (uint64_t i = 0; i < 500; ++i) {
    expect("exported_" + std::to_string(i), 0x10000 + 16 * i);
    expect("local_" + std::to_string(i), 0x20000 + 16 * i);
  }
  expect("v8dbg_APIObjectType", 0x3004);
  expect("v8dbg_OnlyHere", 0x3008);
  CHECK(open.symbols.find("v8dbg_SmiTag")->size_bytes == 4);
  CHECK_FALSE(open.symbols.find("v8dbg_SmiTa"));
  CHECK_FALSE(open.symbols.find("v8dbg_SmiTags"));
  CHECK_FALSE(open.symbols.find(""));
  CHECK_FALSE(open.symbols.find("malloc"));     // undefined
  CHECK_FALSE(open.symbols.find("a_version"));  // a number, no address
  CHECK(open.symbols.has_full_symbols());
}

TEST_CASE("symbols: by prefix, in order, each once", "[elf][symbols]") {
  const OpenImage open(many_symbols(), kBias);
  const auto found = open.symbols.with_prefix("v8dbg_");
  REQUIRE(found.size() == 3);
  CHECK(found[0].name == "v8dbg_APIObjectType");
  CHECK(found[1].name == "v8dbg_OnlyHere");
  CHECK(found[2].name == "v8dbg_SmiTag");
  CHECK(found[2].address == Address(kBias + 0x3000));
  CHECK(open.symbols.with_prefix("v8dbg_").data() == found.data());  // kept
  CHECK(open.symbols.with_prefix("exported_").size() == 500);
  CHECK(open.symbols.with_prefix("nothing").empty());
  CHECK(open.symbols.with_prefix("").size() == 500 + 500 + 3);
}

TEST_CASE("symbols: thread-local ones have an offset, not an address", "[elf][symbols]") {
  const OpenImage open(many_symbols(), kBias);
  CHECK(open.symbols.thread_local_offset("g_current_isolate_") == uint64_t{0xd8});
  CHECK_FALSE(open.symbols.find("g_current_isolate_"));
  CHECK(open.symbols.with_prefix("g_current").empty());
  CHECK_FALSE(open.symbols.thread_local_offset("v8dbg_SmiTag"));
}

TEST_CASE("symbols: the one that covers an address", "[elf][symbols]") {
  const OpenImage open(many_symbols(), kBias);
  const auto name_at = [&](uint64_t address) -> std::string_view {
    const auto symbol = open.symbols.find_containing(Address(kBias + address));
    return symbol ? symbol->name : "none";
  };
  CHECK(name_at(0x10000) == "exported_0");
  CHECK(name_at(0x1001f) == "exported_1");
  CHECK(name_at(0x20007) == "local_0");
  CHECK(name_at(0x20008) == "none");
  CHECK(name_at(0x10) == "none");
  CHECK_FALSE(open.symbols.find_containing(Address(1)));
}

TEST_CASE("symbols: a stripped binary has .dynsym only", "[elf][symbols]") {
  ImageSpec spec = many_symbols();
  spec.full_symbols.clear();
  const OpenImage open(spec);
  CHECK_FALSE(open.symbols.has_full_symbols());
  CHECK(open.symbols.find("v8dbg_SmiTag"));
  CHECK_FALSE(open.symbols.find("local_1"));
  CHECK(open.symbols.with_prefix("v8dbg_").size() == 2);
}

TEST_CASE("symbols: without .gnu.hash", "[elf][symbols]") {
  ImageSpec spec = many_symbols();
  spec.has_gnu_hash = false;
  const OpenImage open(spec);
  CHECK(open.symbols.find("exported_499"));
  CHECK(open.symbols.find("local_499"));
  CHECK_FALSE(open.symbols.find("malloc"));
}

TEST_CASE("symbols: without section headers", "[elf][symbols]") {
  ImageSpec spec = many_symbols();
  spec.has_section_headers = false;
  const OpenImage open(spec);
  CHECK(open.symbols.find("v8dbg_SmiTag")->address == Address(0x3000));
  CHECK(open.symbols.with_prefix("v8dbg_").size() == 2);
  CHECK_FALSE(open.symbols.has_full_symbols());
}

TEST_CASE("symbols: none at all", "[elf][symbols]") {
  const OpenImage open{ImageSpec()};
  CHECK_FALSE(open.symbols.find("main"));
  CHECK(open.symbols.with_prefix("").empty());
  CHECK_FALSE(open.symbols.find_containing(Address(0x800)));
}

TEST_CASE("symbols: of two with one name the global one is found", "[elf][symbols]") {
  ImageSpec spec;
  spec.full_symbols = {{.name = "twice", .value = 0x100, .is_local = true},
                       {.name = "twice", .value = 0x200},
                       {.name = "twice", .value = 0x300, .is_local = true}};
  const OpenImage open(spec);
  CHECK(open.symbols.find("twice")->address == Address(0x200));
  CHECK(open.symbols.with_prefix("twice").size() == 3);
}

TEST_CASE("symbols: from the memory of the process", "[elf][symbols]") {
  const ImageSpec spec = many_symbols();
  const Bytes file = spec.build();
  Bytes mapped = file;
  mapped.resize(spec.data_offset());
  const bool relocated = GENERATE(false, true);  // musl's loader, glibc's loader
  if (relocated) {
    for (size_t i = 0; i < 4; ++i) {
      const size_t at = spec.dynamic_offset() + 16 * i;
      const auto entry = read_at<Elf64_Dyn>(mapped, at);
      if (entry->d_tag != DT_STRSZ) test::poke(mapped, at + 8, entry->d_un.d_val + kBias);
    }
  }
  SegmentedMemory::Piece piece;
  piece.segment.range = AddressRange(Address(kBias), mapped.size());
  piece.segment.residency = Residency::kPresent;
  piece.bytes = mapped.data();
  constexpr uint64_t kDynamicBytes = uint64_t{6} * 16;
  const SegmentedMemory memory({piece});
  const ElfSymbols symbols(
      symbol_tables(memory, Address(kBias + spec.dynamic_offset()), kDynamicBytes, kBias), kBias);
  CHECK(symbols.find("v8dbg_SmiTag")->address == Address(kBias + 0x3000));
  CHECK(symbols.with_prefix("exported_").size() == 500);

  piece.segment.range = AddressRange(Address(kBias), spec.dynamic_offset() - 0x2000);
  const SegmentedMemory incomplete({piece});
  CHECK(symbol_tables(incomplete, Address(kBias + spec.dynamic_offset()), kDynamicBytes, kBias)
            .empty());
}

TEST_CASE("symbols: string tables that do not end", "[elf][symbols]") {
  const auto names = test::to_bytes(std::string_view("\0good\0unended", 13));
  const auto entries = test::ByteWriter()
                           .put(Elf64_Sym{})
                           .put(Elf64_Sym{1, STT_OBJECT, 0, 1, 0x10, 8})
                           .put(Elf64_Sym{6, STT_OBJECT, 0, 1, 0x20, 8})
                           .put(Elf64_Sym{4000, STT_OBJECT, 0, 1, 0x30, 8})
                           .put('x')
                           .take();
  SymbolTable table;
  table.entries = entries;
  table.names = names;
  const ElfSymbols symbols({table}, 0);
  CHECK(symbols.find("good")->address == Address(0x10));
  CHECK_FALSE(symbols.find("unended"));
  CHECK(symbols.with_prefix("").size() == 1);
  CHECK_FALSE(symbols.find_containing(Address(0x20)));
}

TEST_CASE("symbols: a hash table with endless chains", "[elf][symbols]") {
  const ImageSpec spec = many_symbols();
  const OpenImage open(spec);
  std::vector<SymbolTable> tables = symbol_tables(open.image);
  Bytes hash(tables[0].gnu_hash.begin(), tables[0].gnu_hash.end());
  for (size_t at = hash.size() / 2; at + 4 <= hash.size(); at += 4) {
    test::poke(hash, at, uint32_t{0});  // no chain ends any more
  }
  tables[0].gnu_hash = hash;
  const ElfSymbols symbols(tables, 0);
  (void)symbols.find("exported_7");
  CHECK_FALSE(symbols.find("not there"));
}

TEST_CASE("symbols: many threads at once", "[elf][symbols]") {
  const OpenImage open(many_symbols());
  std::atomic<int> found = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (open.symbols.find("local_" + std::to_string(i))) ++found;
      }
      if (open.symbols.with_prefix("v8dbg_").size() == 3) ++found;
      if (open.symbols.find_containing(Address(0x10000))) ++found;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(found == 4 * 502);
}

}  // namespace
}  // namespace corewalk

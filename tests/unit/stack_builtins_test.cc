// The names of builtins, where they lie in the program and where they run from a copy.

#include "stack/builtin_symbols.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "v8/layout_library.h"

namespace corewalk {
namespace {

using test::HeapBuilder;

constexpr Address kBuiltins{0x1D52000};
constexpr Address kSizeWord{0x3F3D000};
constexpr Address kCopy{0x7F7542DC0000};
constexpr uint32_t kBytes = 0x2040;
constexpr uint64_t kFirstBytes = 0x1122'3344'5566'7788;

/// Two builtins of 0x40 bytes each, at 0x1000 and 0x1040 of all.
class BuiltinsOnly final : public SymbolSource {
 public:
  [[nodiscard]] std::optional<Symbol> find(std::string_view name) const override {
    if (name == "v8_Default_embedded_blob_code_") return Symbol{name, kBuiltins, 0};
    if (name == "v8_Default_embedded_blob_code_size_") return Symbol{name, kSizeWord, 4};
    return {};
  }
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view /*prefix*/) const override {
    return {};
  }
  [[nodiscard]] std::optional<Symbol> find_containing(Address address) const override {
    const AddressRange map(kBuiltins + 0x1000, uint64_t{0x40});
    const AddressRange sort(map.end(), uint64_t{0x40});
    if (map.contains(address)) return Symbol{"Builtins_ArrayMap", map.begin(), map.size()};
    if (sort.contains(address)) return Symbol{"Builtins_ArraySort", sort.begin(), sort.size()};
    return {};
  }
  [[nodiscard]] bool has_full_symbols() const override { return true; }
};

/// A heap whose isolate says that the builtins are at `place`.
class Process {
 public:
  explicit Process(Address place) : layout_(v8::LayoutLibrary::find("12.4")), build_(*layout_) {
    build_.add_block(kBuiltins, kBytes);
    build_.add_block(kSizeWord, sizeof(kBytes));
    build_.write(kBuiltins, kFirstBytes);
    build_.write(kSizeWord, kBytes);
    constexpr uint64_t kField = 0x60;
    build_.write(build_.isolate() + kField, place.value());
    build_.write(build_.isolate() + kField + 8, kBytes);
  }
  HeapBuilder& build() { return build_; }

  [[nodiscard]] std::optional<std::string> name_at(Address pc) {
    const test::FoundHeap heap(build_);
    const BuiltinsOnly symbols;
    return BuiltinSymbols(*heap, symbols).name_at_return(pc);
  }

 private:
  std::unique_ptr<v8::Layout> layout_;
  HeapBuilder build_;
};

TEST_CASE("a builtin is named where it lies, by the call before the return address", "[stack]") {
  Process process(kBuiltins);
  CHECK(process.name_at(kBuiltins + 0x1001) == "Builtins_ArrayMap");
  CHECK(process.name_at(kBuiltins + 0x1040) == "Builtins_ArrayMap");
  CHECK(process.name_at(kBuiltins + 0x1041) == "Builtins_ArraySort");
  CHECK_FALSE(process.name_at(kBuiltins + 0x1000));
  CHECK_FALSE(process.name_at(kCopy + 0x1001));
}

TEST_CASE("a builtin that runs from a copy is named by the original", "[stack]") {
  Process process(kCopy);
  process.build().add_block(kCopy, kBytes);
  process.build().write(kCopy, kFirstBytes);
  CHECK(process.name_at(kCopy + 0x1041) == "Builtins_ArraySort");
  CHECK(process.name_at(kBuiltins + 0x1041) == "Builtins_ArraySort");
  CHECK_FALSE(process.name_at(kCopy + kBytes + 1));
}

TEST_CASE("what only claims to be a copy of the builtins names nothing", "[stack]") {
  Process other(kCopy);
  other.build().add_block(kCopy, kBytes);
  CHECK_FALSE(other.name_at(kCopy + 0x1041));

  Process shorter(kCopy);
  shorter.build().add_block(kCopy, kBytes / 2);
  shorter.build().write(kCopy, kFirstBytes);
  CHECK_FALSE(shorter.name_at(kCopy + 0x1041));

  Process nowhere(kCopy);
  CHECK_FALSE(nowhere.name_at(kCopy + 0x1041));
}

}  // namespace
}  // namespace corewalk

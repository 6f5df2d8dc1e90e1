#include "v8/binary_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "v8/layout_parser.h"
#include "v8/layout_schema.h"
#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

constexpr uint64_t kMaxRoots = 4096;
constexpr uint64_t kMaxBuiltins = 8192;
constexpr size_t kMaxName = 128;

std::optional<int32_t> constant(const AddressSpace& memory, const Symbol& symbol) {
  const auto value = memory.read<int32_t>(symbol.address, "constant of the binary");
  return value ? std::optional(*value) : std::nullopt;
}

void apply_offsets(Layout& layout, std::span<const Symbol> all, const AddressSpace& memory) {
  for (const FieldSpec& spec : field_specs()) {
    if (spec.symbol_prefix.empty() || layout.distrusted.contains(spec.key)) continue;
    const auto found = std::lower_bound(
        all.begin(), all.end(), spec.symbol_prefix,
        [](const Symbol& symbol, std::string_view prefix) { return symbol.name < prefix; });
    if (found == all.end() || !found->name.starts_with(spec.symbol_prefix)) continue;
    const std::optional<int32_t> value = constant(memory, *found);
    if (!value || *value < 0) continue;
    FieldOffset& field = spec.place(layout);
    if (field.present() && field.offset() != static_cast<uint32_t>(*value)) {
      layout.notes.push_back(fmt::format("{}: the binary's symbol {} says {}, {} says {}", spec.key,
                                         found->name, *value, layout.source, field.offset()));
    }
    field.set(static_cast<uint32_t>(*value), Provenance::kSymbol);
    LayoutAccess::move_class_field(layout, spec.key, field.offset());
  }
}

// v8dbg_type_Map__MAP_TYPE. Names drift between versions, so only one that the layout has too, but
// at another number, tells anything.
void compare_types(Layout& layout, std::span<const Symbol> types, const AddressSpace& memory) {
  for (const Symbol& symbol : types) {
    const size_t separator = symbol.name.find("__");
    if (separator == std::string_view::npos || !symbol.name.ends_with("_TYPE")) continue;
    std::string_view name = symbol.name.substr(separator + 2);
    name.remove_suffix(5);
    const std::optional<int32_t> value = constant(memory, symbol);
    const std::optional<uint16_t> stated = layout.type_number(name);
    if (!value || !stated || layout.type(static_cast<uint16_t>(*value)).name == name) continue;
    layout.notes.push_back(fmt::format("instance type {}: the binary says {}, {} says {}", name,
                                       *value, layout.source, *stated));
  }
}

std::optional<std::string> text_at(const AddressSpace& memory, Address address) {
  std::array<char, kMaxName> text;
  const size_t read = memory.read_partial({address, address + text.size()},
                                          std::as_writable_bytes(std::span(text)));
  const auto end = std::find(text.begin(), text.begin() + static_cast<ptrdiff_t>(read), '\0');
  if (end == text.begin() + static_cast<ptrdiff_t>(read)) return {};
  return std::string(text.begin(), end);
}

/// A table whose entries begin with a pointer to a name; "" for one that cannot be read.
std::vector<std::string> names_at(const Symbol& table, uint64_t entry_bytes, uint64_t limit,
                                  const AddressSpace& memory) {
  std::vector<std::string> names;
  const uint64_t count = std::min(table.size_bytes / entry_bytes, limit);
  for (uint64_t index = 0; index < count; ++index) {
    const auto name = memory.read<uint64_t>(table.address + index * entry_bytes, "table of names");
    auto text = name ? text_at(memory, Address(*name)) : std::nullopt;
    names.push_back(std::move(text).value_or(""));
  }
  return names;
}

// BuiltinMetadata: name, kind, what belongs to that kind (builtins/builtins.cc).
void apply_builtin_names(Layout& layout, const SymbolSource& symbols, const AddressSpace& memory) {
  constexpr uint64_t kEntryBytes = 3 * kWordBytes;
  for (const char* name : {"_ZN2v88internal12_GLOBAL__N_1L16builtin_metadataE",
                           "_ZN2v88internal12_GLOBAL__N_116builtin_metadataE"}) {
    const auto table = symbols.find(name);
    if (table) layout.builtin_names = names_at(*table, kEntryBytes, kMaxBuiltins, memory);
  }
}

void apply_root_order(Layout& layout, const Symbol& table, const AddressSpace& memory) {
  layout.root_names = names_at(table, kWordBytes, kMaxRoots, memory);
  std::map<std::string_view, uint32_t> order;
  for (uint32_t index = 0; index < layout.root_names.size(); ++index) {
    order.emplace(layout.root_names[index], index);
  }
  std::string moved;
  for (auto& [name, index] : layout.roots) {
    const auto found = order.find(name);
    if (found == order.end() || found->second == index) continue;
    if (moved.empty()) moved = fmt::format("{} from {} to {}", name, index, found->second);
    index = found->second;
  }
  if (!moved.empty()) {
    layout.notes.push_back(fmt::format("roots: the binary's order is not that of {}; it moves {}",
                                       layout.source, moved));
  }
}

// v8dbg_frametype_ExitFrame: the marker of exit frames.
void apply_frame_types(Layout& layout, std::span<const Symbol> types, const AddressSpace& memory) {
  constexpr std::string_view kPrefix = "v8dbg_frametype_";
  constexpr std::string_view kSuffix = "Frame";
  std::map<int64_t, std::string> found;
  for (const Symbol& symbol : types) {
    std::string_view name = symbol.name.substr(kPrefix.size());
    if (!name.ends_with(kSuffix)) continue;
    name.remove_suffix(kSuffix.size());
    if (const auto value = constant(memory, symbol)) found.emplace(*value, name);
  }
  if (!found.empty()) layout.enums["FrameType"] = std::move(found);
}

}  // namespace

void apply_binary_facts(Layout& layout, const SymbolSource& symbols, const AddressSpace& memory) {
  apply_offsets(layout, symbols.with_prefix("v8dbg_"), memory);
  compare_types(layout, symbols.with_prefix("v8dbg_type_"), memory);
  apply_frame_types(layout, symbols.with_prefix("v8dbg_frametype_"), memory);
  apply_builtin_names(layout, symbols, memory);
  if (const auto table = symbols.find("_ZN2v88internal10RootsTable11root_names_E")) {
    apply_root_order(layout, *table, memory);
  }
}

}  // namespace corewalk::v8

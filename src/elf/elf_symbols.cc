#include "elf/elf_symbols.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "elf/byte_cursor.h"
#include "elf/gnu_hash.h"

namespace corewalk {

/// One symbol as its table has it: no load bias.
struct ElfSymbols::Entry {
  std::string_view name;
  uint64_t value = 0;
  uint64_t size_bytes = 0;
  bool is_defined = false;  ///< has a value of its own: an address, or a thread-local offset
  bool is_tls = false;
  bool is_local = false;

  /// Entry number `index` of `table`; nothing if the table ends before, or its name is no string.
  static std::optional<Entry> load(const SymbolTable& table, uint64_t index);
};

namespace {

uint64_t entry_count(const SymbolTable& table) { return table.entries.size() / sizeof(Elf64_Sym); }

// C++ names get long, but a table without a NUL in it must not be searched to its end over and
// over.
constexpr size_t kLongestName = size_t{64} * 1024;

/// The name at `offset`, or nothing if it does not end within the string table.
std::optional<std::string_view> name_at(const SymbolTable& table, uint64_t offset) {
  if (offset >= table.names.size()) return std::nullopt;
  const auto* const begin = reinterpret_cast<const char*>(table.names.data() + offset);
  const auto* const nul = static_cast<const char*>(
      std::memchr(begin, 0, std::min(kLongestName, table.names.size() - offset)));
  if (nul == nullptr) return std::nullopt;
  return std::string_view(begin, static_cast<size_t>(nul - begin));
}

}  // namespace

std::optional<ElfSymbols::Entry> ElfSymbols::Entry::load(const SymbolTable& table, uint64_t index) {
  if (index >= entry_count(table)) return std::nullopt;
  const auto raw = read_at<Elf64_Sym>(table.entries, index * sizeof(Elf64_Sym));
  if (!raw) return std::nullopt;
  const unsigned type = ELF64_ST_TYPE(raw->st_info);
  // Absolute symbols (SHN_ABS) have a value, but it is no address.
  const bool is_defined = raw->st_shndx != SHN_UNDEF && raw->st_shndx != SHN_ABS &&
                          type != STT_SECTION && type != STT_FILE;
  if (!is_defined) return Entry{};
  const auto name = name_at(table, raw->st_name);
  if (!name || name->empty()) return Entry{};
  return Entry{.name = *name,
               .value = raw->st_value,
               .size_bytes = raw->st_size,
               .is_defined = true,
               .is_tls = type == STT_TLS,
               .is_local = ELF64_ST_BIND(raw->st_info) == STB_LOCAL};
}

/// Name to entry number of one table: open addressing with linear probing. For tables without a
/// hash of their own.
class ElfSymbols::NameIndex {
 public:
  explicit NameIndex(const SymbolTable& table) : table_(table) {
    const uint64_t count =
        std::min<uint64_t>(entry_count(table), std::numeric_limits<uint32_t>::max() / 4);
    slots_.resize(std::bit_ceil(2 * count + 2));
    for (uint64_t i = 0; i < count; ++i) {
      const auto entry = Entry::load(table, i);
      if (entry && entry->is_defined) insert(*entry, static_cast<uint32_t>(i));
    }
  }

  template <class Visit>
  void each_candidate(std::string_view name, Visit visit) const {
    const uint32_t hash = hash_of(name);
    for (size_t at = hash & mask(); slots_[at].number != 0; at = (at + 1) & mask()) {
      if (slots_[at].hash == hash && visit(uint64_t{slots_[at].number} - 1)) return;
    }
  }

 private:
  struct Slot {
    uint32_t hash = 0;
    uint32_t number = 0;  ///< entry number + 1; 0 = empty
  };

  static uint32_t hash_of(std::string_view name) {
    const uint64_t hash = std::hash<std::string_view>()(name);
    return static_cast<uint32_t>(hash ^ (hash >> 32));
  }
  [[nodiscard]] size_t mask() const { return slots_.size() - 1; }

  /// Of several symbols of one name one is kept, a global one if there is any: what would make the
  /// probing quadratic (a compiler's .L0) is worth nothing to us.
  void insert(const Entry& entry, uint32_t number) {
    const uint32_t hash = hash_of(entry.name);
    size_t at = hash & mask();
    for (; slots_[at].number != 0; at = (at + 1) & mask()) {
      if (slots_[at].hash != hash) continue;
      const auto other = Entry::load(table_, slots_[at].number - 1);
      if (!other || other->name != entry.name || other->is_tls != entry.is_tls) continue;
      if (other->is_local && !entry.is_local) slots_[at].number = number + 1;
      return;
    }
    slots_[at] = {hash, number + 1};
  }

  const SymbolTable& table_;
  std::vector<Slot> slots_;
};

/// Symbols of all tables in order of value, without those that others hide.
class ElfSymbols::AddressIndex {
 public:
  explicit AddressIndex(const std::vector<SymbolTable>& tables) {
    for (size_t t = 0; t < tables.size(); ++t) {
      const uint64_t count =
          std::min<uint64_t>(entry_count(tables[t]), std::numeric_limits<uint32_t>::max());
      for (uint64_t i = 0; i < count; ++i) {
        const auto raw = read_at<Elf64_Sym>(tables[t].entries, i * sizeof(Elf64_Sym));
        if (!raw || raw->st_shndx == SHN_UNDEF) continue;
        const unsigned type = ELF64_ST_TYPE(raw->st_info);
        if (raw->st_size == 0 && type != STT_FUNC) continue;
        if (type != STT_FUNC && type != STT_OBJECT && type != STT_GNU_IFUNC) continue;
        places_.push_back(
            {raw->st_value, static_cast<uint32_t>(t), static_cast<uint32_t>(i), raw->st_size != 0});
      }
    }
    // Several names for one address: one that tells its size; then .dynsym first, as the exported
    // name is the telling one.
    std::stable_sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      return a.value < b.value || (a.value == b.value && a.has_size && !b.has_size);
    });
    const auto same = [](const Place& a, const Place& b) { return a.value == b.value; };
    places_.erase(std::unique(places_.begin(), places_.end(), same), places_.end());
  }

  struct Place {
    uint64_t value = 0;
    uint32_t table = 0;
    uint32_t number = 0;
    bool has_size = false;
  };

  /// The last symbol that does not begin above `value`.
  [[nodiscard]] const Place* last_not_above(uint64_t value) const {
    const auto after =
        std::upper_bound(places_.begin(), places_.end(), value,
                         [](uint64_t v, const Place& place) { return v < place.value; });
    return after == places_.begin() ? nullptr : &*std::prev(after);
  }

 private:
  std::vector<Place> places_;
};

ElfSymbols::ElfSymbols(std::vector<SymbolTable> tables, uint64_t load_bias_bytes)
    : tables_(std::move(tables)), load_bias_bytes_(load_bias_bytes), indices_(tables_.size()) {
  for (SymbolTable& table : tables_) {
    if (!GnuHash::parse(table.gnu_hash)) table.gnu_hash = {};
  }
}

const ElfSymbols::NameIndex& ElfSymbols::index_of(size_t table) const {
  const std::scoped_lock lock(mutex_);
  if (indices_[table] == nullptr) {
    indices_[table] = std::make_shared<const NameIndex>(tables_[table]);
  }
  return *indices_[table];
}

std::optional<ElfSymbols::Entry> ElfSymbols::find_entry(std::string_view name, bool is_tls) const {
  std::optional<Entry> found;
  for (size_t i = 0; i < tables_.size() && !found; ++i) {
    const auto visit = [&](uint64_t index) {
      const auto entry = Entry::load(tables_[i], index);
      if (!entry || !entry->is_defined || entry->is_tls != is_tls || entry->name != name) {
        return false;
      }
      found = entry;
      return true;
    };
    if (const auto hash = GnuHash::parse(tables_[i].gnu_hash)) {
      hash->each_candidate(name, visit);
    } else {
      index_of(i).each_candidate(name, visit);
    }
  }
  return found;
}

std::optional<Symbol> ElfSymbols::find(std::string_view name) const {
  const std::optional<Entry> entry = find_entry(name, /*is_tls=*/false);
  if (!entry) return std::nullopt;
  // Modulo 2^64: a bias may be "negative".
  return Symbol{entry->name, Address(entry->value + load_bias_bytes_), entry->size_bytes};
}

const ElfSymbols::AddressIndex& ElfSymbols::address_index() const {
  const std::scoped_lock lock(mutex_);
  if (by_address_ == nullptr) by_address_ = std::make_shared<const AddressIndex>(tables_);
  return *by_address_;
}

std::optional<Symbol> ElfSymbols::find_containing(Address address) const {
  const uint64_t value = address.value() - load_bias_bytes_;
  const AddressIndex::Place* place = address_index().last_not_above(value);
  if (place == nullptr) return std::nullopt;
  const auto entry = Entry::load(tables_[place->table], place->number);
  // What is written in assembler (_start) often has no size: it ends where the next one begins.
  constexpr uint64_t kLongestUnsized = 4096;
  if (!entry || !entry->is_defined) return std::nullopt;
  const uint64_t size = place->has_size ? entry->size_bytes : kLongestUnsized;
  if (value - entry->value >= size) return std::nullopt;
  return Symbol{entry->name, Address(entry->value + load_bias_bytes_), entry->size_bytes};
}

std::optional<uint64_t> ElfSymbols::thread_local_offset(std::string_view name) const {
  const std::optional<Entry> entry = find_entry(name, /*is_tls=*/true);
  if (!entry) return std::nullopt;
  return entry->value;
}

std::span<const Symbol> ElfSymbols::with_prefix(std::string_view prefix) const {
  const std::scoped_lock lock(mutex_);
  if (const auto known = by_prefix_.find(prefix); known != by_prefix_.end()) return known->second;

  std::vector<Symbol> symbols;
  for (const SymbolTable& table : tables_) {
    const uint64_t count = entry_count(table);
    const std::string_view names(reinterpret_cast<const char*>(table.names.data()),
                                 table.names.size());
    for (uint64_t i = 0; i < count; ++i) {
      // The name first: most are turned away by it, without a search for their end.
      const auto name_offset =
          read_at<uint32_t>(table.entries, i * sizeof(Elf64_Sym) + offsetof(Elf64_Sym, st_name));
      if (!name_offset || *name_offset >= names.size()) continue;
      if (names.compare(*name_offset, prefix.size(), prefix) != 0) continue;
      const auto entry = Entry::load(table, i);
      if (!entry || !entry->is_defined || entry->is_tls) continue;
      symbols.push_back({entry->name, Address(entry->value + load_bias_bytes_), entry->size_bytes});
    }
  }
  const auto key = [](const Symbol& s) { return std::pair(s.name, s.address); };
  std::sort(symbols.begin(), symbols.end(),
            [&](const Symbol& a, const Symbol& b) { return key(a) < key(b); });
  symbols.erase(std::unique(symbols.begin(), symbols.end(),
                            [&](const Symbol& a, const Symbol& b) { return key(a) == key(b); }),
                symbols.end());
  return by_prefix_.emplace(std::string(prefix), std::move(symbols)).first->second;
}

bool ElfSymbols::has_full_symbols() const {
  return std::any_of(tables_.begin(), tables_.end(),
                     [](const SymbolTable& table) { return table.is_full; });
}

}  // namespace corewalk

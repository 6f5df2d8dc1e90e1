#include "unwind/unwind_table.h"

#include <elf.h>
#include <elfutils/libdw.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>

#include "unwind/table_check.h"

namespace corewalk {
namespace {

constexpr uint64_t kMostTableBytes = uint64_t{256} << 20;

/// Where .eh_frame_hdr and .eh_frame lie. One linker puts the index behind the table.
struct Extent {
  AddressRange range;
  size_t frame_offset = 0;
  size_t index_offset = 0;
};

std::optional<Extent> extent_of(const CodeModule& module) {
  constexpr std::byte kRelative4{0x1b};  // DW_EH_PE_pcrel | DW_EH_PE_sdata4: what all linkers write
  const Address index = module.unwind_tables.begin();
  const auto encoding = module.constants->read<std::byte>(index + 1, "encoding of .eh_frame_hdr");
  const auto distance = module.constants->read<int32_t>(index + 4, ".eh_frame_hdr");
  if (!encoding || !distance || *encoding != kRelative4) return {};
  const Address frame(index.value() + 4 + static_cast<uint64_t>(int64_t{*distance}));
  const Address begin = std::min(index, frame);
  const AddressRange range(begin, module.unwind_tables.end());
  if (!module.range.contains(begin) || range.size() > kMostTableBytes) return {};
  return Extent{range, frame - begin, index - begin};
}

/// Bytes in front of the contents of an image.
constexpr size_t kContents = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);

/// A small ELF file with the bytes of `extent` as its only segment.
std::vector<char> make_image(const CodeModule& module, AddressRange extent, Machine machine) {
  std::vector<char> image(kContents + extent.size());
  const auto contents = std::as_writable_bytes(std::span(image)).subspan(kContents);
  (void)module.constants->read_partial(extent, contents);

  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = machine == Machine::kX86_64 ? EM_X86_64 : EM_AARCH64;
  header.e_version = EV_CURRENT;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 2;
  std::memcpy(image.data(), &header, sizeof(header));

  const auto put = [&](size_t number, uint32_t type, AddressRange range) {
    Elf64_Phdr segment = {};
    segment.p_type = type;
    segment.p_flags = PF_R;
    segment.p_offset = kContents + (range.begin() - extent.begin());
    segment.p_vaddr = range.begin().value();
    segment.p_filesz = range.size();
    segment.p_memsz = range.size();
    segment.p_align = 1;
    std::memcpy(image.data() + sizeof(Elf64_Ehdr) + number * sizeof(Elf64_Phdr), &segment,
                sizeof(segment));
  };
  put(0, PT_LOAD, extent);
  put(1, PT_GNU_EH_FRAME, module.unwind_tables);
  return image;
}

std::vector<Operation> copy(const Dwarf_Op* operations, size_t count) {
  std::vector<Operation> copied;
  for (size_t i = 0; i < count; ++i) {
    const Dwarf_Op& from = operations[i];
    copied.push_back({.code = from.atom,
                      .operand = from.number,
                      .operand2 = from.number2,
                      .offset = from.offset});
  }
  return copied;
}

std::optional<RegisterRule> rule_of(Dwarf_Frame* frame, int number) {
  Dwarf_Op kept[3];
  Dwarf_Op* operations = nullptr;
  size_t count = 0;
  if (dwarf_frame_register(frame, number, kept, &operations, &count) != 0) return {};
  if (count != 0) {
    return RegisterRule{RegisterRule::Kind::kExpression, copy(operations, count)};
  }
  // libdw's way to tell "undefined" from "same value".
  return RegisterRule{operations == nullptr ? RegisterRule::Kind::kUnchanged
                                            : RegisterRule::Kind::kUnknown};
}

}  // namespace

class UnwindTable::Impl {
 public:
  explicit Impl(std::vector<char> image) : image_(std::move(image)) {
    elf_version(EV_CURRENT);
    elf_ = elf_memory(image_.data(), image_.size());
    if (elf_ != nullptr) cfi_ = dwarf_getcfi_elf(elf_);
  }
  ~Impl() {
    if (cfi_ != nullptr) dwarf_cfi_end(cfi_);
    elf_end(elf_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] Dwarf_CFI* cfi() const { return cfi_; }

 private:
  std::vector<char> image_;
  Elf* elf_ = nullptr;
  Dwarf_CFI* cfi_ = nullptr;
};

UnwindTable::UnwindTable(const CodeModule& module, Machine machine) {
  if (!module.problem.empty()) {
    problem_ = module.problem;
    return;
  }
  problem_ = fmt::format("{} has no unwind tables", module.path);
  const auto extent = module.unwind_tables.empty() ? std::nullopt : extent_of(module);
  if (!extent) return;
  std::vector<char> image = make_image(module, extent->range, machine);
  const auto contents = std::as_bytes(std::span(image)).subspan(kContents);
  if (!are_sound_tables(contents, extent->frame_offset, extent->index_offset)) {
    problem_ = fmt::format("the unwind tables of {} are damaged", module.path);
    return;
  }
  auto impl = std::make_unique<Impl>(std::move(image));
  if (impl->cfi() == nullptr) return;
  impl_ = std::move(impl);
  problem_.clear();
}

UnwindTable::~UnwindTable() = default;

std::optional<FrameRules> UnwindTable::rules_at(Address pc) const {
  if (impl_ == nullptr) return {};
  Dwarf_Frame* found = nullptr;
  if (dwarf_cfi_addrframe(impl_->cfi(), pc.value(), &found) != 0) return {};
  const std::unique_ptr<Dwarf_Frame, decltype(&std::free)> frame(found, &std::free);

  FrameRules rules;
  Dwarf_Op* operations = nullptr;
  size_t count = 0;
  if (dwarf_frame_cfa(frame.get(), &operations, &count) != 0) return {};
  rules.frame_address = copy(operations, count);
  const int return_column = dwarf_frame_info(frame.get(), nullptr, nullptr, &rules.interrupts);
  auto return_address = rule_of(frame.get(), return_column);
  if (!return_address) return {};
  rules.return_address = *std::move(return_address);
  for (int number = 0; number < static_cast<int>(Registers::kCount); ++number) {
    rules.registers.push_back(rule_of(frame.get(), number).value_or(RegisterRule{}));
  }
  return rules;
}

}  // namespace corewalk

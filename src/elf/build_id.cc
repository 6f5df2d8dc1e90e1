#include "elf/build_id.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "elf/byte_cursor.h"
#include "elf/program_headers.h"

namespace corewalk {
namespace {

constexpr uint64_t kMostProgramHeaders = 4096;  // of an executable; a sane one has about a dozen
constexpr uint64_t kMostNoteBytes = uint64_t{1} << 20;

std::optional<uint64_t> lookup(const std::map<uint64_t, uint64_t>& auxv, uint64_t type) {
  const auto found = auxv.find(type);
  if (found == auxv.end()) return std::nullopt;
  return found->second;
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool is_library(std::string_view path) {
  return base_name(path).find(".so") != std::string_view::npos;
}

/// Text at `address`, or empty.
std::string read_text(const AddressSpace& memory, Address address) {
  constexpr uint64_t kLongestPath = 4096;
  const auto bytes = memory.view_prefix(address, kLongestPath);
  return bytes ? std::string(fixed_text(bytes->bytes())) : std::string();
}

AddressRange biased_range(const ProgramHeader& header, uint64_t bias) {
  return AddressRange(Address(header.address + bias), header.memory_size_bytes);
}

/// Where a module loaded at `bias` lies, and its unwind tables in it.
void read_ranges(const std::vector<ProgramHeader>& headers, uint64_t bias, CoreModule* module) {
  const auto index = std::find_if(headers.begin(), headers.end(), [](const ProgramHeader& h) {
    return h.type == SegmentType::kUnwindIndex;
  });
  for (const ProgramHeader& header : headers) {
    if (header.type != SegmentType::kLoad) continue;
    const AddressRange range = biased_range(header, bias);
    const AddressRange& all = module->range;
    module->range = all.empty() ? range
                                : AddressRange(std::min(all.begin(), range.begin()),
                                               std::max(all.end(), range.end()));
    if (index == headers.end()) continue;
    const Address start = biased_range(*index, bias).begin();
    if (range.contains(start)) module->unwind_tables = AddressRange(start, range.end());
  }
}

/// Takes from `headers` what identifies a module loaded at `bias`.
void read_segments(const std::vector<ProgramHeader>& headers, uint64_t bias,
                   const AddressSpace& core, CoreModule* module) {
  module->has_headers = true;
  module->load_bias_bytes = bias;
  module->tls = find_tls(headers);
  read_ranges(headers, bias, module);
  for (const ProgramHeader& header : headers) {
    if (header.type == SegmentType::kDynamic) {
      module->dynamic_segment = Address(header.address + bias);
      module->dynamic_size_bytes = header.memory_size_bytes;
    }
    // libc.so.6 asks for an interpreter too: it can be run.
    if (header.type == SegmentType::kInterpreter && !is_library(module->path)) {
      module->is_program = true;
    }
    if (header.type != SegmentType::kNote || !module->build_id.empty()) continue;
    const uint64_t size = std::min(header.memory_size_bytes, kMostNoteBytes);
    const auto notes = core.view(AddressRange(Address(header.address + bias), size));
    if (!notes) continue;
    module->has_notes = true;
    module->build_id = find_build_id(notes->bytes(), header.align);
  }
}

/// Fills `module` from the ELF header mapped at its base.
void read_headers_at_base(const AddressSpace& core, CoreModule* module) {
  const Address base = *module->base;
  const auto page = core.view_prefix(base, kMostProgramHeaders * kProgramHeaderSize);
  if (!page) return;
  ElfHeader header;
  if (read_elf_header(page->bytes(), &header) != HeaderProblem::kNone) return;
  if (header.program_header_count > kMostProgramHeaders) return;
  const uint64_t table_size = header.program_header_count * kProgramHeaderSize;
  const auto table = core.view(AddressRange(base + header.program_headers_offset, table_size));
  if (!table) return;
  const std::vector<ProgramHeader> headers = read_program_headers(table->bytes());
  const auto first = std::find_if(headers.begin(), headers.end(), [](const ProgramHeader& h) {
    return h.type == SegmentType::kLoad && h.offset < kProgramHeaderSize;
  });
  if (first == headers.end()) return;
  read_segments(headers, base.value() - (first->address - first->offset), core, module);
}

/// Fills `module` from AT_PHDR, for cores without NT_FILE.
void read_headers_at_phdr(const AddressSpace& core, const std::map<uint64_t, uint64_t>& auxv,
                          CoreModule* module) {
  const auto address = lookup(auxv, AT_PHDR);
  const auto count = lookup(auxv, AT_PHNUM);
  if (!address || !count || *count > kMostProgramHeaders) return;
  const auto table = core.view(AddressRange(Address(*address), *count * kProgramHeaderSize));
  if (!table) return;
  const std::vector<ProgramHeader> headers = read_program_headers(table->bytes());
  const auto self = std::find_if(headers.begin(), headers.end(), [](const ProgramHeader& h) {
    return h.type == SegmentType::kPhdr;
  });
  if (self == headers.end()) return;
  read_segments(headers, *address - self->address, core, module);
}

/// The mapped file that holds `address`.
const MappedFile* file_at(const CoreNotes& notes, Address address) {
  const auto found =
      std::find_if(notes.files.begin(), notes.files.end(),
                   [&](const MappedFile& file) { return file.range.contains(address); });
  return found == notes.files.end() ? nullptr : &*found;
}

CoreModule module_at(const AddressSpace& core, const std::string& path,
                     std::optional<Address> base) {
  CoreModule module;
  module.path = path;
  module.base = base;
  module.is_in_auxv = false;
  module.is_program = false;
  if (base) read_headers_at_base(core, &module);
  return module;
}

CoreModule module_of(const CoreNotes& notes, const AddressSpace& core, const MappedFile& file) {
  std::optional<Address> base;
  for (const MappedFile& other : notes.files) {
    if (other.path != file.path || other.file_offset_bytes != 0) continue;
    if (!base || other.range.begin() < *base) base = other.range.begin();
  }
  return module_at(core, file.path, base);
}

bool is_loader(std::string_view path) {
  const std::string_view name = base_name(path);
  return name.starts_with("ld-") || name.starts_with("ld.so");
}

/// The program in a process that was started as "ld.so node": there the auxiliary vector is about
/// ld.so.
std::optional<CoreModule> program_run_by_loader(const CoreNotes& notes, const AddressSpace& core) {
  for (const MappedFile& file : notes.files) {
    if (file.file_offset_bytes != 0 || is_loader(file.path)) continue;
    CoreModule module = module_at(core, file.path, file.range.begin());
    if (module.is_program) return module;
  }
  return std::nullopt;
}

/// Can a program with the entry point and the headers of `image` have been started with this
/// auxiliary vector? The reason, if not.
std::optional<std::string> contradiction(const ElfImage& image,
                                         const std::map<uint64_t, uint64_t>& auxv) {
  const auto count = lookup(auxv, AT_PHNUM);
  if (count && *count != image.program_header_count()) {
    return fmt::format("it has {} program headers, the process had {}",
                       image.program_header_count(), *count);
  }
  const auto entry = lookup(auxv, AT_ENTRY);
  if (entry && image.has_fixed_address() && *entry != image.entry().value()) {
    return fmt::format("its entry point is {:#x}, the process started at {:#x}",
                       image.entry().value(), *entry);
  }
  const auto headers = lookup(auxv, AT_PHDR);
  const auto own_headers = image.program_headers_address();
  if (entry && headers && own_headers &&
      *entry - image.entry().value() != *headers - own_headers->value()) {
    return "its entry point lies elsewhere than that of the process";
  }
  return std::nullopt;
}

}  // namespace

CoreModule find_executable(const CoreNotes& notes, const AddressSpace& core) {
  const MappedFile* file = nullptr;
  for (const uint64_t type : {uint64_t{AT_PHDR}, uint64_t{AT_ENTRY}}) {
    const auto address = lookup(notes.auxv, type);
    if (file == nullptr && address) file = file_at(notes, Address(*address));
  }
  if (file != nullptr && is_loader(file->path)) {
    if (auto program = program_run_by_loader(notes, core)) return *std::move(program);
  }
  if (file == nullptr) {
    const auto named =
        std::find_if(notes.files.begin(), notes.files.end(), [&](const MappedFile& f) {
          return f.file_offset_bytes == 0 && base_name(f.path) == notes.name;
        });
    if (named != notes.files.end()) file = &*named;
  }
  CoreModule module;
  if (file != nullptr) module = module_of(notes, core, *file);
  module.is_in_auxv = true;
  module.is_program = true;
  if (!module.has_headers) read_headers_at_phdr(core, notes.auxv, &module);
  if (module.path.empty()) {
    if (const auto name = lookup(notes.auxv, AT_EXECFN)) {
      module.path = read_text(core, Address(*name));
    }
  }
  return module;
}

std::optional<CoreModule> find_library(const CoreNotes& notes, const AddressSpace& core,
                                       std::string_view prefix) {
  for (const MappedFile& file : notes.files) {
    if (base_name(file.path).starts_with(prefix)) return module_of(notes, core, file);
  }
  return std::nullopt;
}

CoreModule read_module(const AddressSpace& core, const std::string& path, Address base) {
  return module_at(core, path, base);
}

std::optional<CoreModule> find_by_build_id(const CoreNotes& notes, const AddressSpace& core,
                                           std::string_view build_id) {
  for (const MappedFile& file : notes.files) {
    if (file.file_offset_bytes != 0) continue;
    CoreModule module = module_at(core, file.path, file.range.begin());
    if (module.build_id == build_id) return module;
  }
  return std::nullopt;
}

BinaryCheck check_binary(const ElfImage& image, const CoreModule& module, Machine machine,
                         const std::map<uint64_t, uint64_t>& auxv) {
  if (image.machine() != machine) {
    return {BinaryVerdict::kMismatch, fmt::format("it is for {}, the core is of {}",
                                                  to_string(image.machine()), to_string(machine))};
  }
  if (!module.build_id.empty() && module.build_id == image.build_id()) {
    return {BinaryVerdict::kMatch, fmt::format("build-id {}", image.build_id())};
  }
  if (!module.build_id.empty() || (module.has_notes && !image.build_id().empty())) {
    const auto shown = [](const std::string& id) { return id.empty() ? "none" : id; };
    return {BinaryVerdict::kMismatch, fmt::format("its build-id is {}, that in the core is {}",
                                                  shown(image.build_id()), shown(module.build_id))};
  }
  if (module.is_in_auxv) {
    if (const auto reason = contradiction(image, auxv)) return {BinaryVerdict::kMismatch, *reason};
  }
  const std::string_view why = module.has_notes ? "neither it nor the core has a build-id"
                                                : "the core does not hold the build-id";
  const bool has_auxv = module.is_in_auxv && auxv.contains(AT_ENTRY);
  return {BinaryVerdict::kUnverified,
          fmt::format("{}{}", why, has_auxv ? "; entry point and header count agree" : "")};
}

std::optional<uint64_t> load_bias(const ElfImage& image, const CoreModule& module,
                                  const std::map<uint64_t, uint64_t>& auxv) {
  if (image.has_fixed_address()) return 0;
  if (module.is_in_auxv) {
    const auto headers = lookup(auxv, AT_PHDR);
    const auto own_headers = image.program_headers_address();
    if (headers && own_headers) return *headers - own_headers->value();
    if (const auto entry = lookup(auxv, AT_ENTRY)) return *entry - image.entry().value();
  }
  const auto lowest = image.lowest_address();
  if (module.base && lowest) return module.base->value() - lowest->value();
  if (module.has_headers) return module.load_bias_bytes;
  return std::nullopt;
}

}  // namespace corewalk

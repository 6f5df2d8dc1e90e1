#include "elf/file_mapping.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/failure.h"

namespace corewalk {
namespace {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Magic {
  std::string_view bytes;
  std::string_view advice;
};

using namespace std::string_view_literals;

// What people hand over by mistake. {0} is the path.
constexpr std::array<Magic, 9> kKnownFormats = {{
    {"\x28\xb5\x2f\xfd"sv, "is compressed with zstd; unpack it first: zstd -d {0}"},
    {"\x1f\x8b"sv, "is compressed with gzip; unpack it first: gunzip -k {0}"},
    {"\xfd"
     "7zXZ"sv,
     "is compressed with xz; unpack it first: xz -dk {0}"},
    {"\x04\x22\x4d\x18"sv, "is compressed with lz4; unpack it first: lz4 -d {0}"},
    {"BZh"sv, "is compressed with bzip2; unpack it first: bunzip2 -k {0}"},
    {"PK\x03\x04"sv, "is a zip archive; unpack it first: unzip {0}"},
    {"\xcf\xfa\xed\xfe"sv, "is a Mach-O file of macOS; only ELF files of Linux can be read"},
    {"MDMP"sv, "is a Windows minidump; only ELF files of Linux can be read"},
    {R"({"snapshot")"sv, "is a V8 heap snapshot, not an ELF file"},
}};

[[noreturn]] void fail(std::string_view role, const std::filesystem::path& path,
                       std::string_view problem) {
  throw Failure(ExitCode::kUsage, fmt::format("{} {}: {}", role, path.string(), problem));
}

[[noreturn]] void fail_open(std::string_view role, const std::filesystem::path& path, int error) {
  switch (error) {
    case ENOENT:
      fail(role, path, "no such file; is the path right?");
    case ENOTDIR:
      fail(role, path, "a part of the path is not a directory");
    case EACCES:
      fail(role, path, "no permission to read it (the kernel writes cores for their owner only)");
    default:
      fail(role, path, std::strerror(error));
  }
}

void reject_known_formats(std::string_view role, const std::filesystem::path& path,
                          std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Magic& format : kKnownFormats) {
    if (!text.starts_with(format.bytes)) continue;
    const std::string advice = fmt::format(fmt::runtime(format.advice), path.string());
    throw Failure(ExitCode::kUsage, fmt::format("{} {} {}", role, path.string(), advice));
  }
}

}  // namespace

FileMapping FileMapping::open(const std::filesystem::path& path, std::string_view role) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) fail_open(role, path, errno);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) fail_open(role, path, errno);
  if (S_ISDIR(status.st_mode)) fail(role, path, "is a directory; name a file in it");
  if (!S_ISREG(status.st_mode)) {
    fail(role, path, "is not a regular file; write it to one first (cat > FILE)");
  }
  if (status.st_size == 0) fail(role, path, "is empty (disk full, or ulimit -c 0?)");

  const auto size = static_cast<size_t>(status.st_size);
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, file.get(), 0);
  if (data == MAP_FAILED) {
    fail(role, path,
         fmt::format("cannot be mapped into memory ({}); is there a limit on address space "
                     "(ulimit -v)?",
                     std::strerror(errno)));
  }
  FileMapping mapping(path, {static_cast<const std::byte*>(data), size});
  reject_known_formats(role, path, mapping.bytes());
  return mapping;
}

FileMapping::FileMapping(FileMapping&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

FileMapping& FileMapping::operator=(FileMapping&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

FileMapping::~FileMapping() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace corewalk

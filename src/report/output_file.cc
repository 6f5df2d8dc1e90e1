#include "report/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/failure.h"

namespace corewalk {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int error) {
  throw Failure(ExitCode::kUsage, fmt::format("{}: cannot write: {}.", path.string(),
                                              std::generic_category().message(error)));
}

bool is_standard_output(const fs::path& path) { return path == "-"; }

}  // namespace

Compression compression_of(const fs::path& path) {
  if (path.extension() == ".gz") return Compression::kGzip;
  if (path.extension() == ".zst") return Compression::kZstd;
  return Compression::kNone;
}

/// Bytes to a file descriptor.
class OutputFile::Descriptor final : public ByteSink {
 public:
  Descriptor(int fd, bool owned, fs::path name) : fd_(fd), owned_(owned), name_(std::move(name)) {}
  ~Descriptor() override {
    if (owned_ && fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0) {
        if (errno == EINTR) continue;
        fail(name_, errno);
      }
      bytes.remove_prefix(static_cast<size_t>(count));
      written_bytes_ += static_cast<uint64_t>(count);
    }
  }

  /// Some file systems say only here that the disk is full.
  void finish() override {
    const int fd = std::exchange(fd_, -1);
    if (owned_ && ::close(fd) != 0 && errno != EINTR) fail(name_, errno);
  }

  [[nodiscard]] uint64_t written_bytes() const { return written_bytes_; }

 private:
  int fd_;
  bool owned_;
  fs::path name_;
  uint64_t written_bytes_ = 0;
};

OutputFile::OutputFile(const fs::path& path) : path_(path) {
  std::error_code error;
  if (is_standard_output(path)) {
    plain_ = std::make_unique<Descriptor>(STDOUT_FILENO, /*owned=*/false, "standard output");
    return;
  }
  // Through links, so that the link stays one.
  if (fs::is_symlink(path_, error)) path_ = fs::weakly_canonical(path_, error);
  const fs::file_status status = fs::status(path_, error);
  int fd = -1;
  if (fs::is_directory(status)) fail(path, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fd = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // mkostemp makes it with mode 0600.
    std::string name = path_.string() + ".XXXXXX";
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) temporary_ = name;
  }
  if (fd < 0) fail(path, errno);
  plain_ = std::make_unique<Descriptor>(fd, /*owned=*/true, path);
  const Compression kind = compression_of(path_);
  if (kind != Compression::kNone) compressed_ = make_compressed_sink(kind, *plain_);
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

ByteSink& OutputFile::sink() {
  if (compressed_) return *compressed_;
  return *plain_;
}

uint64_t OutputFile::written_bytes() const { return plain_->written_bytes(); }

void OutputFile::commit() {
  sink().finish();
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, errno);
  temporary_.clear();
}

}  // namespace corewalk

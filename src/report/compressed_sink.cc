#include "report/compressed_sink.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "base/failure.h"

namespace corewalk {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;

// Snapshots are digits and commas, of which the fast levels make as little as the slow ones
// (docs/adr/0010-compressed-output.md).
constexpr int kGzipLevel = 1;
constexpr int kZstdLevel = 1;

class GzipSink final : public ByteSink {
 public:
  explicit GzipSink(ByteSink& next) : next_(next), block_(kBlockBytes) {
    constexpr int kWindowBits = 15;
    constexpr int kGzipHeader = 16;
    constexpr int kMemoryLevel = 9;
    if (deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, kWindowBits + kGzipHeader, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipSink() override { deflateEnd(&stream_); }
  GzipSink(const GzipSink&) = delete;
  GzipSink& operator=(const GzipSink&) = delete;

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const size_t size = std::min<size_t>(bytes.size(), std::numeric_limits<uInt>::max());
      // zlib reads only; its pointer is not const in older releases.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream_.avail_in = static_cast<uInt>(size);
      while (stream_.avail_in != 0) deflate_block(Z_NO_FLUSH);
      bytes.remove_prefix(size);
    }
  }

  void finish() override {
    while (deflate_block(Z_FINISH) != Z_STREAM_END) {
    }
    next_.finish();
  }

 private:
  int deflate_block(int flush) {
    stream_.next_out = reinterpret_cast<Bytef*>(block_.data());
    stream_.avail_out = static_cast<uInt>(block_.size());
    const int state = deflate(&stream_, flush);
    assert(state != Z_STREAM_ERROR);
    next_.write({block_.data(), block_.size() - stream_.avail_out});
    return state;
  }

  ByteSink& next_;
  std::vector<char> block_;
  z_stream stream_ = {};
};

class ZstdSink final : public ByteSink {
 public:
  explicit ZstdSink(ByteSink& next)
      : next_(next), context_(ZSTD_createCCtx()), block_(kBlockBytes) {
    if (context_ == nullptr) throw std::bad_alloc();
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kZstdLevel));
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
    // A library built without threads refuses this and compresses in ours.
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_nbWorkers, 1);
  }

  void write(std::string_view bytes) override {
    ZSTD_inBuffer input = {bytes.data(), bytes.size(), 0};
    while (input.pos < input.size) compress_block(input, ZSTD_e_continue);
  }

  void finish() override {
    ZSTD_inBuffer nothing = {nullptr, 0, 0};
    while (compress_block(nothing, ZSTD_e_end) != 0) {
    }
    next_.finish();
  }

 private:
  struct Deleter {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  static size_t check(size_t result) {
    if (ZSTD_isError(result) != 0) {
      throw Failure(ExitCode::kUsage,
                    std::string("Cannot compress: ") + ZSTD_getErrorName(result) + ".");
    }
    return result;
  }

  size_t compress_block(ZSTD_inBuffer& input, ZSTD_EndDirective directive) {
    ZSTD_outBuffer output = {block_.data(), block_.size(), 0};
    const size_t left = check(ZSTD_compressStream2(context_.get(), &output, &input, directive));
    if (output.pos != 0) next_.write({block_.data(), output.pos});
    return left;
  }

  ByteSink& next_;
  std::unique_ptr<ZSTD_CCtx, Deleter> context_;
  std::vector<char> block_;
};

}  // namespace

std::unique_ptr<ByteSink> make_compressed_sink(Compression kind, ByteSink& next) {
  assert(kind != Compression::kNone);
  if (kind == Compression::kGzip) return std::make_unique<GzipSink>(next);
  return std::make_unique<ZstdSink>(next);
}

}  // namespace corewalk

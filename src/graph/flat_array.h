#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace corewalk {

/// An array of fixed size for numbers, whose memory is not touched before it is written to, and is
/// given back to the system when the array goes. Large ones ask for huge pages: work on a graph is
/// random access to such arrays, and much of its time goes into TLB misses without them.
template <typename T>
class FlatArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  FlatArray() = default;
  /// `size` elements of no particular value.
  explicit FlatArray(size_t size) : data_(allocate(size)), size_(size) {}
  FlatArray(size_t size, T value) : FlatArray(size) {
    for (T& element : *this) element = value;
  }
  FlatArray(FlatArray&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  FlatArray& operator=(FlatArray&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  FlatArray(const FlatArray&) = delete;
  FlatArray& operator=(const FlatArray&) = delete;
  ~FlatArray() = default;

  /// A copy of `values`.
  [[nodiscard]] static FlatArray of(std::span<const T> values) {
    FlatArray array(values.size());
    for (size_t i = 0; i < values.size(); ++i) array[i] = values[i];
    return array;
  }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] T* begin() { return data_.get(); }
  [[nodiscard]] T* end() { return data_.get() + size_; }
  [[nodiscard]] const T* begin() const { return data_.get(); }
  [[nodiscard]] const T* end() const { return data_.get() + size_; }
  [[nodiscard]] T& operator[](size_t i) {
    assert(i < size_);
    return data_[i];
  }
  [[nodiscard]] const T& operator[](size_t i) const {
    assert(i < size_);
    return data_[i];
  }

 private:
  static constexpr size_t kHugePageBytes = size_t{2} << 20;
  static constexpr size_t kLargeBytes = 2 * kHugePageBytes;

  /// Large arrays are mappings of their own: malloc would keep what is freed of them.
  struct Free {
    size_t bytes = 0;
    void operator()(T* data) const {
      if (bytes < kLargeBytes) {
        std::free(data);
      } else {
        (void)::munmap(data, bytes);
      }
    }
  };
  using Data = std::unique_ptr<T[], Free>;

  static Data allocate(size_t size) {
    if (size == 0) return nullptr;
    if (size > SIZE_MAX / 2 / sizeof(T)) throw std::bad_alloc();
    const size_t bytes = size * sizeof(T);
    if (bytes >= kLargeBytes) return Data(static_cast<T*>(map_aligned(bytes)), Free{bytes});
    auto* data = static_cast<T*>(std::malloc(bytes));
    if (data == nullptr) throw std::bad_alloc();
    return Data(data, Free{bytes});
  }

  /// A mapping that begins where a huge page may.
  static void* map_aligned(size_t bytes) {
    const size_t whole = bytes + kHugePageBytes;
    void* mapping =
        ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) throw std::bad_alloc();
    auto* begin = static_cast<std::byte*>(mapping);
    void* place = begin;
    size_t room = whole;
    std::align(kHugePageBytes, bytes, place, room);
    auto* data = static_cast<std::byte*>(place);
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    std::byte* end = data + (bytes + page - 1) / page * page;
    if (data > begin) (void)::munmap(begin, static_cast<size_t>(data - begin));
    if (end < begin + whole) (void)::munmap(end, static_cast<size_t>(begin + whole - end));
#ifdef MADV_HUGEPAGE
    (void)::madvise(data, bytes, MADV_HUGEPAGE);  // a wish: all works without
#endif
    return data;
  }

  Data data_;
  size_t size_ = 0;
};

}  // namespace corewalk

#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "graph/page_memory.h"

namespace corewalk {

/// An array of fixed size for numbers, whose memory is not touched before it is written to. That of
/// large ones comes from PageMemory, and goes back there with the array.
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
  struct Free {
    size_t bytes = 0;
    void operator()(T* data) const {
      if (bytes < PageMemory::kLeastBytes) {
        std::free(data);
      } else {
        PageMemory::release(data, bytes);
      }
    }
  };
  using Data = std::unique_ptr<T[], Free>;

  static Data allocate(size_t size) {
    if (size == 0) return nullptr;
    if (size > SIZE_MAX / 2 / sizeof(T)) throw std::bad_alloc();
    const size_t bytes = size * sizeof(T);
    void* data = bytes < PageMemory::kLeastBytes ? std::malloc(bytes) : PageMemory::allocate(bytes);
    if (data == nullptr) throw std::bad_alloc();
    return Data(static_cast<T*>(data), Free{bytes});
  }

  Data data_;
  size_t size_ = 0;
};

}  // namespace corewalk

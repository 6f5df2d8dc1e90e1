#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "memory/address_space.h"
#include "v8/layout.h"

namespace corewalk {

/// A C or C++ object outside of the heap, read by the names of its fields: a struct of libuv as the
/// layout's class table describes it. Nothing is checked but that the memory is there.
class NativeObject {
 public:
  /// A class that the layout does not know has no fields.
  NativeObject(const AddressSpace& memory, const v8::Layout& layout, std::string_view class_name,
               Address address);

  [[nodiscard]] Address address() const { return address_; }
  /// An integer field.
  [[nodiscard]] std::optional<int64_t> number(std::string_view field) const;
  /// A pointer that is not null.
  [[nodiscard]] std::optional<Address> pointer(std::string_view field) const;
  /// The C string a pointer points to, up to kMaxText bytes of it.
  [[nodiscard]] std::optional<std::string> text(std::string_view field) const;
  /// The C string in the object itself, from the field on.
  [[nodiscard]] std::optional<std::string> text_at(std::string_view field) const;

  static constexpr uint64_t kMaxText = 4096;

 private:
  [[nodiscard]] std::optional<Address> place(std::string_view field) const;

  const AddressSpace& memory_;
  const v8::ObjectClass* class_ = nullptr;
  Address address_;
};

/// The C string at `address`; absent if its memory is not there or it is longer than kMaxText.
[[nodiscard]] std::optional<std::string> read_c_string(const AddressSpace& memory, Address address);

}  // namespace corewalk

#pragma once

// Catch2 of either generation: Debian 12 has version 2, newer distributions version 3.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define COREWALK_CATCH_CONTAINS Catch::Matchers::ContainsSubstring
#else
#include <catch2/catch.hpp>
#define COREWALK_CATCH_CONTAINS Catch::Matchers::Contains
#endif

#include <string>

#include "base/address.h"

namespace corewalk::test {

/// For CHECK_THAT: a text that holds `part`.
inline auto contains_text(const std::string& part) { return COREWALK_CATCH_CONTAINS(part); }

}  // namespace corewalk::test
#undef COREWALK_CATCH_CONTAINS

// How a failed check shows our types. Without this a range of addresses would pass for a container.
template <>
struct Catch::StringMaker<corewalk::Address> {
  static std::string convert(corewalk::Address address) {
    return "Address(" + Catch::Detail::stringify(address.value()) + ")";
  }
};

template <>
struct Catch::StringMaker<corewalk::AddressRange> {
  static std::string convert(const corewalk::AddressRange& range) {
    return "[" + Catch::Detail::stringify(range.begin()) + ", " +
           Catch::Detail::stringify(range.end()) + ")";
  }
};

#include <limits>
#include <unordered_set>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/failure.h"
#include "base/progress.h"
#include "base/result.h"
#include "support/byte_writer.h"
#include "support/catch.h"

namespace corewalk {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST_CASE("address arithmetic saturates instead of wrapping", "[base]") {
  CHECK((Address(kMax - 1) + 1).value() == kMax);
  CHECK((Address(kMax - 1) + 2).value() == kMax);
  CHECK((Address(16) + kMax).value() == kMax);
  CHECK((Address(5) - uint64_t{6}).is_null());
  CHECK(Address(9) - Address(4) == 5);
  CHECK(Address(4) - Address(9) == 0);
}

TEST_CASE("address alignment", "[base]") {
  CHECK(Address(0x1000).is_aligned(0x1000));
  CHECK_FALSE(Address(0x1008).is_aligned(0x10));
  CHECK(Address(0x1fff).align_down(0x1000) == Address(0x1000));
  CHECK(Address(0x1001).align_up(0x1000) == Address(0x2000));
  CHECK(Address(0x1000).align_up(0x1000) == Address(0x1000));
  CHECK(Address(kMax).align_up(0x1000) == Address(kMax).align_down(0x1000));
}

TEST_CASE("a range is half-open and never inverted", "[base]") {
  const AddressRange range(Address(10), Address(20));
  CHECK(range.size() == 10);
  CHECK(range.contains(Address(10)));
  CHECK_FALSE(range.contains(Address(20)));
  CHECK(AddressRange(Address(20), Address(10)).empty());
  CHECK(AddressRange(Address(kMax - 3), uint64_t{100}).size() == 3);
  CHECK(range.contains(AddressRange(Address(12), Address(20))));
  CHECK_FALSE(range.contains(AddressRange(Address(12), Address(21))));
  CHECK_FALSE(range.overlaps(AddressRange(Address(20), Address(30))));
  CHECK(range.overlaps(AddressRange(Address(19), Address(30))));
  CHECK(range.intersect(AddressRange(Address(15), Address(30))).size() == 5);
  CHECK(range.intersect(AddressRange(Address(25), Address(30))).empty());
}

TEST_CASE("addresses are hashable", "[base]") {
  const std::unordered_set<Address> set = {Address(8), Address(16), Address(8)};
  CHECK(set.size() == 2);
}

TEST_CASE("a view never reads past its end", "[base]") {
  const auto bytes = test::ByteWriter().put(uint64_t{0x1122334455667788}).put('x').take();
  const ByteView view(Address(0x1000), bytes);
  CHECK(view.read<uint64_t>(0).value() == 0x1122334455667788);
  CHECK(view.read<uint64_t>(1).ok());  // unaligned
  const auto beyond = view.read<uint64_t>(2, "a field");
  REQUIRE_FALSE(beyond.ok());
  CHECK(beyond.fault().kind == FaultKind::kOutOfBounds);
  CHECK(beyond.fault().where == Address(0x1002));
  CHECK(std::string_view(beyond.fault().reading) == "a field");
  CHECK_FALSE(view.read<char>(9).ok());
  CHECK_FALSE(view.read<char>(kMax).ok());
  CHECK_FALSE(view.read<uint64_t>(kMax - 3).ok());
}

TEST_CASE("a slice is shortened to what there is", "[base]") {
  const auto bytes = test::to_bytes("0123456789");
  const ByteView view(Address(0x1000), bytes);
  CHECK(view.slice(4, 100).size() == 6);
  CHECK(view.slice(4, 2).base() == Address(0x1004));
  CHECK(view.slice(10, 1).size() == 0);
  CHECK(view.slice(11, 1).size() == 0);
  CHECK(view.slice(kMax, kMax).size() == 0);
}

TEST_CASE("a result holds a value or a fault", "[base]") {
  const Result<int> good = 3;
  const Result<int> bad = Fault{FaultKind::kUnmapped, Address(1), "x"};
  CHECK(good.value_or(4) == 3);
  CHECK(bad.value_or(4) == 4);
  CHECK_FALSE(bad);
  CHECK(to_string(bad.fault().kind) == "not mapped");
}

TEST_CASE("a failure carries its exit code", "[base]") {
  try {
    throw Failure(ExitCode::kUnsupported, "why");
  } catch (const Failure& failure) {
    CHECK(failure.code() == ExitCode::kUnsupported);
    CHECK(std::string_view(failure.what()) == "why");
  }
  CHECK_FALSE(NoProgress().interrupted());
}

}  // namespace
}  // namespace corewalk

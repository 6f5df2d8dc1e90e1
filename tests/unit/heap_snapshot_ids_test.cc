#include <set>

#include "base/failure.h"
#include "report/snapshot_ids.h"
#include "support/catch.h"

namespace corewalk {
namespace {

constexpr uint64_t kPage = uint64_t{256} << 10;

SnapshotPage page_at(uint64_t address, uint64_t size = kPage, bool large = false) {
  return {.range = AddressRange(Address(address), size), .large = large};
}

std::vector<SnapshotPage> pages_from(uint64_t address, size_t count) {
  std::vector<SnapshotPage> pages;
  for (size_t i = 0; i < count; ++i) pages.push_back(page_at(address + 2 * i * kPage));
  return pages;
}

TEST_CASE("ids of objects are odd, differ, and lead back", "[snapshot]") {
  const std::vector<SnapshotPage> pages = {page_at(0x2f1b3c000000),
                                           page_at(0x7f0000000000, kPage * 40, /*large=*/true),
                                           page_at(0x100000000000), page_at(0x40000000, kPage * 2)};
  const SnapshotIds ids(pages);
  std::set<uint32_t> seen;
  const auto check = [&](size_t page, uint64_t offset) {
    const Address address = pages[page].range.begin() + offset;
    const uint32_t id = ids.object_id(page, address);
    CHECK(id % 2 == 1);
    CHECK(id > SnapshotIds::root_id(SnapshotIds::kRootIds - 1));
    CHECK(seen.insert(id).second);
    const auto place = ids.find(id);
    REQUIRE(place.has_value());
    CHECK(place->cell == AddressRange(address, uint64_t{8}));
    CHECK_FALSE(place->native);

    const uint32_t native = SnapshotIds::native_id(id);
    CHECK(native % 2 == 0);
    CHECK(seen.insert(native).second);
    REQUIRE(ids.find(native).has_value());
    CHECK(ids.find(native)->cell.begin() == address);
    CHECK(ids.find(native)->native);
  };
  for (const size_t page : {0U, 1U, 2U, 3U}) {
    for (const uint64_t offset : {0U, 8U, 0x110U, 0x118U, 0x3fff8U}) check(page, offset);
  }
  check(3, kPage);
  check(3, 2 * kPage - 8);
}

TEST_CASE("ids of roots are the first, as in V8's files", "[snapshot]") {
  CHECK(SnapshotIds::root_id(0) == 1);
  CHECK(SnapshotIds::root_id(1) == 3);
  const SnapshotIds ids(pages_from(0x10000000, 1));
  CHECK_FALSE(ids.find(0));
  CHECK_FALSE(ids.find(1));
  CHECK_FALSE(ids.find(SnapshotIds::root_id(SnapshotIds::kRootIds - 1)));
}

TEST_CASE("an id that no page has leads nowhere", "[snapshot]") {
  const SnapshotIds ids(pages_from(0x10000000, 2));
  const uint32_t last = ids.object_id(1, Address(0x10000000 + 3 * kPage - 8));
  CHECK(ids.find(last));
  CHECK_FALSE(ids.find(last + 2));
  CHECK_FALSE(ids.find(0xffffffff));
  CHECK_FALSE(SnapshotIds({}).find(5000));
}

TEST_CASE("ids of a page that is not full", "[snapshot]") {
  const std::vector<SnapshotPage> pages = {page_at(0x10000000, 0x8000), page_at(0x20000000)};
  const SnapshotIds ids(pages);
  CHECK(ids.find(ids.object_id(0, Address(0x10000000 + 0x7ff8))));
  CHECK_FALSE(ids.find(ids.object_id(0, Address(0x10000000 + 0x7ff8)) + 2));
  CHECK(ids.find(ids.object_id(1, Address(0x20000000)))->cell.begin() == Address(0x20000000));
}

TEST_CASE("ids reach over 32 GiB of pages", "[snapshot]") {
  // 100 000 pages: cells of 16 bytes.
  const std::vector<SnapshotPage> pages = pages_from(0x200000000000, 100000);
  const SnapshotIds ids(pages);
  std::set<uint32_t> seen;
  for (const size_t page : {size_t{0}, size_t{1}, size_t{65535}, size_t{65536}, size_t{99999}}) {
    for (const uint64_t offset : {uint64_t{0}, uint64_t{0x128}, kPage - 16}) {
      const Address address = pages[page].range.begin() + offset;
      const uint32_t id = ids.object_id(page, address);
      CHECK(seen.insert(id).second);
      REQUIRE(ids.find(id));
      CHECK(ids.find(id)->cell.contains(address));
      CHECK(ids.find(id)->cell.size() == 16);
      REQUIRE(ids.find(SnapshotIds::native_id(id)));
      CHECK(ids.find(SnapshotIds::native_id(id))->cell.contains(address));
    }
  }
  // The last page that has words of its own, and the first that has not.
  CHECK(SnapshotIds(pages_from(0, 65535)).find(3000)->cell.size() == 8);
  CHECK(SnapshotIds(pages_from(0, 65536)).find(3000)->cell.size() == 16);
  CHECK_THROWS_AS(SnapshotIds(pages_from(0, 131072)), Failure);
}

}  // namespace
}  // namespace corewalk

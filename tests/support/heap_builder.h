#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/segmented_memory.h"
#include "support/byte_writer.h"
#include "v8/heap.h"
#include "v8/layout.h"

namespace corewalk::test {

/// Number of a page of a HeapBuilder, in order of making.
using PageId = size_t;

struct PageSpec {
  std::string_view space = "old_space";
  uint64_t bytes = 0x4000;  ///< of the whole page, with 4 KiB for its header
  size_t isolate = 0;
  bool large = false;
  bool from_page = false;
  bool unswept = false;
};

/// A Map to be written. What is 0 is left to the builder: no constructor, no descriptors, and null
/// for a prototype.
struct MapSpec {
  std::string_view type = "JS_OBJECT";
  uint8_t words = 0;            ///< instance size; 0: by the size rule of the type
  uint8_t in_object_start = 3;  ///< first in-object property, in words
  v8::TaggedWord prototype = 0;
  v8::TaggedWord constructor = 0;
  v8::TaggedWord descriptors = 0;
  uint32_t own_descriptors = 0;
  bool is_prototype = false;
  bool is_dictionary = false;
  bool new_target_is_base = false;
};

struct PropertySpec {
  v8::TaggedWord key = 0;
  v8::TaggedWord value = 0;  ///< only of a property that lives in the descriptor
  bool is_accessor = false;
  bool in_descriptor = false;
  bool is_double = false;
  uint32_t field_index = 0;
};

/// Writes V8 heaps into memory of a process that never ran. Knows no version of V8: all offsets,
/// numbers and rules are those of the Layout, so a heap can be had for every layout file.
///
/// A new builder has one isolate with all roots that check_layout() asks for, and one page of old
/// space, onto which objects go. The maps of V8's own objects, names and oddballs lie on a
/// read-only page. memory() ends every page with a free-list entry.
class HeapBuilder {
 public:
  explicit HeapBuilder(const v8::Layout& layout);

  [[nodiscard]] const v8::Layout& layout() const { return layout_; }

  // Isolates and pages.
  size_t add_isolate();
  PageId add_page(const PageSpec& spec);
  void use_page(PageId page) { current_ = page; }
  [[nodiscard]] AddressRange area(PageId page) const { return pages_[page].area; }
  [[nodiscard]] Address chunk(PageId page) const { return pages_[page].chunk; }
  [[nodiscard]] Address metadata(PageId page) const;
  [[nodiscard]] Address top(PageId page) const { return pages_[page].top; }
  [[nodiscard]] PageId first_page() const { return 1; }
  [[nodiscard]] PageId read_only_page() const { return 0; }
  [[nodiscard]] Address isolate(size_t index = 0) const;
  [[nodiscard]] Address heap(size_t index = 0) const;
  void set_root(std::string_view name, v8::TaggedWord word);
  [[nodiscard]] v8::TaggedWord root(std::string_view name) const {
    return roots_.find(name)->second;
  }
  /// The next `bytes` of the page become the open allocation area of its space.
  void open_area(PageId id, uint64_t bytes);
  /// The rest of the page is left as zeros, as on a page that was never filled.
  void leave_rest_unused(PageId page) { pages_[page].fill_rest = false; }
  /// The page comes after `page` in its space's list.
  void link_pages(PageId page, PageId next);

  // Raw objects, at the top of the current page.
  Address allocate(uint64_t bytes);
  Address add_map(const MapSpec& spec);
  /// The one map that all objects of an internal type share.
  Address map_of(std::string_view type);
  /// An object of a fixed size: the map, then `words`.
  Address add_object(Address map, std::initializer_list<v8::TaggedWord> words);
  /// An object whose size follows from its length by the layout's rule.
  Address add_sized(std::string_view type, uint32_t length);
  Address add_free_space(uint64_t bytes);
  Address add_filler();  ///< one word

  // Containers and strings.
  Address add_array(const std::vector<v8::TaggedWord>& elements,
                    std::string_view type = "FIXED_ARRAY");
  Address add_descriptors(const std::vector<PropertySpec>& properties);
  Address add_name_dictionary(const std::vector<PropertySpec>& properties);
  Address add_string(std::string_view latin1);
  Address add_wide_string(std::u16string_view text);
  Address add_cons(Address first, Address second, uint32_t length);
  Address add_sliced(Address parent, uint32_t offset, uint32_t length);
  Address add_thin(Address actual, uint32_t length);
  Address add_external_string(Address chars, uint32_t length);
  /// An internalized string on the read-only page; the same one for the same text.
  Address name(std::string_view text);

  // JavaScript objects.
  Address add_function(Address shared);
  /// SharedFunctionInfo that bears its name itself.
  Address add_shared(v8::TaggedWord name);
  struct Class {
    Address function;
    Address prototype;
    Address map;
  };
  /// A class with `fields` in-object properties f0, f1, ...; its prototype object inherits from
  /// `parent`.
  Class add_class(std::string_view name, uint8_t fields = 0, v8::TaggedWord parent = 0);
  Address add_instance(const Class& c, std::initializer_list<v8::TaggedWord> fields = {});

  // Bytes.
  template <class T>
  void write(Address address, const T& value) {
    std::memcpy(at(address, sizeof(T)), &value, sizeof(T));
  }
  template <class T>
  [[nodiscard]] T read(Address address) {
    T value;
    std::memcpy(&value, at(address, sizeof(T)), sizeof(T));
    return value;
  }
  /// Memory of the process outside its heap; `address` must be free.
  void add_block(Address address, uint64_t bytes) { blocks_[address].resize(bytes); }
  [[nodiscard]] v8::TaggedWord undefined() const { return undefined_; }
  [[nodiscard]] v8::TaggedWord null() const { return null_; }

  /// The memory as it stands. Valid as long as the builder is neither changed nor gone.
  struct Missing {
    AddressRange range;
    Residency why = Residency::kNotInCore;
  };
  [[nodiscard]] std::unique_ptr<SegmentedMemory> memory(const std::vector<Missing>& missing = {});

  /// All memory, by address.
  [[nodiscard]] const std::map<Address, Bytes>& blocks() const { return blocks_; }

  static v8::TaggedWord smi(int32_t value) {
    return static_cast<uint64_t>(static_cast<uint32_t>(value)) << 32;
  }

 private:
  struct Page {
    PageSpec spec;
    Address chunk;
    AddressRange area;
    Address top;
    uint64_t allocated_bytes = 0;
    bool read_only = false;
    bool fill_rest = true;
  };

  std::byte* at(Address address, uint64_t bytes);
  PageId make_page(const PageSpec& spec, bool read_only);
  [[nodiscard]] Address space_object(size_t index, std::string_view space) const;
  [[nodiscard]] uint32_t space_number(std::string_view space) const;
  [[nodiscard]] Address start_of(const v8::AllocationAreaPlace& place, size_t index) const;
  void add_constants();
  void add_oddball(std::string_view root, std::string_view text);
  void write_header(const Page& page);
  void fill_rest(Page& page);
  void write_free_space(Address address, uint64_t bytes);
  /// Some versions have one type for all thin strings.
  [[nodiscard]] std::string_view thin_type() const;
  [[nodiscard]] v8::TaggedWord details(const PropertySpec& property) const;
  [[nodiscard]] uint16_t number_of(std::string_view type) const;

  const v8::Layout& layout_;
  std::map<Address, Bytes> blocks_;
  std::vector<Page> pages_;
  size_t isolate_count_ = 0;
  uint64_t area_blocks_ = 0;
  PageId current_ = 0;
  Address next_chunk_;
  std::map<std::string, Address, std::less<>> maps_;
  std::map<std::string, Address, std::less<>> names_;
  std::map<std::string, v8::TaggedWord, std::less<>> roots_;
  v8::TaggedWord undefined_ = 0;
  v8::TaggedWord null_ = 0;
};

/// All built-in layouts, oldest V8 first.
[[nodiscard]] const std::vector<std::unique_ptr<v8::Layout>>& all_layouts();

/// A heap found in what a builder wrote.
struct FoundHeap {
  explicit FoundHeap(HeapBuilder& builder, const std::vector<HeapBuilder::Missing>& missing = {});

  [[nodiscard]] const v8::Heap* operator->() const { return heap.get(); }
  [[nodiscard]] const v8::Heap& operator*() const { return *heap; }

  std::unique_ptr<SegmentedMemory> memory;
  std::unique_ptr<v8::Heap> heap;
};

}  // namespace corewalk::test

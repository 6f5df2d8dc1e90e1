#include "support/heap_builder.h"

#include <algorithm>
#include <stdexcept>

#include "base/progress.h"
#include "v8/layout_library.h"
#include "v8/root_maps.h"

namespace corewalk::test {

using v8::BitRange;
using v8::kWordBytes;
using v8::LengthKind;
using v8::SizeRule;
using v8::tag;
using v8::TaggedWord;

namespace {

constexpr Address kFirstIsolate{0x100000001000};
constexpr uint64_t kIsolateStride = 0x100000;
constexpr uint64_t kIsolateBytes = 0x20000;
// Inside an isolate's block, behind what V8 keeps in its Isolate.
constexpr uint64_t kSpaces = 0x10000;
constexpr uint64_t kSpaceStride = 0x800;
constexpr uint64_t kLocalHeap = 0x18000;
constexpr uint64_t kAreaBlocks = 0x1a000;

constexpr Address kFirstChunk{0x200000000000};
constexpr uint64_t kHeaderBytes = 0x1000;
constexpr uint64_t kMetadata = 0x800;  // in the page, where a version has it apart
constexpr uint64_t kReadOnlyBytes = 0x10000;
constexpr uint8_t kMapWords = 10;

uint64_t encode(const BitRange& range, uint64_t value) {
  return (value & range.mask) << range.shift;
}

uint64_t round_up(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

HeapBuilder::HeapBuilder(const v8::Layout& layout) : layout_(layout), next_chunk_(kFirstChunk) {
  add_isolate();
  make_page({.space = "read_only_space", .bytes = kReadOnlyBytes}, /*read_only=*/true);
  add_constants();
  use_page(add_page({}));
}

std::byte* HeapBuilder::at(Address address, uint64_t bytes) {
  auto block = blocks_.upper_bound(address);
  if (block == blocks_.begin()) throw std::logic_error("heap builder: nothing lies there");
  --block;
  const uint64_t offset = address - block->first;
  if (offset + bytes > block->second.size()) {
    throw std::logic_error("heap builder: nothing lies there");
  }
  return block->second.data() + offset;
}

// Isolates and pages.

Address HeapBuilder::isolate(size_t index) const { return kFirstIsolate + index * kIsolateStride; }

Address HeapBuilder::heap(size_t index) const {
  return isolate(index) + layout_.isolate.heap.offset();
}

size_t HeapBuilder::add_isolate() {
  const size_t index = isolate_count_++;
  const Address base = isolate(index);
  add_block(base, kIsolateBytes);
  if (layout_.isolate.self.present()) write(base + layout_.isolate.self.offset(), base.value());
  for (const auto& [id, name] : layout_.space_names) {
    write(space_object(index, name) + layout_.space.heap.offset(), heap(index).value());
    write(space_object(index, name) + layout_.space.id.offset(), id);
  }
  if (layout_.local_heap.main.present()) {
    write(heap(index) + layout_.local_heap.main.offset(), (base + kLocalHeap).value());
    write(base + kLocalHeap, heap(index).value());
  }
  for (const auto& [name, word] : roots_) {
    write(base + layout_.isolate.roots.offset() + *layout_.root(name) * kWordBytes, word);
  }
  return index;
}

uint32_t HeapBuilder::space_number(std::string_view space) const {
  const auto found = std::find_if(layout_.space_names.begin(), layout_.space_names.end(),
                                  [&](const auto& entry) { return entry.second == space; });
  if (found == layout_.space_names.end()) {
    throw std::logic_error("heap builder: this V8 has no " + std::string(space));
  }
  return found->first;
}

Address HeapBuilder::space_object(size_t index, std::string_view space) const {
  return isolate(index) + kSpaces + space_number(space) * kSpaceStride + kSpaceStride / 2;
}

PageId HeapBuilder::add_page(const PageSpec& spec) { return make_page(spec, /*read_only=*/false); }

PageId HeapBuilder::make_page(const PageSpec& spec, bool read_only) {
  Page page;
  page.spec = spec;
  page.chunk = next_chunk_;
  page.area = {page.chunk + kHeaderBytes, page.chunk + spec.bytes};
  page.top = page.area.begin();
  page.read_only = read_only;
  // A page's neighbour is never mapped: what runs off a page runs into nothing.
  next_chunk_ = next_chunk_ + round_up(spec.bytes + 1, layout_.page_alignment);
  add_block(page.chunk, spec.bytes);
  pages_.push_back(page);
  write_header(page);
  return pages_.size() - 1;
}

Address HeapBuilder::metadata(PageId page) const {
  return layout_.page.metadata.present() ? chunk(page) + kMetadata : chunk(page);
}

void HeapBuilder::write_header(const Page& page) {
  const v8::PageFields& fields = layout_.page;
  const v8::PageFlagBits& bits = layout_.page_flags;
  const Address rest = fields.metadata.present() ? page.chunk + kMetadata : page.chunk;
  const auto put = [&](const v8::Field<uint64_t>& field, uint64_t value) {
    if (field.present()) write(rest + field.offset(), value);
  };
  uint64_t flags = 0;
  if (page.spec.large) flags |= bits.large;
  if (page.spec.from_page) flags |= bits.from_page;
  if (page.read_only) flags |= bits.read_only;
  write(page.chunk + fields.flags.offset(), flags);
  if (fields.metadata.present()) write(page.chunk + fields.metadata.offset(), rest.value());
  put(fields.size, page.spec.bytes);
  put(fields.area_start, page.area.begin().value());
  put(fields.area_end, page.area.end().value());
  put(fields.chunk, page.chunk.value());
  put(fields.allocated_bytes, page.allocated_bytes);
  put(fields.sweeping_state, page.spec.unswept ? 1 : 0);
  if (page.read_only) return;  // names no heap
  put(fields.heap, heap(page.spec.isolate).value());
  put(fields.owner, space_object(page.spec.isolate, page.spec.space).value());
}

void HeapBuilder::link_pages(PageId page, PageId next) {
  if (!layout_.page.list_next.present()) return;
  write(metadata(page) + layout_.page.list_next.offset(), metadata(next).value());
}

Address HeapBuilder::start_of(const v8::AllocationAreaPlace& place, size_t index) const {
  if (place.start == "isolate") return isolate(index);
  if (place.start == "heap") return heap(index);
  if (place.start == "local_heap") return isolate(index) + kLocalHeap;
  return space_object(index, place.start);
}

void HeapBuilder::open_area(PageId id, uint64_t bytes) {
  Page& page = pages_[id];
  const auto place =
      std::find_if(layout_.allocation_areas.begin(), layout_.allocation_areas.end(),
                   [&](const auto& area) { return area.name + "_space" == page.spec.space; });
  if (place == layout_.allocation_areas.end()) {
    throw std::logic_error("heap builder: no allocation area in " + std::string(page.spec.space));
  }
  Address word = start_of(*place, page.spec.isolate);
  for (size_t i = 0; i < place->offsets.size(); ++i) {
    if (i > 0) {
      const Address block = isolate(page.spec.isolate) + kAreaBlocks + 0x200 * ++area_blocks_;
      write(word, block.value());
      word = block;
    }
    word = Address(word.value() + static_cast<uint64_t>(int64_t{place->offsets[i]}));
  }
  write(word, page.top.value());
  write(word + place->limit_distance, (page.top + bytes).value());
  page.top = page.top + bytes;
  page.allocated_bytes += bytes;
}

void HeapBuilder::set_root(std::string_view name, TaggedWord word) {
  const auto index = layout_.root(name);
  if (!index) return;  // a root that this V8 does not have, or that nobody asked for yet
  roots_[std::string(name)] = word;
  for (size_t i = 0; i < isolate_count_; ++i) {
    write(isolate(i) + layout_.isolate.roots.offset() + *index * kWordBytes, word);
  }
}

void HeapBuilder::write_free_space(Address address, uint64_t bytes) {
  if (bytes < 2 * kWordBytes) {
    write(address, tag(maps_.at("ONE_WORD_FILLER")));
    return;
  }
  const SizeRule& rule = layout_.type(number_of("FREE_SPACE")).size;
  write(address, tag(map_of("FREE_SPACE")));
  write(address + rule.length.offset,
        smi(static_cast<int32_t>((bytes - rule.header) / rule.element)));
}

void HeapBuilder::fill_rest(Page& page) {
  const uint64_t rest = page.area.end() - page.top;
  if (!page.fill_rest || rest == 0) return;
  write_free_space(page.top, rest);
}

std::unique_ptr<SegmentedMemory> HeapBuilder::memory(const std::vector<Missing>& missing) {
  for (Page& page : pages_) {
    fill_rest(page);
    if (layout_.page.allocated_bytes.present()) {
      const Address rest = layout_.page.metadata.present() ? page.chunk + kMetadata : page.chunk;
      write(rest + layout_.page.allocated_bytes.offset(), page.allocated_bytes);
    }
  }
  std::vector<SegmentedMemory::Piece> pieces;
  for (const auto& [address, bytes] : blocks_) {
    pieces.push_back({.segment = {.range = {address, bytes.size()},
                                  .residency = Residency::kPresent,
                                  .readable = true,
                                  .writable = true},
                      .bytes = bytes.data()});
  }
  for (const Missing& hole : missing) {
    pieces.push_back({.segment = {.range = hole.range,
                                  .residency = hole.why,
                                  .readable = true,
                                  .writable = true},
                      .bytes = nullptr});
  }
  return std::make_unique<SegmentedMemory>(pieces);
}

std::string_view HeapBuilder::thin_type() const {
  const bool has_both = layout_.type_number("THIN_ONE_BYTE_STRING").has_value();
  return has_both ? "THIN_ONE_BYTE_STRING" : "THIN_TWO_BYTE_STRING";
}

// Raw objects.

uint16_t HeapBuilder::number_of(std::string_view type) const {
  const auto number = layout_.type_number(type);
  if (!number) throw std::logic_error("heap builder: this V8 has no type " + std::string(type));
  return *number;
}

Address HeapBuilder::allocate(uint64_t bytes) {
  Page& page = pages_[current_];
  const uint64_t size = round_up(bytes, kWordBytes);
  if (size > page.area.end() - page.top) throw std::logic_error("heap builder: page is full");
  const Address object = page.top;
  page.top = page.top + size;
  page.allocated_bytes += size;
  return object;
}

Address HeapBuilder::add_map(const MapSpec& spec) {
  const v8::MapFields& fields = layout_.map;
  const v8::BitLayout& bits = layout_.bits;
  const Address map = allocate(kMapWords * kWordBytes);
  const auto meta = maps_.find("MAP");
  write(map, tag(meta == maps_.end() ? map : meta->second));
  write(map + fields.instance_size_in_words.offset(), spec.words);
  write(map + fields.in_object_start_or_constructor_index.offset(), spec.in_object_start);
  write(map + fields.instance_type.offset(), number_of(spec.type));
  write(map + fields.bit_field2.offset(),
        static_cast<uint8_t>(encode(bits.new_target_is_base, spec.new_target_is_base ? 1 : 0)));
  write(map + fields.bit_field3.offset(),
        static_cast<uint32_t>(encode(bits.own_descriptors, spec.own_descriptors) |
                              encode(bits.prototype_map, spec.is_prototype ? 1 : 0) |
                              encode(bits.dictionary_map, spec.is_dictionary ? 1 : 0)));
  write(map + fields.prototype.offset(), spec.prototype != 0 ? spec.prototype : null_);
  write(map + fields.constructor_or_back_pointer.offset(),
        spec.constructor != 0 ? spec.constructor : null_);
  write(map + fields.instance_descriptors.offset(), spec.descriptors);
  return map;
}

Address HeapBuilder::map_of(std::string_view type) {
  const auto known = maps_.find(type);
  if (known != maps_.end()) return known->second;
  const PageId page = std::exchange(current_, read_only_page());
  const Address map = add_map({.type = type});
  current_ = page;
  maps_.emplace(type, map);
  return map;
}

Address HeapBuilder::add_object(Address map, std::initializer_list<TaggedWord> words) {
  const uint64_t size =
      read<uint8_t>(map + layout_.map.instance_size_in_words.offset()) * kWordBytes;
  const Address object = allocate(std::max(size, (words.size() + 1) * kWordBytes));
  write(object, tag(map));
  Address field = object + kWordBytes;
  for (const TaggedWord word : words) {
    write(field, word);
    field = field + kWordBytes;
  }
  return object;
}

Address HeapBuilder::add_sized(std::string_view type, uint32_t length) {
  const Address map = map_of(type);
  const SizeRule& rule = layout_.type(number_of(type)).size;
  if (rule.length.kind == LengthKind::kNone || rule.kind == v8::SizeKind::kUnknown) {
    throw std::logic_error("heap builder: no size rule for " + std::string(type));
  }
  const uint64_t units = (length + rule.per - uint64_t{1}) / rule.per;
  const Address object = allocate(round_up(rule.header + units * rule.element, rule.align));
  write(object, tag(map));
  const Address field = object + rule.length.offset;
  const uint32_t stored = length << rule.shift;
  switch (rule.length.kind) {
    case LengthKind::kNone:
      break;
    case LengthKind::kSmi:
      write(field, smi(static_cast<int32_t>(stored)));
      break;
    case LengthKind::kUint32:
    case LengthKind::kInt32:
      write(field, stored);
      break;
    case LengthKind::kUint16:
      write(field, static_cast<uint16_t>(stored));
      break;
    case LengthKind::kUint8:
      write(field, static_cast<uint8_t>(stored));
      break;
  }
  return object;
}

Address HeapBuilder::add_free_space(uint64_t bytes) {
  const Address address = allocate(bytes);
  pages_[current_].allocated_bytes -= bytes;
  write_free_space(address, bytes);
  return address;
}

Address HeapBuilder::add_filler() {
  const Address address = allocate(kWordBytes);
  write(address, tag(maps_.at("ONE_WORD_FILLER")));
  return address;
}

// The objects every V8 is born with.

void HeapBuilder::add_oddball(std::string_view root, std::string_view text) {
  const uint64_t to_string = layout_.container.oddball_to_string.offset();
  const Address oddball = add_object(map_of("ODDBALL"), {});
  write(oddball + to_string, tag(name(text)));
  set_root(root, tag(oddball));
}

void HeapBuilder::add_constants() {
  use_page(read_only_page());
  maps_["MAP"] = add_map({.type = "MAP", .words = kMapWords});
  const auto add_fixed = [&](std::string_view type, uint8_t words) {
    return maps_.emplace(type, add_map({.type = type, .words = words})).first->second;
  };
  const Address filler = add_map({.type = "FILLER", .words = 1});
  maps_["ONE_WORD_FILLER"] = filler;
  set_root("one_pointer_filler_map", tag(filler));
  set_root("two_pointer_filler_map", tag(add_map({.type = "FILLER", .words = 2})));
  const uint64_t to_string = layout_.container.oddball_to_string.offset();
  add_fixed("ODDBALL", static_cast<uint8_t>(to_string / kWordBytes + 1));
  add_fixed("HEAP_NUMBER", 2);
  add_fixed("SYMBOL", 3);
  add_fixed("CONS_ONE_BYTE_STRING", 4);
  add_fixed("SLICED_ONE_BYTE_STRING", 4);
  add_fixed(thin_type(), 3);
  add_fixed("EXTERNAL_ONE_BYTE_STRING", 4);
  add_fixed("SHARED_FUNCTION_INFO", 8);
  add_fixed("JS_FUNCTION", 8);
  for (const v8::RootMap& root : v8::kRootMaps) {
    if (root.type == "FILLER") continue;
    const bool is_cow = root.root == "fixed_cow_array_map";
    set_root(root.root, tag(is_cow ? add_map({.type = root.type}) : map_of(root.type)));
  }
  add_oddball("undefined_value", "undefined");
  add_oddball("null_value", "null");
  add_oddball("true_value", "true");
  add_oddball("false_value", "false");
  undefined_ = roots_.at("undefined_value");
  null_ = roots_.at("null_value");
  set_root("empty_string", tag(name("")));
  set_root("constructor_string", tag(name("constructor")));
  set_root("name_string", tag(name("name")));
  const Address symbol = add_object(map_of("SYMBOL"), {0, 0});
  write(symbol + layout_.string.symbol_description.offset(), tag(name("Symbol.toStringTag")));
  set_root("to_string_tag_symbol", tag(symbol));
  set_root("empty_fixed_array", tag(add_array({})));
}

}  // namespace corewalk::test

#pragma once

#include <optional>
#include <string_view>

#include "v8/heap.h"
#include "v8/map_info.h"

namespace corewalk::v8 {

/// One heap object, with its fields by V8's names for them (the layout's class table). Loading
/// checks the map and that the whole object lies on its page; after that only what a field says can
/// be wrong.
class ObjectView {
 public:
  /// A Fault if there is no object at `address` or it does not fit its page. One that was moved is
  /// loaded from where it is now.
  [[nodiscard]] static Result<ObjectView> load(const Heap& heap, Address address);
  /// The object a tagged word refers to, strongly or weakly.
  [[nodiscard]] static Result<ObjectView> at(const Heap& heap, TaggedWord word);

  [[nodiscard]] const Heap& heap() const { return *heap_; }
  [[nodiscard]] Address address() const { return address_; }
  [[nodiscard]] const MapInfo& map() const { return map_; }
  [[nodiscard]] TypeTag tag() const { return map_.tag; }
  [[nodiscard]] const TypeInfo& type() const { return *map_.type; }
  [[nodiscard]] uint64_t size_bytes() const { return bytes_.size(); }
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  /// True if the object is of this class of the layout, or of one derived from it.
  [[nodiscard]] bool is(std::string_view class_name) const;

  [[nodiscard]] bool has(std::string_view field) const { return find(field) != nullptr; }
  /// The word of a tagged field. A Fault if this version's class has no such field.
  [[nodiscard]] Result<TaggedWord> tagged(std::string_view field) const;
  /// The object a tagged field refers to.
  [[nodiscard]] Result<ObjectView> object(std::string_view field) const;
  /// The value of a field that holds a number: a Smi, an integer, an address.
  [[nodiscard]] Result<int64_t> number(std::string_view field) const;
  /// Some bits of such a field: "status" of "flags".
  [[nodiscard]] std::optional<uint32_t> bits(std::string_view field, std::string_view name) const;

  /// How many elements the field at the object's end has: up to its length field, as the size rule
  /// of the type says, and never beyond the object.
  [[nodiscard]] uint64_t element_count(const ClassField& field) const;
  /// The word at `offset` from the object's start.
  [[nodiscard]] Result<TaggedWord> word(uint64_t offset) const;
  /// The integer in a field of any kind but tagged and weak ones.
  [[nodiscard]] Result<int64_t> number_at(const ClassField& field, uint64_t index = 0) const;

 private:
  ObjectView(const Heap& heap, Address address, const MapInfo& map, ByteView bytes)
      : heap_(&heap), address_(address), map_(map), bytes_(bytes) {}
  [[nodiscard]] const ClassField* find(std::string_view field) const {
    return Layout::field(map_.type->object_class, field);
  }

  const Heap* heap_;
  Address address_;
  MapInfo map_;
  ByteView bytes_;
};

}  // namespace corewalk::v8

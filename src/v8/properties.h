#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "v8/heap.h"

namespace corewalk::v8 {

// PropertyAttributes (property-details.h).
inline constexpr uint32_t kReadOnly = 1;
inline constexpr uint32_t kDontEnum = 2;

/// What a Map says of the objects of its shape.
struct MapView {
  Address map;
  uint16_t instance_type = 0;
  TypeTag tag = TypeTag::kUnknown;
  uint32_t instance_size_in_words = 0;
  uint32_t in_object_start_in_words = 0;
  uint32_t own_descriptors = 0;
  bool is_prototype_map = false;
  bool is_dictionary_map = false;
  bool new_target_is_base = false;
  TaggedWord prototype = 0;
  TaggedWord constructor_or_back_pointer = 0;
  TaggedWord descriptors = 0;

  /// How many properties the objects hold themselves; further ones are in their PropertyArray.
  [[nodiscard]] uint32_t in_object_capacity() const {
    return instance_size_in_words - std::min(instance_size_in_words, in_object_start_in_words);
  }

  /// Decodes the map of `object`, or of an object whose map is `map`.
  [[nodiscard]] static Result<MapView> of_object(const Heap& heap, Address object);
  [[nodiscard]] static Result<MapView> load(const Heap& heap, Address map);
};

/// One entry of a DescriptorArray.
struct Descriptor {
  TaggedWord key = 0;
  TaggedWord value = 0;
  bool is_accessor = false;
  bool in_descriptor = false;  ///< the value is here, not in the object
  bool is_double = false;
  uint32_t field_index = 0;
  uint32_t attributes = 0;  ///< PropertyAttributes (property-details.h)
};

/// Reads the own properties of JavaScript objects: fast ones by descriptor, slow ones from the
/// object's dictionary.
class PropertyReader {
 public:
  explicit PropertyReader(const Heap& heap) : heap_(heap) {}

  [[nodiscard]] std::vector<Descriptor> descriptors(const MapView& map) const;
  [[nodiscard]] Result<TaggedWord> field(Address object, const MapView& map,
                                         uint32_t field_index) const;

  /// What an object itself holds under a key.
  struct OwnProperty {
    bool exists = false;
    std::optional<TaggedWord> data;  ///< absent for accessors and for what cannot be read
  };
  /// The own property `key`, compared by identity as V8 does for internalized names and symbols.
  [[nodiscard]] OwnProperty own_property(Address object, const MapView& map, TaggedWord key) const;

  struct DataProperty {
    TaggedWord key = 0;
    TaggedWord value = 0;
  };
  /// All own data properties, fast or slow, in the order they are stored. Double fields, which hold
  /// no tagged value in some versions, and accessors are left out; those of a global object count
  /// as data, which is their AccessorPair.
  [[nodiscard]] std::vector<DataProperty> own_data_properties(Address object,
                                                              const MapView& map) const;

  /// Where the value of a property is.
  enum class Holds : uint8_t {
    kTagged,    ///< `value`
    kAccessor,  ///< `value` is an AccessorPair or an AccessorInfo
    kDouble,    ///< `number`
    kUnreadable,
  };
  struct Property {
    TaggedWord key = 0;
    Holds holds = Holds::kUnreadable;
    TaggedWord value = 0;
    double number = 0;
    bool read_only = false;
    bool hidden = false;  ///< not enumerable
  };
  /// All own properties, fast or slow, in the order they were added; at most `limit`.
  [[nodiscard]] std::vector<Property> own_properties(Address object, const MapView& map,
                                                     uint64_t limit) const;

  /// Number of own properties of a dictionary-mode object.
  [[nodiscard]] uint64_t dictionary_size(Address object) const;

 private:
  struct Entry {
    TaggedWord key = 0;
    std::optional<TaggedWord> value;
    uint32_t details = 0;
  };
  [[nodiscard]] bool is_accessor(const Entry& entry) const;
  [[nodiscard]] std::optional<TaggedWord> data(const Entry& entry) const;
  [[nodiscard]] Property fast_property(Address object, const MapView& map,
                                       const Descriptor& descriptor) const;
  template <class Visit>
  void for_each_in_dictionary(Address object, Visit&& visit) const;

  const Heap& heap_;
};

}  // namespace corewalk::v8

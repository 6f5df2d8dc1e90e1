#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heap_graph/edge.h"
#include "heap_graph/named_fields.h"
#include "heap_graph/object_index.h"
#include "v8/map_table.h"
#include "v8/properties.h"

namespace corewalk {

/// What the objects of one Map refer to, decided once: which of their words, under which names, and
/// what V8's heap snapshot derives from elsewhere.
struct ObjectPlan {
  /// What to do beyond reading the words.
  enum class Kind : uint8_t {
    kWords,  ///< nothing
    kJSObject,
    kJSFunction,
    kJSBoundFunction,
    kJSArrayBuffer,
    kContext,
    kNativeContext,
    kEphemeronTable,
    kExternalString,
    kStringTable,
    kBytecodeArray,
    kFeedbackVector,
    kMap,
  };
  struct Slot {
    EdgeKind type = EdgeKind::kHidden;
    bool raw = false;            ///< no reference
    bool weak = false;           ///< does not hold its target, though the word does not say so
    bool omitted = false;        ///< read elsewhere; or a link of V8's that snapshots leave out
    NodeTagNumber tag = kNoTag;  ///< what it says of its target
    EdgeName name;
  };
  /// An own property, in the order of definition.
  struct Property {
    enum class Place : uint8_t { kObject, kPropertyArray, kConstant };
    Place place = Place::kObject;
    uint32_t index = 0;  ///< of the word of the object, of the array's element, of constants
    EdgeKind type = EdgeKind::kProperty;
    v8::TaggedWord key = 0;
  };
  /// The same for all objects of the map.
  struct Constant {
    EdgeKind type = EdgeKind::kInternal;
    EdgeName name;
    ObjectNumber target = kNoObject;
  };

  bool decided = false;
  Kind kind = Kind::kWords;
  v8::NodeType node_type = v8::NodeType::kHidden;
  bool tail_is_raw = false;          ///< so are the words behind the slots
  bool tail_is_indexed = false;      ///< they have numbers for names
  uint32_t first_element = 0;        ///< the word that has number 0; 0: behind the slots
  bool is_dictionary = false;        ///< properties are in a dictionary
  bool has_object_elements = false;  ///< elements may be objects, in a FixedArray
  bool may_have_dictionary = false;  ///< or in a NumberDictionary
  std::vector<Slot> slots;           ///< of the words at the object's start; 0 is the map
  uint64_t first_words = 0;          ///< of the first 64 slots: which to read; a bit each
  std::vector<Property> properties;
  bool has_outer_properties = false;  ///< some of them are in the PropertyArray
  std::vector<Constant> constants;    ///< those of properties, then the prototype and the map
  size_t property_constants = 0;      ///< how many are of properties
  bool is_array = false;              ///< a JSArray, which has a length
  bool names_variables = false;       ///< a context whose slots are called as in the source
  uint32_t dispatch_handle = 0;       ///< offset of this field of a function; 0: it has none
  uint32_t prototype_or_map = 0;      ///< the same of prototype_or_initial_map
  uint32_t constant_pool = 0;         ///< of a BytecodeArray
  uint32_t transitions = 0;           ///< of a Map: transitions_or_prototype_info
  uint32_t constructor = 0;           ///< and constructor_or_back_pointer
  uint32_t bound_arguments = 0;       ///< and of that of a bound function
};

/// Makes plans. Safe for concurrent use, like what it was made of.
class ObjectPlanner {
 public:
  explicit ObjectPlanner(const ObjectIndex& index);

  /// Decides the plan of an entry.
  void decide(const v8::MapInfo& map, ObjectPlan& plan) const;

 private:
  void plan_fields(const v8::MapInfo& map, ObjectPlan& plan) const;
  void plan_function(const v8::MapInfo& map, ObjectPlan& plan) const;
  void plan_map(const v8::MapInfo& map, ObjectPlan& plan) const;
  void plan_properties(const v8::MapView& map, ObjectPlan& plan) const;
  void add_constant(ObjectPlan& plan, EdgeKind type, const EdgeName& name,
                    v8::TaggedWord target) const;
  void add_accessor(ObjectPlan& plan, const v8::Descriptor& descriptor) const;
  [[nodiscard]] EdgeKind property_type(v8::TaggedWord key) const;

  const ObjectIndex& index_;
  const v8::Heap& heap_;
  const v8::Layout& layout_;
  v8::PropertyReader properties_;
};

}  // namespace corewalk

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "memory/symbol_source.h"
#include "v8/instance_type.h"
#include "v8/node_type.h"
#include "v8/object_class.h"
#include "v8/size_rule.h"

namespace corewalk::v8 {

/// Where a constant was learned. A symbol of the target's own binary beats the layout file.
enum class Provenance : uint8_t { kAbsent, kLayoutFile, kSymbol };

/// Offset of a field of T in its object, in bytes from the object's (untagged) address. A version
/// of V8 that lacks the field leaves it absent; reading it is then a bug of ours, so test
/// present().
class FieldOffset {
 public:
  constexpr FieldOffset() = default;
  [[nodiscard]] constexpr bool present() const { return provenance_ != Provenance::kAbsent; }
  [[nodiscard]] constexpr uint32_t offset() const { return offset_; }
  [[nodiscard]] constexpr Provenance provenance() const { return provenance_; }
  constexpr void set(uint32_t offset, Provenance provenance) {
    offset_ = offset;
    provenance_ = provenance;
  }

 private:
  uint32_t offset_ = 0;
  Provenance provenance_ = Provenance::kAbsent;
};

template <class T>
class Field : public FieldOffset {
 public:
  using Type = T;
};

/// A tagged word as it lies in memory.
using TaggedWord = uint64_t;

/// Offsets in a page's header (MemoryChunk up to V8 13, then MemoryChunk and its metadata).
struct PageFields {
  Field<uint64_t> flags;     ///< in the chunk, at the page's base
  Field<uint64_t> metadata;  ///< in the chunk: address of the rest; absent = same place
  Field<uint64_t> size;      ///< all others in the metadata
  Field<uint64_t> area_start;
  Field<uint64_t> area_end;
  Field<uint64_t> heap;
  Field<uint64_t> owner;
  Field<uint64_t> chunk;  ///< the page's own base, as its reservation knows it
  Field<uint64_t> allocated_bytes;
  Field<uint64_t> list_next;
  Field<uint32_t> more_flags;              ///< second word of flags (V8 14)
  Field<uint64_t> sweeping_state;          ///< 0: swept; else dead objects may lie here unformatted
  Field<uint64_t> marking_bitmap;          ///< a bit for each word of the page, from its base
  Field<uint64_t> marking_bitmap_pointer;  ///< up to V8 8.4 there is but its address
};

/// Bits of the page flags; zero where a version has no such bit.
struct PageFlagBits {
  uint64_t large = 0;
  uint64_t read_only = 0;
  uint64_t from_page = 0;
  uint64_t more_large = 0;  ///< in PageFields::more_flags
  uint64_t more_read_only = 0;
};

/// Plain numbers that are not offsets.
struct Numbers {
  /// ScopeInfos with at least this many context locals keep their names in a hash table.
  uint64_t scope_info_max_inlined_names = ~uint64_t{0};
  /// The ScopeType whose ScopeInfos count their module variables before the names.
  uint64_t scope_info_counted_module = ~uint64_t{0};
  uint64_t context_min_slots = 0;  ///< slots of a context before its variables
  /// Slots at a native context's end that link it into lists and do not hold what they refer to.
  uint64_t native_context_slots = 0;  ///< those that hold what they refer to
  uint64_t native_context_weak_slots = 1;
  uint64_t native_context_sloppy_function_map = 0;  ///< the slot of that name; 0: not known
  uint64_t deopt_literals = 0;     ///< of DeoptimizationData: element that holds the literals
  uint64_t deopt_first_entry = 0;  ///< and that at which its entries begin
  uint64_t safepoint_length = 0;   ///< of safepoint tables: offset of the number of entries
};

/// Where frames of JavaScript code keep things: distances below the frame pointer, in bytes.
struct FrameSlots {
  uint64_t function = 0;
  uint64_t argument_count = 0;    ///< 0: frames do not know; the receiver lies above the arguments
  uint64_t counted_receiver = 0;  ///< 1 if that count includes the receiver
  uint64_t bytecode_array = 0;
  uint64_t bytecode_offset = 0;
  uint64_t registers = 0;  ///< of the interpreter and of baseline code: the first, others below
  uint64_t next_exit = 0;  ///< of an entry frame: the exit frame through which C++ had been called
};

struct SpaceFields {
  Field<uint64_t> heap;
  Field<uint32_t> id;
};

/// Offsets in the Isolate, and of the Heap inside it.
struct IsolateFields {
  Field<uint64_t> self;  ///< word that holds the isolate's own address; absent before V8 12
  Field<uint64_t> roots;
  Field<uint64_t> heap;
  Field<uint32_t> gc_state;  ///< in the Heap: HeapState of heap/heap.h, a GcState here
};

/// The per-thread allocators of a heap, a doubly linked list that starts anywhere.
struct LocalHeapFields {
  Field<uint64_t> main;  ///< in the Heap: the main thread's LocalHeap
  Field<uint64_t> prev;
  Field<uint64_t> next;
};

struct MapFields {
  Field<uint8_t> instance_size_in_words;
  Field<uint8_t> in_object_start_or_constructor_index;
  Field<uint16_t> instance_type;
  Field<uint8_t> bit_field2;
  Field<uint32_t> bit_field3;
  Field<TaggedWord> prototype;
  Field<TaggedWord> constructor_or_back_pointer;
  Field<TaggedWord> instance_descriptors;
};

struct ObjectFields {
  Field<TaggedWord> properties_or_hash;
  Field<TaggedWord> elements;
  Field<TaggedWord> array_length;
  Field<TaggedWord> collection_table;  ///< of JSMap, JSSet, JSWeakMap, JSWeakSet
  Field<TaggedWord> wrapper_value;
};

struct BufferFields {
  Field<uint64_t> byte_length;
  Field<uint64_t> backing_store;
  Field<uint32_t> bit_field;
};

struct FunctionFields {
  Field<TaggedWord> shared;
  Field<TaggedWord> name_or_scope_info;  ///< of SharedFunctionInfo
  Field<TaggedWord> function_data;       ///< of SharedFunctionInfo
  Field<TaggedWord> uncompiled_inferred_name;
  Field<TaggedWord> template_class_name;  ///< of FunctionTemplateInfo
};

struct StringFields {
  Field<uint32_t> hash;
  Field<uint32_t> length;
  Field<uint8_t> sequential_chars;
  Field<TaggedWord> cons_first;
  Field<TaggedWord> cons_second;
  Field<TaggedWord> sliced_parent;
  Field<TaggedWord> sliced_offset;
  Field<TaggedWord> thin_actual;
  Field<uint64_t> external_data;
  Field<TaggedWord> symbol_description;
  Field<uint32_t> symbol_flags;
};

/// Containers of V8's own: arrays and hash tables all begin with map and length.
struct ContainerFields {
  Field<TaggedWord> array_elements;  ///< first element of a FixedArray
  Field<uint16_t> descriptor_count;
  Field<uint8_t> descriptor_entries;  ///< first (key, details, value)
  Field<TaggedWord> property_cell_value;
  Field<TaggedWord> tuple2_value1;
  Field<TaggedWord> oddball_to_string;
  Field<uint8_t> name_dictionary_entries;    ///< first (key, value, details)
  Field<uint8_t> number_dictionary_entries;  ///< first (key, value, details)
  Field<uint8_t> global_dictionary_entries;  ///< first PropertyCell
  Field<TaggedWord> scope_info_flags;
  Field<TaggedWord> scope_info_locals_count;
  Field<uint8_t> scope_info_local_names;
  Field<TaggedWord> scope_info_position;    ///< absent: among the optional parts
  Field<uint8_t> name_index_table_entries;  ///< of NameToIndexHashTable: first (name, index)
};

/// A run of bits of a word.
struct BitRange {
  uint8_t shift = 0;
  uint32_t mask = 0;  ///< after the shift
  [[nodiscard]] constexpr uint32_t decode(uint64_t word) const {
    return static_cast<uint32_t>(word >> shift) & mask;
  }
};

/// Bit positions in Map words and property details.
struct BitLayout {
  BitRange new_target_is_base;  ///< of bit_field2
  BitRange own_descriptors;     ///< of bit_field3
  BitRange prototype_map;       ///< of bit_field3
  BitRange dictionary_map;      ///< of bit_field3
  BitRange details_kind;        ///< property details: 0 data, 1 accessor
  BitRange details_location;    ///< 0 field, 1 descriptor
  BitRange details_representation;
  BitRange details_field_index;
  BitRange details_enumeration_index;  ///< of dictionaries: the order in which keys were added
  BitRange details_attributes;
  BitRange scope_info_function_variable;  ///< of ScopeInfo's flags
  BitRange scope_info_inferred_name;
  BitRange scope_info_class_variable;  ///< "saved class variable", one more slot
  BitRange scope_info_receiver;
  BitRange scope_info_type;
  BitRange scope_info_extension_slot;  ///< contexts have one more slot before their variables
  BitRange symbol_private;             ///< of a symbol's flags; not 0: no program can see it
};

/// Where a linear allocation area keeps its top and limit: [top, limit) is not formatted as
/// objects. A path starts at the isolate, at its heap, at the object of a space, or at each
/// LocalHeap; it adds an offset, and follows a pointer before each further offset; the last offset
/// is that of the word of `top`.
struct AllocationAreaPlace {
  std::string name;   ///< "new", "old", "code", ...
  std::string start;  ///< "isolate", "heap", "local_heap", or the name of a space
  std::vector<int32_t> offsets;
  uint32_t limit_distance = 8;  ///< from the word of top to the word of limit
};

/// An instance type of this V8.
struct TypeInfo {
  std::string name;
  TypeTag tag = TypeTag::kUnknown;
  SizeRule size;
  const ObjectClass* object_class = nullptr;  ///< null: nothing is known of its fields
  /// What heap snapshots take such objects for, unless they are values of JavaScript.
  NodeType node_type = NodeType::kHidden;
  Provenance provenance = Provenance::kAbsent;
};

/// An instruction of the translations that lead from optimised code back to bytecode.
struct TranslationOpcode {
  std::string name;  ///< V8's: "INTERPRETED_FRAME"
  uint32_t operand_count = 0;
};

/// Behaviour that data alone cannot express. A closed set; each is used in one place.
enum class Feature : uint8_t {
  kRawScopeInfoFlags,     ///< ScopeInfo's flags are a plain uint32, not a Smi (from V8 12.9)
  kTagBeforeConstructor,  ///< names: any toStringTag of the chain beats every `constructor`
                          ///< (to 9.4)
  kTemplateConstructor,   ///< names: a FunctionTemplateInfo on the map counts (7.8, from 12.9)
  kFunctionNameProperty,  ///< names: a redefined `name` of the constructor counts (14.6)
  kGlobalSuffixes,        ///< names: "(global*)", "(global)" behind global objects (14.6)
  kUnboxedDoubleFields,   ///< in-object fields of double representation hold the bits (to 7.9)
  kPositionsFromEntry,    ///< source positions count from the function's entry at -1
  kSafepointWords,        ///< safepoint tables have entries of three words (to 9.6)
  kTranslationLowBit,     ///< in translations a byte's lowest bit says that more follow (to 8.6)
  kTranslationSignedOpcodes,  ///< in translations opcodes have a sign, as operands have (to 10.2)
  kSnapshotHidesWeakSlots,    ///< heap snapshots show weak references without a name as hidden ones
                              ///< (to 9.4)
  kSnapshotContextRoots,      ///< the program's own roots are contexts, not global objects (14.6)
  kSnapshotCountsOwnBytes,  ///< objects that all isolates share count for none, and the characters
                            ///< of external strings count (from 13.6)
  kSnapshotPlainSymbols,    ///< all properties with symbols for keys are called alike (to 8.6)
  kSnapshotWrapperEdges,    ///< what links wrappers to C++ objects is called "wrapper" (to 9.6)
  kSnapshotHidesWeakRefs,   ///< and what WeakRef and WeakCell refer to as well (to 9.6)
  kSnapshotEmbedderRoots,   ///< C++ objects that keep their wrappers alive are roots; Node says so
                            ///< in BaseObject::IsRootNode (src/base_object.h; not Node 13, 24+)
  kSnapshotKeysHoldValues,  ///< of a WeakMap's pair only the key holds the value (to 7.9)
};
inline constexpr size_t kFeatureCount = 18;

/// All that is known of one V8 version's memory. Immutable once built (LayoutLibrary).
class Layout {
 public:
  static constexpr size_t kTypeCount = 4096;

  std::string version;    ///< "12.4"
  std::string node_line;  ///< "22"
  std::string source;     ///< file name, or "built in"
  uint64_t page_alignment = 0x40000;

  PageFields page;
  PageFlagBits page_flags;
  Numbers numbers;
  FrameSlots frame;
  SpaceFields space;
  IsolateFields isolate;
  LocalHeapFields local_heap;
  MapFields map;
  ObjectFields object;
  BufferFields buffer;
  FunctionFields function;
  StringFields string;
  ContainerFields container;
  BitLayout bits;

  std::map<uint32_t, std::string> space_names;
  std::vector<AllocationAreaPlace> allocation_areas;
  std::map<std::string, uint32_t, std::less<>> roots;
  /// The whole roots table and all builtins by number, as the binary itself names them; empty if
  /// it has no symbols.
  std::vector<std::string> root_names;
  std::vector<std::string> builtin_names;
  std::map<std::string, SizeRule, std::less<>> size_rules;  ///< by type name
  /// What some patch releases of this V8 have instead (calibrate_sizes decides).
  std::map<std::string, SizeRule, std::less<>> size_alternatives;
  std::map<std::string, NodeType, std::less<>> node_types;  ///< by type name
  std::set<std::string, std::less<>> distrusted;  ///< facts whose symbol is wrong in this version

  [[nodiscard]] const TypeInfo& type(uint16_t number) const {
    return types_[number < kTypeCount ? number : kTypeCount];
  }
  [[nodiscard]] std::optional<uint16_t> type_number(std::string_view name) const;
  [[nodiscard]] bool has(Feature feature) const {
    return (features_ >> static_cast<unsigned>(feature) & 1U) != 0;
  }
  [[nodiscard]] std::optional<uint32_t> root(std::string_view name) const;
  /// The name of an entry of the roots table; its number if the layout does not name it.
  [[nodiscard]] std::string root_name(uint32_t index) const;

  std::map<std::string, ObjectClass, std::less<>> classes;                 ///< by name
  std::map<std::string, const ObjectClass*, std::less<>> classes_by_type;  ///< by type name
  std::map<std::string, BitRange, std::less<>> named_bits;  ///< "JSPromise.flags.status"
  /// Values of V8's enums: "FunctionKind" -> number -> "ArrowFunction".
  std::map<std::string, std::map<int64_t, std::string>, std::less<>> enums;
  std::vector<TranslationOpcode> translation_opcodes;  ///< by number

  /// The field of a class or of its nearest base that has it, or null.
  [[nodiscard]] static const ClassField* field(const ObjectClass* object_class,
                                               std::string_view name);
  /// The bits of a word, as "JSPromise.flags.status" names them; absent if this version has none
  /// such.
  [[nodiscard]] std::optional<uint32_t> decode_bits(std::string_view name, uint64_t word) const;
  /// The name of an enum's value; "" if there is none.
  [[nodiscard]] std::string_view enum_name(std::string_view name, int64_t value) const;

  /// Contradictions between sources, and what this process was found to have otherwise than the
  /// layout file says: one sentence each, for `doctor`.
  std::vector<std::string> notes;

 private:
  friend struct LayoutAccess;
  std::vector<TypeInfo> types_ = std::vector<TypeInfo>(kTypeCount + 1);
  uint32_t features_ = 0;
};

}  // namespace corewalk::v8

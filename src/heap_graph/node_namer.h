#pragma once

#include <string>

#include "analysis/row_namer.h"
#include "heap_graph/edge.h"
#include "heap_graph/heap_graph.h"
#include "v8/map_table.h"
#include "v8/string_reader.h"

namespace corewalk {

/// Gives nodes the names that V8's heap snapshot gives them (V8HeapExplorer::AddEntry and
/// GetSystemEntryName, profiler/heap-snapshot-generator.cc), and edges theirs. Not thread-safe.
class NodeNamer {
 public:
  explicit NodeNamer(const HeapGraph& graph);

  struct Name {
    std::string_view text;     ///< valid until the next call
    bool is_contents = false;  ///< what stands in a string of the program, not a name
  };
  /// At most `limit` UTF-16 code units of a string.
  [[nodiscard]] Name name(NodeId node, uint64_t limit);

  /// The name of an edge that is not known by a number. `auto_index` is how many edges its node has
  /// up to this one: some names begin with it. An ephemeron's is for who knows the nodes' ids.
  [[nodiscard]] std::string_view edge_name(const EdgeName& name, uint64_t auto_index);

 private:
  /// Where the names of a map's objects come from.
  enum class Source : uint8_t {
    kUndecided,
    kMap,       ///< they have one name
    kHolder,    ///< what is said of each
    kContents,  ///< of a string
    kField,
    kShared,    ///< SharedFunctionInfo: of a function
    kFunction,  ///< and of its closures
    kSymbol,
    kShape,   ///< a Map's own
    kObject,  ///< the constructor, which differs
  };
  struct MapName {
    Source source = Source::kUndecided;
    uint32_t field = 0;  ///< offset
    std::string text;
  };
  using Maps = v8::MapTable<MapName>;

  Name object_name(NodeId node, uint64_t limit);
  void decide(const v8::MapInfo& map, Address first, MapName& name) const;
  [[nodiscard]] std::string constructor_name(Address object, const v8::MapInfo& map) const;
  Name show(std::string text);
  Name contents(Address string, uint16_t instance_type, uint64_t limit);
  Name read_string(v8::TaggedWord word, uint64_t limit, bool is_contents);
  [[nodiscard]] std::string map_name(Address map) const;

  const HeapGraph& graph_;
  ObjectIndex::Cursor cursor_;
  const v8::Heap& heap_;
  Maps maps_;
  RowNamer rows_;
  v8::StringReader strings_;
  v8::ConstructorNamer constructors_;
  std::string text_;
};

}  // namespace corewalk

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/heap_scan.h"
#include "base/address.h"
#include "inspect/edge_label.h"
#include "v8/heap_page.h"

namespace corewalk {

/// An object of the graph, or a root of it, as people know it. No text is escaped.
struct GraphObject {
  std::optional<Address> address = {};  ///< tagged; absent: a root, or memory outside of the heap
  /// As V8's snapshot names it: "Session", "system / Context", "(Global handles)"; of a function
  /// its name and "()", of a string its text in quotes.
  std::string name = {};
  bool is_root = false;
  std::string owner = {};  ///< of a root, if it is known: "TCPWrap", "thread 3, frame #6 f"
  uint64_t shallow_bytes = 0;
  uint64_t retained_bytes = 0;            ///< what would go if this went; itself included
  std::optional<uint64_t> distance = {};  ///< from a user root; absent: only V8's own lead to it
};

/// What `retainers` asks.
struct RetainerQuery {
  uint64_t depth = 0;  ///< levels; at least 1
  uint64_t limit = 0;  ///< retainers shown of each object; 0: all
  bool weak = false;   ///< also references that keep nothing alive
};

/// One line of a tree of retainers.
struct RetainerRow {
  size_t depth = 1;  ///< 1: it holds the object asked about
  EdgeLabel edge = {};
  GraphObject holder = {};
  bool seen = false;    ///< stands further up with its retainers: here they are left out
  uint64_t hidden = 0;  ///< retainers of the holder that a limit leaves out
};

/// Who holds an object, and who holds those: each row stands behind the one it holds, before the
/// next row of the same depth.
struct RetainerTree {
  GraphObject object = {};
  bool is_live = true;
  std::vector<RetainerRow> rows = {};
  uint64_t hidden = 0;  ///< retainers of the object itself that a limit leaves out
  ScanExtent extent = {};
};

/// One object on the way from a root to another. The words are what a reader is told of it in one
/// line: narrate_path() finds them.
struct PathHop {
  GraphObject object = {};
  EdgeLabel edge = {};          ///< by which it holds the next; of no meaning in the last hop
  std::string words = {};       ///< "module ./sessions.js", "Map"; "": not worth telling
  std::string edge_words = {};  ///< ".list", "closure variable cache", "value of \"k17\"", or ""
};

/// The shortest ways by which roots hold an object, root first, the object last.
struct RetainingPaths {
  GraphObject object = {};
  bool is_live = true;
  std::vector<std::vector<PathHop>> paths = {};  ///< shortest first; none of what is dead
  bool more = false;                             ///< there are others
  ScanExtent extent = {};
};

/// What `path --class` asks.
struct ClassPathQuery {
  std::string name = {};  ///< as `findjsobjects` has it
  std::optional<v8::IsolateIndex> isolate = {};
  uint64_t depth = 0;  ///< rows below each other
  uint64_t limit = 0;  ///< branches of each row; 0: all
  /// Branches that less than one instance in so many takes are left out; 0: none.
  uint64_t least_share = 0;
};

/// One step that the shortest paths of some instances share: objects of one name, held by those of
/// the row above by one kind of reference. Indexes and keys of Maps make no difference.
struct ClassPathRow {
  size_t depth = 0;             ///< 0: a root
  EdgeLabel edge = {};          ///< by which the row above holds it, in one of the paths
  std::string edge_words = {};  ///< as in PathHop, here of the edge above
  GraphObject object = {};      ///< one of them
  std::string words = {};
  uint64_t count = 0;           ///< instances whose paths take this step
  uint64_t retained_bytes = 0;  ///< by these instances; what two of them retain counts once
  uint64_t hidden = 0;          ///< branches behind this row that are left out
};

/// The shortest paths of all live instances of a class, merged where they take the same steps. Rows
/// stand as those of a RetainerTree, those of most instances first.
struct ClassPaths {
  uint64_t live_count = 0;
  uint64_t dead_count = 0;
  uint64_t retained_bytes = 0;
  std::vector<ClassPathRow> rows = {};
  uint64_t hidden = 0;  ///< roots that are left out
  ScanExtent extent = {};
};

/// What `dominators` asks.
struct DominatorQuery {
  std::optional<uint64_t> word = {};  ///< the object to begin with; absent: the whole heap
  std::optional<v8::IsolateIndex> isolate = {};
  uint64_t depth = 0;  ///< levels below the first
  uint64_t limit = 0;  ///< objects shown of each; 0: all
  uint64_t min_bytes =
      0;  ///< smaller ones are left out; 0: what retains less than 1 % of the first
};

/// Objects that a limit leaves out of one level.
struct DominatorRest {
  uint64_t count = 0;
  uint64_t retained_bytes = 0;
  std::string commonest = {};  ///< the class that most of them are of
  uint64_t commonest_count = 0;
};

/// One object and what hangs on it alone.
struct DominatorRow {
  size_t depth = 0;
  GraphObject object = {};
  DominatorRest rest = {};  ///< of the objects directly below it
};

/// What would go with what: each row stands behind the object without which it would not be, the
/// largest first. Of a whole process it begins with a row for each heap.
struct DominatorRows {
  std::vector<DominatorRow> rows = {};
  bool is_live = true;       ///< false: the object asked about is dead, and the only row
  uint64_t total_bytes = 0;  ///< of all live objects of the heaps that the rows are of
  ScanExtent extent = {};
};

/// What the graph tells of one object.
struct Retention {
  bool is_live = true;
  uint64_t retained_bytes = 0;
  std::optional<uint64_t> distance = {};
};

}  // namespace corewalk

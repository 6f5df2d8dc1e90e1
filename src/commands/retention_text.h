#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "commands/command.h"
#include "report/json_writer.h"
#include "session/retention.h"

namespace corewalk {

// What the commands about who holds what share. Text is as it comes from the target, but for what
// says that it is escaped: tables escape their cells.

/// A reference in Chrome DevTools' words: ".user", "[3]", "->cache" of a closure's variable,
/// "{table}" of V8's own.
[[nodiscard]] std::string edge_text(const EdgeLabel& edge);

/// "Session 0x2f1b3c04a9a1", "(Global handles) of TCPWrap".
[[nodiscard]] std::string object_text(const GraphObject& object);

/// The line above an answer about one object, escaped: "0x2f1b3c04a9a1 Session: retains 4512 bytes,
/// 96 of them its own; distance 7". Of a dead one, that nothing holds it.
[[nodiscard]] std::string object_line(const GraphObject& object, bool is_live);

/// Adds a step to a path in one line: "Map -> value of "k17" -> Session.user". Words that begin
/// with
/// "." or "[" stand directly behind what they belong to; no words add nothing.
void add_step(std::string& line, const std::string& words);

/// A path in one line: "(Global handles) -> module ./sessions.js -> closure variable cache -> Map".
[[nodiscard]] std::string path_line(std::span<const PathHop> hops);

[[nodiscard]] Json object_json(const GraphObject& object);
[[nodiscard]] Json edge_json(const EdgeLabel& edge);

/// Goes over the rows of a tree, each of which stands behind the one it belongs to: calls begin(i)
/// for each row, and end(i) when all that belong to it are done.
template <class Row, class Begin, class End>
void walk_tree(const std::vector<Row>& rows, Begin begin, End end) {
  std::vector<size_t> open;
  const auto close = [&](size_t depth) {
    for (; !open.empty() && rows[open.back()].depth >= depth; open.pop_back()) end(open.back());
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    close(rows[i].depth);
    begin(i);
    open.push_back(i);
  }
  close(0);
}

/// The row that each row of a tree belongs to; none for those of the first level.
template <class Row>
[[nodiscard]] std::vector<std::optional<size_t>> parents_of(const std::vector<Row>& rows) {
  std::vector<std::optional<size_t>> parents(rows.size());
  std::vector<size_t> open;
  walk_tree(
      rows,
      [&](size_t i) {
        if (!open.empty()) parents[i] = open.back();
        open.push_back(i);
      },
      [&](size_t) { open.pop_back(); });
  return parents;
}

}  // namespace corewalk

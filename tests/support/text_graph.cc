#include "support/text_graph.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace corewalk::test {

TextGraph::TextGraph(std::string_view text) : graph_(parse(text)) {}

NodeId TextGraph::number(const std::string& name) {
  const auto [place, is_new] = numbers_.emplace(name, static_cast<NodeId>(names_.size()));
  if (is_new) names_.push_back(name);
  return place->second;
}

NodeId TextGraph::node(std::string_view name) const {
  const auto place = numbers_.find(name);
  if (place == numbers_.end()) throw std::invalid_argument("no node " + std::string(name));
  return place->second;
}

std::string TextGraph::name(NodeId node) const { return node == kNoNode ? "-" : names_.at(node); }

GraphParts TextGraph::parse(std::string_view text) {
  (void)number("root");
  EdgeLists successors;
  std::vector<std::pair<NodeId, uint8_t>> flags;
  GraphParts extras;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    std::string arrow;
    if (!(words >> first)) continue;
    if (first == "ownable" || first == "synthetic") {
      const NodeFlag flag = first == "ownable" ? kOwnable : kSynthetic;
      for (std::string name; words >> name;) flags.emplace_back(number(name), flag);
      continue;
    }
    const NodeId from = number(first);
    NodeId key = kNoNode;
    words >> arrow;
    if (arrow == "&") {
      std::string name;
      words >> name >> arrow;
      key = number(name);
    }
    for (std::string name; words >> name;) {
      const NodeId to = number(name);
      successors.resize(names_.size());
      if (key != kNoNode) {
        extras.ephemerons.push_back({from, key, to});
      } else if (arrow == "~>" || arrow == "!>" || arrow == "?>") {
        using Kind = SpecialEdge::Kind;
        extras.special_edges.push_back({from, to,
                                        arrow == "~>"   ? Kind::kNotDominating
                                        : arrow == "!>" ? Kind::kNotMeasured
                                                        : Kind::kGuess});
      } else {
        successors[from].push_back(to);
        if (arrow == "=>") extras.user_roots.push_back(to);
      }
    }
  }
  successors.resize(names_.size());
  GraphParts parts = graph_parts(successors);
  for (const auto& [node, flag] : flags) parts.flags[node] |= flag;
  parts.special_edges = extras.special_edges;
  parts.ephemerons = extras.ephemerons;
  parts.user_roots = extras.user_roots;
  return parts;
}

GraphParts graph_parts(const EdgeLists& successors) {
  std::vector<uint32_t> first_edge;
  std::vector<NodeId> targets;
  for (const auto& list : successors) {
    first_edge.push_back(static_cast<uint32_t>(targets.size()));
    targets.insert(targets.end(), list.begin(), list.end());
  }
  first_edge.push_back(static_cast<uint32_t>(targets.size()));
  GraphParts parts;
  parts.first_edge = FlatArray<uint32_t>::of(first_edge);
  parts.targets = FlatArray<NodeId>::of(targets);
  parts.flags = FlatArray<uint8_t>(successors.size(), 0);
  return parts;
}

}  // namespace corewalk::test

#include "support/snapshot_graph.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "support/text_graph.h"

namespace corewalk::test {
namespace {

using nlohmann::json;

/// Where the members of the one object in the file begin; V8 writes them in this order.
class SnapshotText {
 public:
  explicit SnapshotText(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] json header() const {
    const size_t begin = member("\"snapshot\":");
    return json::parse(text_.substr(begin, text_.find(",\n\"nodes\":") - begin));
  }
  [[nodiscard]] std::vector<uint32_t> numbers(std::string_view key, size_t count) const {
    std::vector<uint32_t> numbers;
    numbers.reserve(count);
    size_t at = member(key) + 1;
    while (text_.at(at) != ']') {
      if (text_[at] < '0' || text_[at] > '9') {
        ++at;
        continue;
      }
      uint32_t number = 0;
      for (; text_[at] >= '0' && text_[at] <= '9'; ++at) {
        number = number * 10 + static_cast<uint32_t>(text_[at] - '0');
      }
      numbers.push_back(number);
    }
    if (numbers.size() != count) throw std::runtime_error("not as many numbers as it says");
    return numbers;
  }
  [[nodiscard]] std::vector<std::string> strings() const {
    const size_t begin = member("\"strings\":");
    return json::parse(text_.substr(begin, text_.rfind('}') - begin));
  }

 private:
  [[nodiscard]] size_t member(std::string_view key) const {
    const size_t at = text_.find(key);
    if (at == std::string::npos) throw std::runtime_error("no " + std::string(key));
    return at + key.size();
  }

  std::string text_;
};

/// Which of the words in a list of the file's header one is.
uint32_t place_of(const json& list, const char* word) {
  const auto place = std::find(list.begin(), list.end(), word);
  if (place == list.end()) throw std::runtime_error(std::string("no ") + word);
  return static_cast<uint32_t>(place - list.begin());
}

/// The number of the table in the name of an ephemeron's edge: "5 / part of key (a @7) -> value
/// (b @9) pair in WeakMap (table @11)".
std::optional<uint32_t> table_in_name(const std::string& name) {
  constexpr std::string_view kTable = " pair in WeakMap (table @";
  if (name.find(" / part of key (") == std::string::npos) return std::nullopt;
  const size_t at = name.rfind(kTable);
  if (at == std::string::npos) return std::nullopt;
  return static_cast<uint32_t>(std::stoul(name.substr(at + kTable.size())));
}

class SnapshotReader {
 public:
  explicit SnapshotReader(const SnapshotText& text)
      : header_(text.header()),
        node_fields_(header_["meta"]["node_fields"]),
        node_types_(header_["meta"]["node_types"][0]),
        edge_types_(header_["meta"]["edge_types"][0]),
        node_count_(header_["node_count"].get<uint32_t>()),
        nodes_(text.numbers("\n\"nodes\":", size_t{node_count_} * node_fields_.size())),
        edges_(text.numbers("\n\"edges\":", header_["edge_count"].get<size_t>() * 3)),
        strings_(text.strings()) {}

  SnapshotGraph read() {
    read_nodes();
    read_edges();
    return std::move(result_);
  }

 private:
  [[nodiscard]] uint32_t field(uint32_t node, size_t field) const {
    return nodes_[node * node_fields_.size() + field];
  }

  void read_nodes() {
    const size_t type = place_of(node_fields_, "type");
    const size_t name = place_of(node_fields_, "name");
    const size_t id = place_of(node_fields_, "id");
    const size_t size = place_of(node_fields_, "self_size");
    const uint32_t hidden = place_of(node_types_, "hidden");
    const uint32_t array = place_of(node_types_, "array");
    const uint32_t native = place_of(node_types_, "native");
    const uint32_t synthetic = place_of(node_types_, "synthetic");
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> classes;
    result_.parts.flags = FlatArray<uint8_t>(node_count_, 0);
    result_.sizes = SizeTable(node_count_);
    for (uint32_t node = 0; node < node_count_; ++node) {
      const uint32_t node_type = field(node, type);
      const bool external =
          node_type == native && strings_.at(field(node, name)) == "system / ExternalStringData";
      uint8_t& flags = result_.parts.flags[node];
      if (node_type == hidden || node_type == array || external) flags |= kOwnable;
      if (node_type == synthetic) flags |= kSynthetic;
      result_.sizes.set(node, field(node, size));
      const bool named = !(flags & kOwnable) && strings_.at(field(node, name)).size() < 40;
      const std::pair key(node_type, named ? field(node, name) : 0);
      const auto place = classes.emplace(key, static_cast<uint32_t>(classes.size())).first;
      result_.class_of.push_back(place->second);
      by_id_.emplace(field(node, id), node);
    }
    result_.class_count = static_cast<uint32_t>(classes.size());
  }

  void read_edges() {
    const size_t edge_count = place_of(node_fields_, "edge_count");
    std::vector<uint32_t> first_edge;
    std::vector<NodeId> targets;
    size_t at = 0;
    for (uint32_t node = 0; node < node_count_; ++node) {
      first_edge.push_back(static_cast<uint32_t>(targets.size()));
      for (uint32_t i = field(node, edge_count); i > 0; --i, at += 3) {
        const auto to = static_cast<NodeId>(edges_.at(at + 2) / node_fields_.size());
        if (!special(node, edges_[at], edges_[at + 1], to)) targets.push_back(to);
      }
    }
    first_edge.push_back(static_cast<uint32_t>(targets.size()));
    result_.parts.first_edge = FlatArray<uint32_t>::of(first_edge);
    result_.parts.targets = FlatArray<NodeId>::of(targets);
  }

  /// True for an edge that is no plain strong one.
  bool special(uint32_t from, uint32_t type, uint32_t name, NodeId to) {
    using Kind = SpecialEdge::Kind;
    const std::string& type_name = edge_types_[type].get_ref<const std::string&>();
    if (type_name == "weak") return true;
    if (from == kRootNode) {
      if (!(result_.parts.flags[to] & kSynthetic)) result_.parts.user_roots.push_back(to);
      return false;
    }
    if (type_name == "shortcut") {
      result_.parts.special_edges.push_back({from, to, Kind::kNotDominating});
      return true;
    }
    if (type_name == "element" || type_name == "hidden") return false;
    const std::string& text = strings_.at(name);
    if (text == "sloppy_function_map") {
      result_.parts.special_edges.push_back({from, to, Kind::kNotMeasured});
      return true;
    }
    if (type_name != "internal") return false;
    const auto table_id = table_in_name(text);
    if (!table_id) return false;
    const NodeId table = by_id_.at(*table_id);
    if (table != from) result_.parts.ephemerons.push_back({table, from, to});
    return true;
  }

  json header_;
  json node_fields_;
  json node_types_;
  json edge_types_;
  uint32_t node_count_;
  std::vector<uint32_t> nodes_;
  std::vector<uint32_t> edges_;
  std::vector<std::string> strings_;
  std::unordered_map<uint32_t, NodeId> by_id_;
  SnapshotGraph result_;
};

}  // namespace

SnapshotGraph read_snapshot(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  const SnapshotText text(std::string(std::istreambuf_iterator<char>(file), {}));
  return SnapshotReader(text).read();
}

SnapshotGraph random_snapshot(uint32_t node_count) {
  constexpr uint32_t kNear = 1000;
  constexpr uint32_t kClasses = 1000;
  std::mt19937 random(1);
  EdgeLists successors(node_count);
  for (NodeId node = 1; node < node_count; ++node) {
    successors[node - 1 - random() % std::min(node, kNear)].push_back(node);
    successors[node].push_back(static_cast<NodeId>(1 + random() % std::min(node, kClasses)));
    if (random() % 10 != 0) {
      const NodeId lowest = node > kNear ? node - kNear : 0;
      successors[node].push_back(static_cast<NodeId>(lowest + random() % kNear) % node_count);
    }
  }
  SnapshotGraph result;
  result.parts = graph_parts(successors);
  result.parts.user_roots = {successors[kRootNode].front()};
  result.sizes = SizeTable(node_count);
  for (NodeId node = 0; node < node_count; ++node) {
    result.sizes.set(node, 16 + random() % 64);
    result.class_of.push_back(static_cast<uint32_t>(random() % kClasses));
  }
  result.class_count = kClasses;
  return result;
}

}  // namespace corewalk::test

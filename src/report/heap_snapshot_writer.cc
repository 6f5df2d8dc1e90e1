#include "report/heap_snapshot_writer.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>
#include <vector>

#include "base/failure.h"
#include "report/snapshot_text.h"

namespace corewalk {
namespace {

/// Nodes that are asked for at a time.
constexpr uint32_t kBatch = 4096;
constexpr uint64_t kMaxNumber = std::numeric_limits<uint32_t>::max();

/// One file being written.
class Writing {
 public:
  Writing(const SnapshotSchema& schema, SnapshotSource& source, SnapshotStrings& strings,
          ByteSink& sink, Progress& progress)
      : schema_(schema),
        node_fields_(schema.node_fields()),
        counts_(source.counts()),
        source_(source),
        strings_(strings),
        text_(sink),
        progress_(progress) {}

  SnapshotStatistics run() {
    if (uint64_t{counts_.nodes} * node_fields_ > kMaxNumber) {
      throw Failure(ExitCode::kUsage, "The heap has " + std::to_string(counts_.nodes) +
                                          " nodes, more than a .heapsnapshot can number. Use "
                                          "--prune to leave out what is small.");
    }
    text_.append(snapshot_header(schema_, counts_));
    text_.append("\"nodes\":[");
    const bool whole = nodes() && edges() && locations() && strings();
    text_.append("]}");
    text_.flush();
    statistics_.interrupted = !whole;
    statistics_.text_bytes = text_.bytes();
    return statistics_;
  }

 private:
  /// Calls work(first, count) for all nodes. False if interrupted.
  template <class Work>
  bool for_batches(std::string_view stage, Work work) {
    progress_.begin(stage, counts_.nodes);
    bool whole = true;
    for (uint32_t first = 0; first < counts_.nodes && whole;) {
      const uint32_t count = std::min(kBatch, counts_.nodes - first);
      work(first, count);
      first += count;
      progress_.advance(count);
      whole = !progress_.interrupted();
    }
    progress_.end();
    return whole;
  }

  /// A comma, unless it is the first of its section.
  void separate(bool& first) {
    if (!first) text_.put(',');
    first = false;
  }
  void end_line() {
    if (schema_.line_feeds) text_.put('\n');
  }

  bool nodes() {
    std::vector<SnapshotNode> batch(kBatch);
    bool first_node = true;
    const bool whole = for_batches("writing nodes", [&](uint32_t first, uint32_t count) {
      const std::span<SnapshotNode> nodes = std::span(batch).first(count);
      source_.read_nodes(first, nodes, strings_);
      for (const SnapshotNode& node : nodes) {
        text_.reserve(kRecordBytes);
        separate(first_node);
        write_node(node);
      }
    });
    statistics_.nodes = counts_.nodes;
    text_.append("],\n\"edges\":[");
    return whole;
  }

  void write_node(const SnapshotNode& node) {
    text_.number(static_cast<uint64_t>(node.type));
    text_.put(',');
    text_.number(node.name);
    text_.put(',');
    text_.number(node.id);
    text_.put(',');
    // Readers keep sizes in 32 bits.
    if (node.self_size > kMaxNumber) ++statistics_.clamped_sizes;
    text_.number(std::min(node.self_size, kMaxNumber));
    text_.put(',');
    text_.number(node.edge_count);
    if (schema_.trace_node_id) {
      text_.put(',');
      text_.put('0');
    }
    if (schema_.detachedness) {
      text_.put(',');
      text_.number(node.detachedness);
    }
    end_line();
    announced_edges_ += node.edge_count;
  }

  bool edges() {
    std::vector<SnapshotEdge> batch;
    bool first_edge = true;
    const bool whole = for_batches("writing edges", [&](uint32_t first, uint32_t count) {
      batch.clear();
      source_.read_edges(first, count, strings_, batch);
      for (const SnapshotEdge& edge : batch) {
        text_.reserve(kRecordBytes);
        separate(first_edge);
        text_.number(static_cast<uint64_t>(edge.type));
        text_.put(',');
        text_.number(edge.name_or_index);
        text_.put(',');
        text_.number(uint64_t{edge.to} * node_fields_);
        end_line();
      }
      statistics_.edges += batch.size();
    });
    assert(!whole || (statistics_.edges == counts_.edges && announced_edges_ == counts_.edges));
    text_.append(
        "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[");
    return whole;
  }

  bool locations() {
    std::vector<SnapshotLocation> batch;
    bool first_location = true;
    const bool whole = for_batches("writing locations", [&](uint32_t first, uint32_t count) {
      batch.clear();
      source_.read_locations(first, count, batch);
      for (const SnapshotLocation& location : batch) {
        text_.reserve(kRecordBytes);
        separate(first_location);
        text_.number(uint64_t{location.node} * node_fields_);
        text_.put(',');
        text_.number(location.script_id);
        text_.put(',');
        text_.number(location.line);
        text_.put(',');
        text_.number(location.column);
        end_line();
      }
      statistics_.locations += batch.size();
    });
    text_.append("],\n\"strings\":[");
    return whole;
  }

  bool strings() {
    const uint64_t begin = text_.bytes();
    const uint32_t size = strings_.size();
    progress_.begin("writing strings", size);
    bool whole = true;
    for (uint32_t index = 0; index < size && whole; ++index) {
      if (index != 0) text_.append(schema_.line_feeds ? ",\n" : ",");
      text_.append_string(strings_.at(index));
      if (index % kBatch == 0) {
        progress_.advance(std::min(kBatch, size - index));
        whole = !progress_.interrupted();
      }
    }
    progress_.end();
    statistics_.strings = size;
    statistics_.string_bytes = text_.bytes() - begin;
    return whole;
  }

  /// No node, edge or location takes more.
  static constexpr size_t kRecordBytes = 128;

  SnapshotSchema schema_;
  uint32_t node_fields_;
  SnapshotCounts counts_;
  SnapshotSource& source_;
  SnapshotStrings& strings_;
  SnapshotText text_;
  Progress& progress_;
  SnapshotStatistics statistics_;
  uint64_t announced_edges_ = 0;
};

}  // namespace

SnapshotStatistics HeapSnapshotWriter::write(Progress& progress) {
  return Writing(schema_, source_, strings_, sink_, progress).run();
}

}  // namespace corewalk

// What the graph costs: seconds and bytes a node of each phase.
//
//   graph_bench FILE.heapsnapshot | --random NODES
//   graph_bench FILE.heapsnapshot --nodes    distance, shallow and retained size, dominator of each

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "graph/class_totals.h"
#include "graph/dominator_tree.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"
#include "graph/retained_sizes.h"
#include "graph/shallow_sizes.h"
#include "support/snapshot_graph.h"

namespace corewalk {
namespace {

double seconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// A line of /proc/self/status, in bytes.
size_t memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    size_t kilobytes = 0;
    if (word == name + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

class Meter {
 public:
  /// Of the memory that is in use now, `counted` bytes belong to what is measured.
  Meter(size_t node_count, size_t counted)
      : nodes_(static_cast<double>(node_count)), other_bytes_(memory("VmRSS") - counted) {}

  template <typename Phase>
  auto measure(const char* name, const Phase& phase) {
    std::ofstream("/proc/self/clear_refs") << 5;  // the peak counts from here
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double wall = seconds(CLOCK_MONOTONIC);
    auto result = phase();
    const double cpu_spent = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    cpu_ += cpu_spent;
    fmt::print("{:<22}{:>8.3f}{:>10.4f}{:>8.3f}{:>8.1f}\n", name, cpu_spent,
               cpu_spent * 1e6 / nodes_, seconds(CLOCK_MONOTONIC) - wall,
               static_cast<double>(memory("VmHWM") - other_bytes_) / nodes_);
    return result;
  }

  void print_total() const {
    fmt::print("{:<22}{:>8.3f}{:>10.4f}\n", "together", cpu_, cpu_ * 1e6 / nodes_);
  }

 private:
  double nodes_;
  size_t other_bytes_;
  double cpu_ = 0;
};

void run(test::SnapshotGraph snapshot, bool print_nodes) {
  NoProgress progress;
  SizeTable& sizes = snapshot.sizes;
  const ObjectGraph graph(std::move(snapshot.parts));
  ::malloc_trim(0);
  fmt::print("{} nodes, {} edges, {:.1f} bytes a node\n", graph.node_count(), graph.edge_count(),
             static_cast<double>(graph.memory_bytes()) / static_cast<double>(graph.node_count()));
  fmt::print("{:<22}{:>8}{:>10}{:>8}{:>8}\n", "", "CPU s", "s/million", "wall s", "B/node");
  Meter meter(graph.node_count(), graph.memory_bytes());
  const auto reachability =
      meter.measure("reachability", [&] { return Reachability::find(graph, progress); });
  const auto tree = meter.measure(
      "dominators", [&] { return DominatorTree::build(graph, *reachability, progress); });
  meter.measure("owners",
                [&] { return move_sizes_to_owners(graph, *reachability, sizes, progress); });
  const auto retained =
      meter.measure("retained sizes", [&] { return RetainedSizes(*tree, sizes); });
  meter.measure("class totals", [&] {
    return sum_classes(*tree, *reachability, sizes, retained, snapshot.class_of,
                       snapshot.class_count);
  });
  meter.print_total();
  fmt::print("{} live, {} bytes\n", reachability->live_count(), retained[kRootNode]);
  if (!print_nodes) return;
  for (NodeId node = 0; node < graph.node_count(); ++node) {
    fmt::print("{} {} {} {}\n", static_cast<int32_t>(reachability->distance(node)), sizes[node],
               retained[node], static_cast<int32_t>(tree->dominator(node)));
  }
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty() || (arguments[0] == "--random" && arguments.size() != 2)) {
    fmt::print(stderr, "usage: graph_bench FILE.heapsnapshot [--nodes] | --random NODES\n");
    return 2;
  }
  if (arguments[0] == "--random") {
    run(test::random_snapshot(static_cast<uint32_t>(std::stoul(arguments[1]))), false);
  } else {
    run(test::read_snapshot(arguments[0]), arguments.size() > 1);
  }
  return 0;
}

}  // namespace
}  // namespace corewalk

int main(int argc, char** argv) {
  try {
    return corewalk::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}

#include "commands/registry.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace corewalk {
namespace {

/// Levenshtein distance; names are short.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row.back();
}

}  // namespace

std::span<const CommandSpec* const> all_commands() {
  static const std::array kCommands = {
      &nodeinfo_command(),
      &info_command(),
      &isolates_command(),
      &heap_command(),
      &doctor_command(),
      &bt_command(),
      &findjsobjects_command(),
      &findjsinstances_command(),
      &inspect_command(),
      &findrefs_command(),
      &roots_command(),
      &print_command(),
      &functions_command(),
      &strings_command(),
      &whatis_command(),
      &snapshot_command(),
      &source_list_command(),
      &retainers_command(),
      &path_command(),
      &dominators_command(),
      &version_command(),
      &getactivehandles_command(),
      &getactiverequests_command(),
      &timers_command(),
      &modules_command(),
      &help_command(),
  };
  return kCommands;
}

const CommandSpec* find_command(std::string_view name, const HostGrammar& host) {
  for (const auto& commands : {all_commands(), host.extra_commands}) {
    for (const CommandSpec* spec : commands) {
      if (spec->name == name || (!name.empty() && spec->short_name == name)) return spec;
    }
  }
  return nullptr;
}

const CommandSpec* similar_command(std::string_view name, const HostGrammar& host) {
  constexpr size_t kMaxName = 40;
  if (name.size() > kMaxName) return nullptr;
  const CommandSpec* best = nullptr;
  size_t best_distance = std::max<size_t>(name.size() / 3, 1) + 1;
  for (const auto& commands : {all_commands(), host.extra_commands}) {
    for (const CommandSpec* spec : commands) {
      const size_t distance = edit_distance(name, spec->name);
      if (spec->hidden || distance >= best_distance) continue;
      best = spec;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace corewalk

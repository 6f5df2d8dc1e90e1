#include "v8/layout_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "v8/root_maps.h"
#include "v8/string_reader.h"

namespace corewalk::v8 {
namespace {

constexpr uint64_t kMaxUnits = 64;

/// Roots that are oddballs, and what they print.
struct RootText {
  std::string_view root;
  std::string_view text;
};
constexpr RootText kOddballs[] = {{"undefined_value", "undefined"},
                                  {"null_value", "null"},
                                  {"true_value", "true"},
                                  {"false_value", "false"}};
constexpr RootText kStrings[] = {
    {"empty_string", ""}, {"constructor_string", "constructor"}, {"name_string", "name"}};

class Tally {
 public:
  explicit Tally(std::string name) { check_.name = std::move(name); }
  void count(bool ok, std::string_view what) {
    ++total_;
    if (ok)
      ++good_;
    else if (wrong_.empty())
      wrong_ = what;
  }
  [[nodiscard]] LayoutCheck result(std::string_view noun) {
    check_.passed = total_ > 0 && good_ == total_;
    check_.detail = fmt::format("{} of {} {}", good_, total_, noun);
    if (!wrong_.empty()) check_.detail += fmt::format(" (first wrong: {})", wrong_);
    return std::move(check_);
  }

 private:
  LayoutCheck check_;
  uint64_t total_ = 0;
  uint64_t good_ = 0;
  std::string wrong_;
};

LayoutCheck check_isolates(const Heap& heap) {
  LayoutCheck check{.name = "isolates", .passed = !heap.isolates().empty(), .detail = {}};
  check.detail = fmt::format("{} confirmed by their roots table, {} pages", heap.isolates().size(),
                             heap.pages().size());
  for (const RejectedHeap& rejected : heap.rejected()) {
    check.detail += fmt::format("; turned down {:#x} with {} pages: {}", rejected.heap.value(),
                                rejected.pages, rejected.reason);
  }
  return check;
}

LayoutCheck check_root_maps(const Heap& heap) {
  Tally tally("root maps");
  for (const Isolate& isolate : heap.isolates()) {
    for (const RootMap& expected : kRootMaps) {
      const auto word = heap.root(isolate, expected.root);
      const bool is_map = word && is_strong(*word) && heap.is_map(untag(*word));
      const auto type = is_map
                            ? heap.read(untag(*word), heap.layout().map.instance_type, "root map")
                            : Result<uint16_t>(Fault{});
      tally.count(type && heap.layout().type(*type).name == expected.type, expected.root);
    }
  }
  return tally.result("root maps describe the type they are named after");
}

LayoutCheck check_root_strings(const Heap& heap) {
  const StringReader strings(heap);
  Tally tally("root strings");
  const auto expect = [&](std::optional<TaggedWord> word, const RootText& expected) {
    const auto text = word ? strings.read_word(*word, kMaxUnits) : std::nullopt;
    tally.count(text == expected.text, expected.root);
  };
  for (const Isolate& isolate : heap.isolates()) {
    for (const RootText& expected : kStrings) expect(heap.root(isolate, expected.root), expected);
    for (const RootText& expected : kOddballs) {
      const auto word = heap.root(isolate, expected.root);
      const auto text =
          heap.read(untag(word.value_or(0)), heap.layout().container.oddball_to_string, "oddball");
      expect(text ? std::optional(*text) : std::nullopt, expected);
    }
    const auto symbol = heap.root(isolate, "to_string_tag_symbol");
    const auto text =
        heap.read(untag(symbol.value_or(0)), heap.layout().string.symbol_description, "symbol");
    expect(text ? std::optional(*text) : std::nullopt,
           {"to_string_tag_symbol", "Symbol.toStringTag"});
  }
  return tally.result("names and oddballs read back as themselves");
}

}  // namespace

std::vector<LayoutCheck> check_layout(const Heap& heap) {
  return {check_isolates(heap), check_root_maps(heap), check_root_strings(heap)};
}

bool all_passed(const std::vector<LayoutCheck>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const LayoutCheck& c) { return c.passed; });
}

std::string describe_failures(const std::vector<LayoutCheck>& checks) {
  std::string text;
  for (const LayoutCheck& check : checks) {
    if (!check.passed) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", check.name, check.detail);
    }
  }
  return text;
}

}  // namespace corewalk::v8

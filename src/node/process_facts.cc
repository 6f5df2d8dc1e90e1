#include "node/process_facts.h"

#include <array>
#include <string_view>

#include "node/closure.h"
#include "node/loop_clock.h"
#include "node/native_object.h"
#include "node/object_reader.h"
#include "v8/string_reader.h"

namespace corewalk {
namespace {

constexpr uint64_t kMaxVariables = 100'000;
constexpr uint64_t kMaxPathUnits = 4096;

std::optional<EnvironmentVariable> parse_variable(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return {};
  return EnvironmentVariable{text.substr(0, equals), text.substr(equals + 1)};
}

/// The C library's environment, which process.env reads and writes: its variable lies in the
/// executable, to which the linker has copied it.
std::vector<EnvironmentVariable> current_environment(const AddressSpace& memory,
                                                     const SymbolSource& symbols) {
  std::vector<EnvironmentVariable> found;
  const auto symbol = symbols.find("environ");
  const auto list =
      symbol ? memory.read<uint64_t>(symbol->address, "environ") : Result<uint64_t>(Fault{});
  if (!list || *list == 0) return found;
  for (uint64_t i = 0; i < kMaxVariables; ++i) {
    const auto text = memory.read<uint64_t>(Address(*list) + i * v8::kWordBytes, "environ");
    if (!text || *text == 0) break;
    const auto variable = read_c_string(memory, Address(*text));
    auto parsed = variable ? parse_variable(*variable) : std::nullopt;
    if (parsed) found.push_back(std::move(*parsed));
  }
  return found;
}

std::vector<EnvironmentVariable> first_environment(const ProcessInfo& process) {
  std::vector<EnvironmentVariable> found;
  for (const std::string& text : process.environment) {
    if (auto parsed = parse_variable(text)) found.push_back(std::move(*parsed));
  }
  return found;
}

/// process.cwd() remembers its answer until process.chdir() is called
/// (lib/internal/process/main_thread_only.js in Node 12, later
/// lib/internal/bootstrap/switches/does_own_process_state.js).
std::optional<std::string> cached_cwd(const v8::Heap& heap, std::optional<Address> process_object) {
  if (!process_object) return {};
  const auto function = ObjectReader(heap, v8::untag(process_object->value())).object("cwd");
  const auto view =
      function ? v8::ObjectView::load(heap, *function) : Result<v8::ObjectView>(Fault{});
  const auto word = view ? closure_variable(heap, *view, "cachedCwd") : std::nullopt;
  auto text = word ? v8::StringReader(heap).read_word(*word, kMaxPathUnits) : std::nullopt;
  return text && !text->empty() ? text : std::nullopt;
}

void set_cwd(const v8::Heap& heap, const ProcessInfo& process,
             std::optional<Address> process_object, ProcessFacts& facts) {
  if (auto cached = cached_cwd(heap, process_object)) {
    facts.cwd = std::move(*cached);
    facts.cwd_source = "the last answer of process.cwd()";
    return;
  }
  for (const EnvironmentVariable& variable : first_environment(process)) {
    if (variable.name != "PWD") continue;
    facts.cwd = variable.value;
    facts.cwd_source = "PWD at the start";
  }
}

template <class T>
std::optional<T> read_variable(const AddressSpace& memory, const SymbolSource& symbols,
                               std::string_view name) {
  const auto symbol = symbols.find(name);
  const auto value =
      symbol ? memory.read<T>(symbol->address, "variable of Node.js") : Result<T>(Fault{});
  return value ? std::optional(*value) : std::nullopt;
}

void set_times(const v8::Heap& heap, const SymbolSource& symbols,
               std::span<const Environment> environments, ProcessFacts& facts) {
  const AddressSpace& memory = heap.memory();
  // From Node 19 on, and up to 18, where only .symtab has it: microseconds.
  constexpr std::array<std::string_view, 2> kTimestamps = {
      "_ZN4node11performance35performance_process_start_timestampE",
      "_ZN4node11performanceL19timeOriginTimestampE"};
  for (const std::string_view name : kTimestamps) {
    const auto timestamp = read_variable<double>(memory, symbols, name);
    if (timestamp && *timestamp > 0) facts.started_at_ms = *timestamp / 1e3;
  }
  const auto start =
      read_variable<uint64_t>(memory, symbols, "_ZN4node11per_process15node_start_timeE");
  if (!start || *start == 0) return;
  for (const Environment& environment : environments) {
    if (environment.isolate != 0) continue;
    const auto now = find_loop_time(heap, symbols, environment);
    const double seconds =
        now ? static_cast<double>(*now) / 1e3 - static_cast<double>(*start) / 1e9 : -1;
    if (seconds >= 0) facts.uptime_at_least_s = seconds;
  }
}

}  // namespace

ProcessFacts read_process_facts(const v8::Heap& heap, const SymbolSource& symbols,
                                const ProcessInfo& process, std::optional<Address> process_object,
                                std::span<const Environment> environments) {
  ProcessFacts facts;
  if (!process.arguments.empty()) facts.title = process.arguments.front();
  facts.environment = current_environment(heap.memory(), symbols);
  facts.environment_is_current = !facts.environment.empty();
  if (!facts.environment_is_current) facts.environment = first_environment(process);
  set_cwd(heap, process, process_object, facts);
  set_times(heap, symbols, environments, facts);
  return facts;
}

}  // namespace corewalk

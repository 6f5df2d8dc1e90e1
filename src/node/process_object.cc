#include "node/process_object.h"

#include <algorithm>

#include "node/object_reader.h"
#include "node/process_finder.h"
#include "v8/string_reader.h"

namespace corewalk {
namespace {

using v8::TaggedWord;

constexpr uint64_t kMaxTextUnits = 4096;
constexpr uint64_t kMaxArguments = 4096;

std::optional<std::vector<std::string>> read_string_array(const v8::Heap& heap, Address array) {
  const v8::Layout& layout = heap.layout();
  if (heap.tag_of(array) != v8::TypeTag::kJSArray) return {};
  const auto length = heap.read(array, layout.object.array_length, "array length");
  const auto elements = heap.follow(array, layout.object.elements.offset(), "array elements");
  if (!length || !v8::is_smi(*length) || !elements) return {};
  const auto count = static_cast<uint64_t>(std::max(v8::smi_value(*length), 0));
  const v8::StringReader strings(heap);
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < std::min(count, kMaxArguments); ++i) {
    const auto word = heap.read<TaggedWord>(
        *elements, layout.container.array_elements.offset() + i * v8::kWordBytes, "array element");
    if (!word) return {};
    texts.push_back(strings.read_word(*word, kMaxTextUnits).value_or("?"));
  }
  return texts;
}

}  // namespace

NodeInfo read_process_object(const v8::Heap& heap, Progress& progress) {
  NodeInfo info;
  const auto process = find_process_object(heap, progress);
  if (!process) {
    info.unreadable.emplace_back("process: no such object in the main isolate");
    return info;
  }
  info.process_object = Address(v8::tag(*process));
  const ObjectReader reader(heap, *process);
  const auto text = [&](const char* name, std::string& place) {
    if (auto found = reader.text(name))
      place = std::move(*found);
    else
      info.unreadable.push_back(std::string("process.") + name);
  };
  const auto texts = [&](const char* name, std::map<std::string, std::string>& place) {
    if (const auto object = reader.object(name)) place = ObjectReader(heap, *object).texts();
    if (place.empty()) info.unreadable.push_back(std::string("process.") + name);
  };
  const auto list = [&](const char* name, std::vector<std::string>& place) {
    const auto object = reader.object(name);
    auto found = object ? read_string_array(heap, *object) : std::nullopt;
    if (found)
      place = std::move(*found);
    else
      info.unreadable.push_back(std::string("process.") + name);
  };
  text("platform", info.platform);
  text("arch", info.arch);
  text("version", info.version);
  text("execPath", info.exec_path);
  texts("versions", info.versions);
  texts("release", info.release);
  list("argv", info.argv);
  list("execArgv", info.exec_argv);
  return info;
}

}  // namespace corewalk

#include "node/process_object.h"

#include <algorithm>

#include "v8/constructor_name.h"
#include "v8/page_walker.h"
#include "v8/properties.h"
#include "v8/string_reader.h"

namespace corewalk {
namespace {

using v8::MapView;
using v8::TaggedWord;

constexpr uint64_t kMaxTextUnits = 4096;
constexpr uint64_t kMaxArguments = 4096;

/// Own data properties of one object, looked up by their text.
class ObjectReader {
 public:
  ObjectReader(const v8::Heap& heap, Address object) : strings_(heap) {
    const auto map = MapView::of_object(heap, object);
    if (map) properties_ = v8::PropertyReader(heap).own_data_properties(object, *map);
  }

  [[nodiscard]] std::optional<TaggedWord> value(std::string_view name) const {
    for (const auto& property : properties_) {
      if (strings_.read_word(property.key, name.size() + 1) == name) return property.value;
    }
    return {};
  }
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const {
    const auto word = value(name);
    return word ? strings_.read_word(*word, kMaxTextUnits) : std::nullopt;
  }
  [[nodiscard]] std::optional<Address> object(std::string_view name) const {
    const auto word = value(name);
    return word && !v8::is_smi(*word) ? std::optional(v8::untag(*word)) : std::nullopt;
  }
  /// All properties whose value is a string.
  [[nodiscard]] std::map<std::string, std::string> texts() const {
    std::map<std::string, std::string> found;
    for (const auto& property : properties_) {
      auto key = strings_.read_word(property.key, kMaxTextUnits);
      auto value = strings_.read_word(property.value, kMaxTextUnits);
      if (key && value) found.emplace(std::move(*key), std::move(*value));
    }
    return found;
  }

 private:
  v8::StringReader strings_;
  std::vector<v8::PropertyReader::DataProperty> properties_;
};

/// A visitor of PageWalker that keeps objects whose constructor is named "process".
class ProcessFinder {
 public:
  enum class Verdict : uint8_t { kUnknown, kYes, kNo };
  struct MapData {
    Verdict is_process = Verdict::kUnknown;
  };
  using Maps = v8::MapTable<MapData>;

  explicit ProcessFinder(const v8::Heap& heap) : heap_(heap), maps_(heap), namer_(heap) {}

  [[nodiscard]] std::optional<Address> find(Progress& progress) {
    progress.begin("looking for the process object", heap_.pages().size());
    for (const v8::HeapPage& page : heap_.pages()) {
      if (found_ || progress.interrupted()) break;
      if (page.isolate == 0) v8::PageWalker<ProcessFinder>(page, maps_, *this).walk();
      progress.advance(1);
    }
    progress.end();
    return found_;
  }

  void object(Address address, Maps::Entry& entry, uint64_t /*size*/, const std::byte* /*bytes*/) {
    const v8::MapInfo& map = entry.info;
    Verdict& verdict = entry.data.is_process;
    if (verdict == Verdict::kUnknown) {
      const auto view =
          v8::is_js_object(map.tag) ? MapView::load(heap_, map.map) : Result<MapView>(Fault{});
      verdict =
          view && namer_.name(address, *view).text == "process" ? Verdict::kYes : Verdict::kNo;
    }
    if (verdict == Verdict::kYes && !found_ && ObjectReader(heap_, address).text("version")) {
      found_ = address;
    }
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

 private:
  const v8::Heap& heap_;
  Maps maps_;
  v8::ConstructorNamer namer_;
  std::optional<Address> found_;
};

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
  const auto process = ProcessFinder(heap).find(progress);
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

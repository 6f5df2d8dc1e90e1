#include "node/process_finder.h"

#include <set>

#include "node/object_reader.h"
#include "v8/constructor_name.h"
#include "v8/page_walker.h"

namespace corewalk {
namespace {

using v8::MapView;
using v8::TaggedWord;
using v8::TypeTag;

// Words from the start of an object within which V8 7.8 to 14.6 keep what is looked for: the
// context of a function, the context around a context, the global object of a native context, the
// getter of an accessor pair. They are recognised by their type.
constexpr uint64_t kLeadingWords = 8;
constexpr uint64_t kMaxContextWords = 64;  // of the one that holds Node's `_process`
constexpr int kMaxContexts = 256;          // around one function

bool is_context(TypeTag tag) { return tag == TypeTag::kContext || tag == TypeTag::kNativeContext; }

/// A visitor of PageWalker that comes from the first function of each hidden class to its global
/// object and asks that for `process`, and knows the object if it meets it on the way.
class ProcessFinder {
 public:
  struct MapData {
    bool decided = false;
    bool is_process = false;
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
    if (found_) return;
    MapData& data = entry.data;
    if (!data.decided) {
      data.decided = true;
      data.is_process = is_named_process(address);
      if (entry.info.tag == TypeTag::kJSFunction) ask_global_object_of(address);
    }
    if (data.is_process) accept(address);
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

 private:
  [[nodiscard]] bool is_named_process(Address object) const {
    const auto map = MapView::of_object(heap_, object);
    return map && v8::is_js_object(map->tag) && namer_.name(object, *map).text == "process";
  }
  void accept(Address named_process) {
    if (!found_ && ObjectReader(heap_, named_process).text("version")) found_ = named_process;
  }

  /// The first object among the leading words of another whose type is one of those asked for.
  template <class Wanted>
  [[nodiscard]] std::optional<Address> leading(Address object, Wanted wanted) const {
    for (uint64_t word = 1; word < kLeadingWords; ++word) {
      const auto found = heap_.follow(object, word * v8::kWordBytes, "leading word");
      if (found && wanted(heap_.tag_of(*found))) return *found;
    }
    return {};
  }

  void ask_global_object_of(Address function) {
    auto context = leading(function, is_context);
    for (int i = 0; i < kMaxContexts && context; ++i) {
      if (heap_.tag_of(*context) == TypeTag::kNativeContext) break;
      context = leading(*context, is_context);
    }
    if (!context || !asked_.insert(*context).second) return;
    const auto global =
        leading(*context, [](TypeTag tag) { return tag == TypeTag::kJSGlobalObject; });
    if (global) ask(*global);
  }

  // lib/internal/bootstrap/node.js defines `process` by accessors, whose variable lies in the
  // context of the getter.
  void ask(Address global) {
    const auto value = ObjectReader(heap_, global).accessor("process");
    if (!value) return;
    const auto getter = leading(*value, [](TypeTag tag) { return tag == TypeTag::kJSFunction; });
    const auto context = getter ? leading(*getter, is_context) : std::nullopt;
    for (uint64_t word = 1; context && word < kMaxContextWords; ++word) {
      const auto slot = heap_.follow(*context, word * v8::kWordBytes, "context slot");
      if (slot && is_named_process(*slot)) return accept(*slot);
    }
  }

  const v8::Heap& heap_;
  Maps maps_;
  v8::ConstructorNamer namer_;
  std::set<Address> asked_;
  std::optional<Address> found_;
};

}  // namespace

std::optional<Address> find_process_object(const v8::Heap& heap, Progress& progress) {
  return ProcessFinder(heap).find(progress);
}

}  // namespace corewalk

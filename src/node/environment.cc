#include "node/environment.h"

#include <array>
#include <string_view>

#include "v8/page_walker.h"

namespace corewalk {
namespace {

using v8::TypeTag;

/// The pages of one isolate are walked until a native context is found: Node's own lies in the
/// first ones, for it comes out of V8's startup snapshot.
class ContextFinder {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  explicit ContextFinder(const v8::Heap& heap) : maps_(heap) {}

  [[nodiscard]] std::vector<Address> walk(const v8::HeapPage& page) {
    found_.clear();
    v8::PageWalker<ContextFinder>(page, maps_, *this).walk();
    return found_;
  }

  void object(Address address, Maps::Entry& entry, uint64_t /*size*/, const std::byte* /*bytes*/) {
    if (entry.info.tag == TypeTag::kNativeContext) found_.push_back(address);
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

 private:
  Maps maps_;
  std::vector<Address> found_;
};

/// Some word near the start of a native context refers to its embedder data, V8 7.8 to 14.6
/// (objects/contexts.h, EMBEDDER_DATA_INDEX).
std::optional<Address> embedder_data(const v8::Heap& heap, Address context) {
  constexpr uint64_t kLeadingWords = 10;
  for (uint64_t word = 1; word < kLeadingWords; ++word) {
    const auto found = heap.follow(context, word * v8::kWordBytes, "embedder data");
    const auto type = found ? heap.instance_type(*found) : Result<uint16_t>(Fault{});
    if (type && heap.layout().type(*type).name == "EMBEDDER_DATA_ARRAY") return *found;
  }
  return {};
}

bool is_whole(const AddressSpace& memory, const EnvironmentOffsets& offsets, Address head) {
  const auto next = memory.read<uint64_t>(head + offsets.next, "list of handles");
  if (!next || *next == 0) return false;
  const auto back = memory.read<uint64_t>(Address(*next) + offsets.prev, "list of handles");
  return back && *back == head.value();
}

std::optional<Address> environment_of(const v8::Heap& heap, const EnvironmentOffsets& offsets,
                                      Address context) {
  const auto data = embedder_data(heap, context);
  if (!data) return {};
  const uint64_t slot =
      heap.layout().container.array_elements.offset() + offsets.embedder_index * v8::kWordBytes;
  const auto word = heap.read<uint64_t>(*data, slot, "Environment");
  if (!word || *word == 0 || *word % v8::kWordBytes != 0) return {};
  const Address environment(*word);
  const bool whole = is_whole(heap.memory(), offsets, environment + offsets.handle_queue) &&
                     is_whole(heap.memory(), offsets, environment + offsets.request_queue);
  return whole ? std::optional(environment) : std::nullopt;
}

}  // namespace

std::optional<EnvironmentOffsets> EnvironmentOffsets::read(const SymbolSource& symbols,
                                                           const AddressSpace& memory) {
  bool complete = true;
  const auto value = [&](std::string_view name, auto type) -> uint64_t {
    const auto symbol = symbols.find(name);
    const auto found = symbol ? memory.read<decltype(type)>(symbol->address, "nodedbg constant")
                              : Result<decltype(type)>(Fault{});
    constexpr decltype(type) kMaxOffset = 0x10000;
    if (!found || *found < 0 || *found > kMaxOffset) {
      complete = false;
      return 0;
    }
    return static_cast<uint64_t>(*found);
  };
  const auto offset = [&](std::string_view name) { return value(name, int64_t{}); };
  EnvironmentOffsets read;
  read.embedder_index = value("nodedbg_const_ContextEmbedderIndex__kEnvironment__int", int32_t{});
  read.persistent =
      offset("nodedbg_offset_BaseObject__persistent_handle___v8_Persistent_v8_Object");
  read.handle_queue =
      offset("nodedbg_offset_Environment__handle_wrap_queue___Environment_HandleWrapQueue") +
      offset("nodedbg_offset_Environment_HandleWrapQueue__head___ListNode_HandleWrap");
  read.handle_node = offset("nodedbg_offset_HandleWrap__handle_wrap_queue___ListNode_HandleWrap");
  read.request_queue =
      offset("nodedbg_offset_Environment__req_wrap_queue___Environment_ReqWrapQueue") +
      offset("nodedbg_offset_Environment_ReqWrapQueue__head___ListNode_ReqWrapQueue");
  read.request_node = offset("nodedbg_offset_ReqWrap__req_wrap_queue___ListNode_ReqWrapQueue");
  read.next = offset("nodedbg_offset_ListNode_HandleWrap__next___uintptr_t");
  read.prev = offset("nodedbg_offset_ListNode_HandleWrap__prev___uintptr_t");
  return complete ? std::optional(read) : std::nullopt;
}

std::vector<Environment> find_environments(const v8::Heap& heap, const EnvironmentOffsets& offsets,
                                           Progress& progress) {
  std::vector<Environment> found;
  ContextFinder finder(heap);
  for (const v8::Isolate& isolate : heap.isolates()) {
    std::optional<Address> address;
    for (const v8::HeapPage& page : heap.pages()) {
      if (address || progress.interrupted()) break;
      if (page.isolate != isolate.index) continue;
      for (const Address context : finder.walk(page)) {
        if (!address) address = environment_of(heap, offsets, context);
      }
    }
    if (address) found.push_back({.isolate = isolate.index, .address = *address});
  }
  return found;
}

std::optional<HandlePlace> find_uv_handle(const AddressSpace& memory, Address wrap, Address node) {
  const Address behind = node + kListNodeBytes;
  const std::array<HandlePlace, 2> places = {
      HandlePlace{.handle = behind, .state = node - v8::kWordBytes},
      HandlePlace{.handle = behind + v8::kWordBytes, .state = behind}};
  for (const HandlePlace& place : places) {
    const auto handle = memory.read<uint64_t>(place.handle, "uv_handle_t");
    if (!handle || *handle == 0) continue;
    const auto data = memory.read<uint64_t>(Address(*handle), "uv_handle_t.data");
    if (data && *data == wrap.value()) return HandlePlace{Address(*handle), place.state};
  }
  return {};
}

NodeList list_nodes(const AddressSpace& memory, const EnvironmentOffsets& offsets, Address head) {
  NodeList list;
  Address at = head;
  while (list.nodes.size() < kMaxListNodes) {
    const auto next = memory.read<uint64_t>(at + offsets.next, "list node");
    if (!next) break;
    const auto back = memory.read<uint64_t>(Address(*next) + offsets.prev, "list node");
    if (!back || *back != at.value()) break;
    at = Address(*next);
    if (at == head) {
      list.whole = true;
      break;
    }
    list.nodes.push_back(at);
  }
  return list;
}

}  // namespace corewalk

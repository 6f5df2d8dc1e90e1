#include "session/root_list.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "stack/frame_place.h"
#include "v8/object_view.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::kWordBytes;

/// A wrapper keeps its C++ object in one of its first embedder fields, right behind its own three
/// words (api/api.h).
constexpr uint64_t kFirstEmbedderField = 3 * kWordBytes;
constexpr uint64_t kEmbedderFields = 4;
/// A vtable begins with an offset and the type's information (Itanium C++ ABI).
constexpr uint64_t kVtableHead = 2 * kWordBytes;

/// "TCPWrap" of "_ZTVN4node7TCPWrapE": the innermost name.
std::string innermost_name(std::string_view mangled) {
  constexpr std::string_view kPrefix = "_ZTV";
  if (!mangled.starts_with(kPrefix)) return {};
  mangled.remove_prefix(kPrefix.size());
  if (mangled.starts_with("N")) mangled.remove_prefix(1);
  std::string_view name;
  while (!mangled.empty() && mangled.front() >= '1' && mangled.front() <= '9') {
    size_t length = 0;
    while (!mangled.empty() && mangled.front() >= '0' && mangled.front() <= '9') {
      length = length * 10 + static_cast<size_t>(mangled.front() - '0');
      mangled.remove_prefix(1);
      if (length > mangled.size()) return {};
    }
    name = mangled.substr(0, length);
    mangled.remove_prefix(length);
  }
  return std::string(name);
}

}  // namespace

std::string RootOwners::owner(const v8::GcRoot& root) const {
  if (root.category == v8::RootCategory::kGlobalHandles) {
    const auto object = embedder_object(root);
    return object ? object->name : "";
  }
  if (root.thread_id != 0) return frame_of(root);
  return {};
}

std::string RootOwners::frame_of(const v8::GcRoot& root) const {
  std::string text = fmt::format("thread {}", root.thread_id);
  if (root.place.is_null()) return text + ", register";
  for (const ThreadStack& stack : stacks_) {
    if (stack.thread_id != root.thread_id) continue;
    const auto index = frame_at(stack, root.place);
    if (!index) return text;
    const StackFrame& frame = stack.frames[*index];
    text += fmt::format(", frame #{}", *index);
    if (!frame.name.empty()) return text + " " + frame.name;
    if (!frame.native.function.empty()) return text + " " + frame.native.function;
    return text + " " + frame.type;
  }
  return text;
}

std::optional<EmbedderObject> RootOwners::embedder_object(const v8::GcRoot& root) const {
  if (!offsets_ || root.category != v8::RootCategory::kGlobalHandles) return {};
  const Address wrapper = v8::untag(root.word);
  for (uint64_t i = 0; i < kEmbedderFields; ++i) {
    const auto field =
        heap_.read<uint64_t>(wrapper, kFirstEmbedderField + i * kWordBytes, "embedder field");
    if (!field) return {};
    const Address object(*field);
    if (object.is_null() || !object.is_aligned(kWordBytes)) continue;
    const auto handle = heap_.memory().read<uint64_t>(object + offsets_->persistent, "handle");
    if (!handle || *handle != root.place.value()) continue;
    return EmbedderObject{.wrapper = wrapper,
                          .native = object,
                          .name = class_at(object),
                          .is_root = !root.weak_edge,
                          .bytes = allocated_bytes(object)};
  }
  return {};
}

/// What malloc gave, by the word before it: the size with flags in its low bits, that word
/// included (glibc).
uint64_t RootOwners::allocated_bytes(Address native) const {
  constexpr uint64_t kFlags = 0xf;
  constexpr uint64_t kMost = 1 << 16;  // of one object; else it is no such word
  const auto word = heap_.memory().read<uint64_t>(native - kWordBytes, "size of an allocation");
  const uint64_t size = word ? *word & ~kFlags : 0;
  return size > kWordBytes && size <= kMost ? size - kWordBytes : 0;
}

std::vector<EmbedderObject> find_embedder_objects(const std::vector<v8::GcRoot>& roots,
                                                  const RootOwners& owners) {
  std::vector<EmbedderObject> objects;
  std::set<Address> seen;
  for (const v8::GcRoot& root : roots) {
    auto object = owners.embedder_object(root);
    if (object && seen.insert(object->wrapper).second) objects.push_back(std::move(*object));
  }
  return objects;
}

std::string RootOwners::class_at(Address object) const {
  const auto vtable = heap_.memory().read<uint64_t>(object, "vtable");
  if (!vtable || *vtable < kVtableHead) return "BaseObject";
  const auto symbol = symbols_.find_containing(Address(*vtable - kVtableHead));
  std::string name = symbol ? innermost_name(symbol->name) : "";
  return name.empty() ? "BaseObject" : name;
}

std::vector<NamedRoot> name_roots(const v8::Heap& heap, const std::vector<v8::GcRoot>& roots,
                                  const RootOwners& owners) {
  const v8::RootEdgeNames names(heap);
  std::vector<NamedRoot> named;
  uint64_t number = 0;
  for (const v8::GcRoot& root : roots) {
    const bool first = named.empty() || named.back().root.category != root.category ||
                       named.back().root.isolate != root.isolate;
    if (first) number = 0;
    NamedRoot entry{.root = root, .edge = names.name(root, ++number), .owner = owners.owner(root)};
    if (const auto object = v8::ObjectView::load(heap, v8::untag(root.word))) {
      entry.type = object->type().name;
      entry.size_bytes = object->size_bytes();
    }
    named.push_back(std::move(entry));
  }
  return named;
}

}  // namespace corewalk

#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "heap_graph/object_facts.h"
#include "heap_graph/object_plan.h"

namespace corewalk {

/// Finds out what words of the heap refer to, and shows it to a sink, as far as V8's heap snapshot
/// would: what EdgeReader is built on, which says what a sink is.
template <class Sink>
class WordReader {
 public:
  using Maps = v8::MapTable<ObjectPlan>;

  /// As much may be derived again as a heap of this size can need.
  void renew_limit() {
    derived_left_ = std::max(kLeastDerived, kDerivedPerObject * uint64_t{index_.size()});
  }

 protected:
  WordReader(const ObjectIndex& index, const ObjectFacts& facts, Maps& maps, Sink& sink)
      : heap_(index.heap()), facts_(facts), maps_(maps), sink_(sink), index_(index) {
    renew_limit();
  }

  /// The names of hidden edges count from 1 again.
  void begin_object() { next_hidden_ = 1; }

  static v8::TaggedWord word_at(const std::byte* bytes, uint64_t size, uint64_t offset) {
    v8::TaggedWord word = 0;
    if (offset + sizeof word <= size) std::memcpy(&word, bytes + offset, sizeof word);
    return word;
  }

  // Neighbouring references tend to go to the same few places.
  ObjectNumber find(v8::TaggedWord word) {
    const Address target = v8::untag(word);
    const uint64_t key = target.value() >> v8::PageTable::kGranuleBits;
    Known& known = known_[key % kKnown];
    if (known.key != key) known = {key, heap_.page_table().find(target)};
    return known.page == v8::PageTable::kNone ? kNoObject : index_.find_on(known.page, target);
  }

  /// Shows what a word refers to, and returns it; kNoObject if that is nothing to show.
  ObjectNumber read_word(EdgeKind type, const EdgeName& name, v8::TaggedWord word,
                         bool is_weak_slot = false) {
    if (v8::is_smi(word)) return kNoObject;
    const bool weak = is_weak_slot || type == EdgeKind::kWeak || v8::is_weak(word);
    const bool late =
        weak && type == EdgeKind::kHidden && (is_weak_slot || facts_.hides_weak_slots());
    if (weak && !late && !Sink::kWeak) return kNoObject;
    const ObjectNumber target = find(word);
    if (target == kNoObject) return kNoObject;
    const bool is_value = type == EdgeKind::kProperty || type == EdgeKind::kElement ||
                          type == EdgeKind::kContext || type == EdgeKind::kShortcut;
    if (!is_value && !facts_.is_essential(target)) return kNoObject;
    const EdgeName& shown = type == EdgeKind::kHidden ? EdgeName::of_index(next_hidden_++) : name;
    if (late) {
      sink_.late_edge(type, shown, target);
    } else {
      sink_.edge(weak ? EdgeKind::kWeak : type, shown, target);
    }
    return target;
  }

  /// Arrays may be shared: what is derived from them again and again must not get out of hand where
  /// the heap is damaged. False if there has been too much of it.
  bool derive(uint64_t count) {
    if (count > derived_left_) return false;
    derived_left_ -= count;
    return true;
  }

  /// A store of the heap: its type and what can be read of it.
  struct Store {
    v8::TypeTag tag = v8::TypeTag::kUnknown;
    const v8::TypeInfo* type = nullptr;
    const std::byte* bytes = nullptr;
    uint64_t size = 0;
  };
  std::optional<Store> store_at(v8::TaggedWord word) {
    if (!v8::is_strong(word)) return {};
    const auto found = object_at(v8::untag(word));
    if (!found) return {};
    const v8::MapInfo& info = found->map->info;
    return Store{info.tag, info.type, found->bytes, found->size};
  }

  /// An object whose whole extent lies on its page.
  struct Object {
    typename Maps::Entry* map = nullptr;
    const std::byte* bytes = nullptr;
    uint64_t size = 0;
  };
  std::optional<Object> object_at(Address address) {
    const v8::HeapPage* page = heap_.page_of(address);
    if (page == nullptr || page->bytes.size() != page->area.size()) return {};
    const uint64_t offset = address - page->area.begin();
    const uint64_t available = page->area.size() - offset;
    if (!address.is_aligned(v8::kWordBytes)) return {};
    const std::byte* bytes = page->bytes.data() + offset;
    auto* map = maps_.find(word_at(bytes, available, 0));
    if (map == nullptr) return {};
    const uint64_t size = maps_.reader().size_of(map->info, bytes, available);
    if (size == 0 || size > available) return {};
    return Object{map, bytes, size};
  }

  const v8::Heap& heap_;
  const ObjectFacts& facts_;
  Maps& maps_;
  Sink& sink_;

 private:
  // Real heaps have some three references an object in all.
  static constexpr uint64_t kDerivedPerObject = 16;
  static constexpr uint64_t kLeastDerived = uint64_t{1} << 22;
  static constexpr size_t kKnown = 64;
  struct Known {
    uint64_t key = ~uint64_t{0};
    uint32_t page = v8::PageTable::kNone;
  };

  const ObjectIndex& index_;
  uint64_t next_hidden_ = 1;
  uint64_t derived_left_ = 0;
  std::array<Known, kKnown> known_;
};

}  // namespace corewalk

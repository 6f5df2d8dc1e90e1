#pragma once

#include <optional>
#include <span>

#include "node/environment.h"
#include "node/resource.h"
#include "v8/constructor_name.h"
#include "v8/source_locator.h"

namespace corewalk {

/// Reads what Node.js lists for each of its threads: `process._getActiveHandles()` and
/// `process._getActiveRequests()`, and beyond them the handles that do not keep the loop alive.
class ResourceReader {
 public:
  ResourceReader(const v8::Heap& heap, const EnvironmentOffsets& offsets,
                 v8::SourceLocator& sources)
      : heap_(heap), offsets_(offsets), sources_(sources), names_(heap) {}

  /// `process_object` of the main thread, whose listeners are those of signals.
  [[nodiscard]] ResourceList handles(std::span<const Environment> environments,
                                     std::optional<Address> process_object) const;
  /// Adds the threads that the program has started, which are on no list: the objects of class
  /// Worker. The message ports through which it speaks with one say which.
  void add_workers(std::span<const Address> workers, ResourceList& list) const;
  [[nodiscard]] ResourceList requests(std::span<const Environment> environments) const;

  // For the parts in node/*_facts.cc.
  [[nodiscard]] const v8::Heap& heap() const { return heap_; }
  [[nodiscard]] const AddressSpace& memory() const { return heap_.memory(); }
  [[nodiscard]] const v8::Layout& layout() const { return heap_.layout(); }
  [[nodiscard]] std::optional<Callback> callback(std::optional<v8::TaggedWord> word) const;
  /// Constructor of a JavaScript object.
  [[nodiscard]] std::string type_of(Address object) const;

 private:
  /// With nothing but the threads that nothing can be said of.
  [[nodiscard]] ResourceList empty_list(std::span<const Environment> environments) const;
  [[nodiscard]] std::vector<Address> nodes_of(Address head, std::string_view what,
                                              ResourceList& list) const;
  [[nodiscard]] std::optional<Address> object_of_wrap(Address wrap) const;
  [[nodiscard]] std::optional<Resource> handle(Address node, const Environment& environment,
                                               std::optional<Address> process_object) const;
  [[nodiscard]] std::optional<Resource> request(Address node, const Environment& environment) const;

  const v8::Heap& heap_;
  const EnvironmentOffsets& offsets_;
  v8::SourceLocator& sources_;
  v8::ConstructorNamer names_;
};

}  // namespace corewalk

#pragma once

#include <unordered_map>
#include <vector>

#include "v8/heap.h"
#include "v8/scope_info.h"

namespace corewalk {

/// What contexts have in their slots, by their ScopeInfo. Kept: a program has some thousands of
/// scopes, and any number of contexts. Not thread-safe.
class ScopeCache {
 public:
  explicit ScopeCache(const v8::Heap& heap) : heap_(heap) {}

  struct Scope {
    bool has_extension = true;
    bool is_declaration = false;
    std::vector<v8::ScopeInfoView::Local> locals;
  };
  /// What is known without a ScopeInfo, if `scope_info` is none. Valid until the next call.
  [[nodiscard]] const Scope& of(v8::TaggedWord scope_info);

 private:
  [[nodiscard]] Scope read(v8::TaggedWord scope_info) const;

  const v8::Heap& heap_;
  std::unordered_map<v8::TaggedWord, Scope> scopes_;
};

}  // namespace corewalk

#include "heap_graph/scope_cache.h"

#include <cstddef>

namespace corewalk {
namespace {

/// More than any program has: a damaged heap may name a new one in each context.
constexpr size_t kMostScopes = 1 << 16;

// Context::EXTENSION_INDEX (objects/contexts.h).
constexpr uint64_t kExtensionSlot = 2;

}  // namespace

const ScopeCache::Scope& ScopeCache::of(v8::TaggedWord scope_info) {
  const auto known = scopes_.find(scope_info);
  if (known != scopes_.end()) return known->second;
  if (scopes_.size() >= kMostScopes) scopes_.clear();
  return scopes_.emplace(scope_info, read(scope_info)).first->second;
}

ScopeCache::Scope ScopeCache::read(v8::TaggedWord scope_info) const {
  Scope known;
  known.has_extension = heap_.layout().numbers.context_min_slots > kExtensionSlot;
  if (!v8::is_strong(scope_info)) return known;
  const auto scope = v8::ScopeInfoView::load(heap_, v8::untag(scope_info));
  if (!scope) return known;
  known.has_extension = known.has_extension || scope->has_extension_slot();
  known.is_declaration = scope->is_declaration();
  known.locals = scope->locals();
  return known;
}

}  // namespace corewalk

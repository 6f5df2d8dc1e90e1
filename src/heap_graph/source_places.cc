#include "heap_graph/source_places.h"

#include "v8/function_view.h"
#include "v8/object_view.h"
#include "v8/properties.h"

namespace corewalk {

using v8::TypeTag;

namespace {

const std::optional<SourcePlaces::Place> kNowhere;

}  // namespace

const std::optional<SourcePlaces::Place>& SourcePlaces::of(Address object) {
  const auto word = heap_.read<v8::TaggedWord>(object, 0, "map");
  auto* map = word ? maps_.find(*word) : nullptr;
  if (map == nullptr) return kNowhere;
  if (map->data.kind == MapPlace::Kind::kUndecided) decide(map->info, object, map->data);
  switch (map->data.kind) {
    case MapPlace::Kind::kFunction:
      return of_function(object);
    case MapPlace::Kind::kGenerator:
      return of_generator(object);
    case MapPlace::Kind::kSame:
      return *map->data.same;
    case MapPlace::Kind::kOfObject:
      return of_constructor(object);
    case MapPlace::Kind::kNone:
    case MapPlace::Kind::kUndecided:
      break;
  }
  return kNowhere;
}

void SourcePlaces::decide(const v8::MapInfo& map, Address first, MapPlace& place) {
  if (map.tag == TypeTag::kJSFunction) {
    place.kind = MapPlace::Kind::kFunction;
  } else if (!v8::is_js_object(map.tag)) {
    place.kind = MapPlace::Kind::kNone;
  } else if (map.tag == TypeTag::kJSGeneratorObject) {
    place.kind = MapPlace::Kind::kGenerator;
  } else {
    const auto view = v8::MapView::load(heap_, map.map);
    const bool differs = view && constructors_.may_differ_within(*view);
    place.kind = differs ? MapPlace::Kind::kOfObject : MapPlace::Kind::kSame;
    if (!differs) place.same = &of_constructor(first);
  }
}

const std::optional<SourcePlaces::Place>& SourcePlaces::of_generator(Address generator) {
  const auto view = v8::ObjectView::load(heap_, generator);
  const auto function = view ? view->object("function") : Result<v8::ObjectView>(view.fault());
  return function ? of_function(function->address()) : kNowhere;
}

const std::optional<SourcePlaces::Place>& SourcePlaces::of_constructor(Address object) {
  const auto map = heap_.map_of(object);
  const auto view = map ? v8::MapView::load(heap_, *map) : Result<v8::MapView>(map.fault());
  if (!view) return kNowhere;
  const auto constructor = constructors_.name(object, *view).constructor;
  return constructor ? of_function(*constructor) : kNowhere;
}

const std::optional<SourcePlaces::Place>& SourcePlaces::of_function(Address function) {
  const auto shared = heap_.follow(function, heap_.layout().function.shared.offset(), "function");
  if (!shared) return kNowhere;
  const auto known = by_shared_.find(shared->value());
  if (known != by_shared_.end()) return known->second;
  return by_shared_.emplace(shared->value(), find(*shared)).first->second;
}

std::optional<SourcePlaces::Place> SourcePlaces::find(Address shared) {
  const auto view = v8::ObjectView::load(heap_, shared);
  const auto function = view ? v8::FunctionView::of(*view) : Result<v8::FunctionView>(view.fault());
  const auto script = function ? function->script() : std::nullopt;
  if (!script) return {};
  const auto script_view = v8::ObjectView::load(heap_, *script);
  const auto id = script_view ? script_view->number("id") : Result<int64_t>(script_view.fault());
  const v8::SourceLocation location = function->definition(sources_);
  if (!id || *id < 0 || location.line == 0) return {};
  return Place{.script_id = static_cast<uint32_t>(*id),
               .line = location.line - 1,
               .column = location.column == 0 ? 0 : location.column - 1};
}

}  // namespace corewalk

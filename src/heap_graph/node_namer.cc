#include "heap_graph/node_namer.h"

#include <fmt/format.h>

#include "heap_graph/node_types.h"
#include "v8/flat_string.h"
#include "v8/object_view.h"

namespace corewalk {

using v8::NodeType;
using v8::TypeTag;

namespace {

/// Names of functions, scripts and properties are not cut, but nobody reads the end of a longer
/// one.
constexpr uint64_t kMaxNameUnits = 1024;

bool is_ascii(std::string_view text) {
  unsigned char bits = 0;  // without a way out of the loop: so many bytes are looked at at a time
  for (const char byte : text) bits |= static_cast<unsigned char>(byte);
  return bits < 0x80;
}

}  // namespace

NodeNamer::NodeNamer(const HeapGraph& graph)
    : graph_(graph),
      cursor_(graph.index()),
      heap_(graph.index().heap()),
      maps_(graph.index().heap()),
      rows_(graph.index().heap()),
      strings_(graph.index().heap()),
      constructors_(graph.index().heap()) {}

NodeNamer::Name NodeNamer::name(NodeId node, uint64_t limit) {
  if (node == kRootNode) return {.text = ""};
  if (node == HeapGraph::kGcRoots) return {.text = "(GC roots)"};
  if (node < graph_.first_object()) return {.text = graph_.root_group(node).label};
  if (node >= graph_.first_embedder()) {
    return show("Node / " + graph_.embedder_objects()[node - graph_.first_embedder()].name);
  }
  if (!graph_.is_object(node)) return {.text = "system / JSArrayBufferData"};
  return object_name(node, limit);
}

NodeNamer::Name NodeNamer::object_name(NodeId node, uint64_t limit) {
  const Address object = cursor_.at(node - graph_.first_object());
  const auto word = heap_.read<v8::TaggedWord>(object, 0, "map");
  auto* map = word ? maps_.find(*word) : nullptr;
  if (map == nullptr) return {.text = "(unreadable)"};
  MapName& known = map->data;
  if (known.source == Source::kUndecided) decide(map->info, object, known);
  switch (known.source) {
    case Source::kContents:
      return contents(object, map->info.instance_type, limit);
    case Source::kField:
      return read_string(heap_.read<v8::TaggedWord>(object, known.field, "name").value_or(0),
                         kMaxNameUnits, false);
    case Source::kShared: {
      std::string own = constructors_.own_function_name(object);
      return show(own.empty() ? "(shared function info)" : std::move(own));
    }
    case Source::kFunction: {
      const auto shared = heap_.read(object, heap_.layout().function.shared, "function");
      return show(shared ? constructors_.own_function_name(v8::untag(*shared)) : "");
    }
    case Source::kSymbol: {
      const RowName row = rows_.name(object, map->info);
      return {.text = row.kind == RowKind::kInternal ? "private symbol" : "symbol"};
    }
    case Source::kShape:
      return show(map_name(object));
    case Source::kObject:
      return show(constructor_name(object, map->info));
    case Source::kHolder:
      return {.text = node_tag(graph_.tag_of(node)).name};
    case Source::kMap:
    case Source::kUndecided:
      break;
  }
  // Arrays of constants have a name of their own in later versions; it gives way.
  if (graph_.tag_of(node) == kConstantPoolTag) return {.text = node_tag(kConstantPoolTag).name};
  return {.text = known.text};
}

void NodeNamer::decide(const v8::MapInfo& map, Address first, MapName& name) const {
  const auto one_name = [&](std::string_view text) {
    name.source = Source::kMap;
    name.text = text;
  };
  const auto field = [&](std::string_view field_name) {
    const auto* place = v8::Layout::field(map.type->object_class, field_name);
    name.source = place == nullptr ? Source::kMap : Source::kField;
    if (place != nullptr) name.field = place->offset;
  };
  const TypeTag tag = map.tag;
  const NodeType type = node_type_of(map);
  if (type == NodeType::kString) {
    name.source = Source::kContents;
  } else if (type == NodeType::kConsString) {
    one_name("(concatenated string)");
  } else if (type == NodeType::kSlicedString) {
    one_name("(sliced string)");
  } else if (tag == TypeTag::kMap) {
    name.source = Source::kShape;
  } else if (tag == TypeTag::kJSFunction) {
    name.source = Source::kFunction;
  } else if (tag == TypeTag::kJSBoundFunction) {
    one_name("native_bind");
  } else if (tag == TypeTag::kJSRegExp) {
    field("source");
  } else if (tag == TypeTag::kJSProxy) {
    one_name("system / JSProxy");
  } else if (v8::is_js_receiver(tag)) {
    name.source = rows_.differs_within(map) ? Source::kObject : Source::kMap;
    if (name.source == Source::kMap) name.text = constructor_name(first, map);
  } else if (tag == TypeTag::kSymbol) {
    name.source = Source::kSymbol;
  } else if (is_a(map, "SharedFunctionInfo")) {
    name.source = Source::kShared;
  } else if (is_a(map, "Script")) {
    field("name");
  } else if (tag == TypeTag::kBigInt) {
    one_name("bigint");
  } else if (tag == TypeTag::kHeapNumber) {
    one_name("heap number");
  } else if (tag == TypeTag::kContext) {
    one_name("system / Context");
  } else if (tag == TypeTag::kNativeContext) {
    one_name("system / NativeContext");
  } else if (map.type->name == "NAME_TO_INDEX_HASH_TABLE") {
    one_name("(context local names)");  // nothing else holds one
  } else if (is_a(map, "Code") || is_a(map, "InstructionStream") || is_a(map, "FixedArray") ||
             tag == TypeTag::kFixedArray || tag == TypeTag::kFixedDoubleArray ||
             tag == TypeTag::kByteArray) {
    name.source = Source::kHolder;
  } else {
    one_name("system / " + v8::class_name_for_type(map.type->name));
  }
}

/// What V8's snapshot calls it, prototypes as what they are the prototype of.
std::string NodeNamer::constructor_name(Address object, const v8::MapInfo& map) const {
  RowName row = rows_.name(object, map);
  return row.prototype_of.empty() ? std::move(row.name) : std::move(row.prototype_of);
}

NodeNamer::Name NodeNamer::show(std::string text) {
  text_ = std::move(text);
  return {.text = text_};
}

std::string NodeNamer::map_name(Address map) const {
  const auto type = heap_.read(map, heap_.layout().map.instance_type, "map");
  if (!type || heap_.layout().type(*type).tag != TypeTag::kString) return "system / Map";
  return fmt::format("system / Map ({})", v8::class_name_for_type(heap_.layout().type(*type).name));
}

/// Most strings lie there as they are wanted.
NodeNamer::Name NodeNamer::contents(Address string, uint16_t instance_type, uint64_t limit) {
  const auto flat = v8::flat_string(heap_, string, instance_type);
  if (flat && flat->one_byte && flat->length <= limit) {
    const std::string_view text(reinterpret_cast<const char*>(flat->chars), flat->length);
    if (is_ascii(text)) return {.text = text, .is_contents = true};
  }
  return read_string(v8::tag(string), limit, true);
}

NodeNamer::Name NodeNamer::read_string(v8::TaggedWord word, uint64_t limit, bool is_contents) {
  const auto text = v8::is_smi(word) ? Result<v8::StringReader::Text>(Fault{})
                                     : strings_.read(v8::untag(word), limit);
  text_ = text ? text->utf8 : "";
  return {.text = text_, .is_contents = is_contents};
}

std::string_view NodeNamer::edge_name(const EdgeName& name, uint64_t auto_index) {
  switch (name.kind) {
    case EdgeName::Kind::kText:
      return name.text;
    case EdgeName::Kind::kIndex:
      text_ = fmt::format("{}", name.number);
      return text_;
    case EdgeName::Kind::kArgument:
      text_ = fmt::format("bound_argument_{}", name.number);
      return text_;
    case EdgeName::Kind::kEphemeron:
      text_ = fmt::format("{} / ", auto_index);
      return text_;
    case EdgeName::Kind::kRoot:
      text_ = graph_.root_edge_name(name.number, auto_index);
      return text_;
    case EdgeName::Kind::kKey:
    case EdgeName::Kind::kGetter:
    case EdgeName::Kind::kSetter:
      break;
  }
  const Address key = v8::untag(name.number);
  if (heap_.tag_of(key) == TypeTag::kSymbol) {
    const auto text = heap_.read(key, heap_.layout().string.symbol_description, "symbol");
    const auto description =
        text ? strings_.read_word(*text, kMaxNameUnits) : std::optional<std::string>();
    text_ = description ? fmt::format("<symbol {}>", *description) : "<symbol>";
    return text_;
  }
  (void)read_string(name.number, kMaxNameUnits, false);
  if (name.kind == EdgeName::Kind::kGetter) text_.insert(0, "get ");
  if (name.kind == EdgeName::Kind::kSetter) text_.insert(0, "set ");
  return text_;
}

}  // namespace corewalk

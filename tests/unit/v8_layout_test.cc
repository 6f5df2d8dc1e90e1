// Layout files: the grammar, inheritance, and what every built-in one must state.

#include "base/failure.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/layout_library.h"
#include "v8/layout_schema.h"
#include "v8/root_maps.h"

namespace corewalk {
namespace {

using v8::Layout;
using v8::LayoutLibrary;
using v8::LengthKind;
using v8::SizeKind;
using v8::TypeTag;

std::unique_ptr<Layout> parse(std::string_view text) {
  return LayoutLibrary::parse("mine.layout", text);
}

/// What the parser says of `text`; empty if it takes it.
std::string complaint(std::string_view text) {
  try {
    (void)parse(text);
  } catch (const Failure& failure) {
    CHECK(failure.code() == ExitCode::kUsage);
    return failure.what();
  }
  return {};
}

TEST_CASE("a mistake in a layout file is named with file and line", "[v8][layout]") {
  const auto [line, message] = GENERATE(table<std::string, std::string>({
      {"Page.size", "'Page.size' needs 1 values"},
      {"Page.size 12x", "'12x' is not a number"},
      {"Page.size -8", "'-8' is not a number"},
      {"Page.size 0x10000000000000000", "is not a number"},
      {"Page.size 8 smi", "no class line stands before 'Page.size'"},
      {"Page.colour 8", "unknown fact 'Page.colour'"},
      {"absent Page.colour", "unknown fact 'Page.colour'"},
      {"distrust Page.colour", "unknown fact 'Page.colour'"},
      {"bits Map.colour 0 1", "unknown bits 'Map.colour'"},
      {"bits Map.is_prototype_map 0", "expected: bits NAME SHIFT MASK"},
      {"number PageFlag.colour 1", "unknown number 'PageFlag.colour'"},
      {"feature levitation", "unknown feature 'levitation'"},
      {"type 1", "expected: type NUMBER NAME"},
      {"type 4096 BIG", "instance type out of range"},
      {"type-range 9 8 ODD", "instance type out of range"},
      {"root meta_map", "'root' needs 2 values"},
      {"size MAP colour=1", "unknown size key 'colour'"},
      {"size MAP length=smi", "'smi' is not KIND@OFFSET"},
      {"size MAP length=u64@8", "'u64' is not one of"},
      {"size MAP per=0", "'per' must be positive"},
      {"size MAP align=24", "'align' a power of two"},
      {"size MAP align=4", "'align' a power of two"},
      {"size MAP header=0x100000000", "out of range"},
      {"size MAP length=smi@70000", "out of range"},
      {"Page.size 0x100000000", "out of range"},
      {"size MAP shift=32", "'shift' below 32"},
      {"size MAP element=65536", "must be below 65536"},
      {"size MAP via-code header=8 length=smi@8", "must lie in its header"},
      {"size MAP until-next-map header=12", "must be a multiple of 8"},
      {"bits Map.is_prototype_map 64 1", "a word has no bit 64"},
      {"space 0x100000000 odd_space", "out of range"},
      {"area old", "expected: area NAME"},
      {"area old old_space", "a path is START+OFFSET"},
      {"area old heap+0x80000000", "out of range"},
  }));
  const std::string found = complaint("layout 1.2\n# a comment\n\n" + line + "\n");
  CHECK_THAT(found, test::contains_text("mine.layout:4: "));
  CHECK_THAT(found, test::contains_text(message));
}

TEST_CASE("a layout file inherits from built-in ones only, and says so", "[v8][layout]") {
  CHECK_THAT(complaint("inherit 1.0\n"),
             test::contains_text("mine.layout: cannot inherit from '1.0'"));
  CHECK_THAT(complaint("inherit mine\n"), test::contains_text("cannot inherit from 'mine'"));
}

TEST_CASE("an heir has its parent's offsets but states its own types and roots", "[v8][layout]") {
  const Layout& parent = test::each_layout();
  const auto heir = parse("inherit " + parent.version + "\nlayout 99.1\ntype 7 MAP\n");
  CHECK(heir->version == "99.1");
  CHECK(heir->map.instance_type.offset() == parent.map.instance_type.offset());
  CHECK(heir->type_number("MAP") == 7);
  CHECK_FALSE(heir->type_number("FIXED_ARRAY"));
  CHECK(heir->roots.empty());
}

TEST_CASE("a later line overrides an earlier one, and 'absent' takes a fact back", "[v8][layout]") {
  const auto layout = parse(
      "Page.owner 8\nPage.owner 0x10\nPage.list_next 8\nabsent Page.list_next\n"
      "area old heap+8\narea old none\nfeature global-suffixes\nfeature global-suffixes off\n");
  CHECK(layout->page.owner.offset() == 16);
  CHECK_FALSE(layout->page.list_next.present());
  CHECK(layout->allocation_areas.empty());
  CHECK_FALSE(layout->has(v8::Feature::kGlobalSuffixes));
}

TEST_CASE("a path to an allocation area has a start, offsets and a limit", "[v8][layout]") {
  const auto layout = parse("area new heap-0x48\narea old local_heap+0x50>0x20 limit=16\n");
  REQUIRE(layout->allocation_areas.size() == 2);
  CHECK(layout->allocation_areas[0].start == "heap");
  CHECK(layout->allocation_areas[0].offsets == std::vector<int32_t>{-0x48});
  CHECK(layout->allocation_areas[0].limit_distance == 8);
  CHECK(layout->allocation_areas[1].offsets == std::vector<int32_t>{0x50, 0x20});
  CHECK(layout->allocation_areas[1].limit_distance == 16);
}

TEST_CASE("a size rule reaches every type it names", "[v8][layout]") {
  const auto layout = parse(
      "type 1 ONE\ntype 2 TWO\ntype 3 THREE\n"
      "size ONE,TWO header=24 length=u16@10 mask=0xff shift=1 per=6 element=4 "
      "plus=i32@12 plus-element=2 align=64\n");
  for (const uint16_t number : {uint16_t{1}, uint16_t{2}}) {
    const v8::SizeRule& rule = layout->type(number).size;
    CHECK(rule.kind == SizeKind::kLinear);
    CHECK(rule.header == 24);
    CHECK(rule.length.kind == LengthKind::kUint16);
    CHECK(rule.length.offset == 10);
    CHECK(rule.mask == 0xff);
    CHECK(rule.shift == 1);
    CHECK(rule.per == 6);
    CHECK(rule.element == 4);
    CHECK(rule.plus.offset == 12);
    CHECK(rule.plus_element == 2);
    CHECK(rule.align == 64);
  }
  CHECK(layout->type(3).size.kind == SizeKind::kUnknown);
}

TEST_CASE("an instance type that a layout does not have is unknown, whatever the number",
          "[v8][layout]") {
  const Layout& layout = test::each_layout();
  CHECK(layout.type(4095).tag == TypeTag::kUnknown);
  CHECK(layout.type(0xffff).tag == TypeTag::kUnknown);
  CHECK(layout.type(0xffff).name.empty());
}

TEST_CASE("every built-in layout states what the walk and the names rest on", "[v8][layout]") {
  const Layout& layout = test::each_layout();
  CHECK_FALSE(layout.node_line.empty());
  for (const v8::FieldOffset& field :
       {v8::FieldOffset(layout.page.size), v8::FieldOffset(layout.page.area_start),
        v8::FieldOffset(layout.page.area_end), v8::FieldOffset(layout.page.heap),
        v8::FieldOffset(layout.page.owner), v8::FieldOffset(layout.page.chunk),
        v8::FieldOffset(layout.space.id), v8::FieldOffset(layout.isolate.roots),
        v8::FieldOffset(layout.isolate.heap), v8::FieldOffset(layout.map.instance_type),
        v8::FieldOffset(layout.map.bit_field3), v8::FieldOffset(layout.object.elements),
        v8::FieldOffset(layout.function.shared), v8::FieldOffset(layout.string.length)}) {
    CHECK(field.present());
  }
  for (const v8::RootMap& root : v8::kRootMaps) {
    CHECK(layout.root(root.root));
    CHECK(layout.type_number(root.type));
  }
  for (const char* root : {"undefined_value", "empty_string", "constructor_string", "name_string",
                           "to_string_tag_symbol"}) {
    CHECK(layout.root(root));
  }
  CHECK_FALSE(layout.allocation_areas.empty());
}

TEST_CASE("in every built-in layout no size rule is for a type that no version has",
          "[v8][layout]") {
  std::set<std::string> known;
  for (const auto& layout : test::all_layouts()) {
    for (uint16_t n = 0; n < Layout::kTypeCount; ++n) known.insert(layout->type(n).name);
  }
  const Layout& layout = test::each_layout();
  for (const auto& [type, rule] : layout.size_rules) {
    INFO(type);
    CHECK((known.contains(type) || type == "STRING_TABLE" || type == "SIMPLE_NAME_DICTIONARY"));
  }
}

TEST_CASE("no two roots of a layout share an index", "[v8][layout]") {
  const Layout& layout = test::each_layout();
  std::set<uint32_t> indices;
  for (const auto& [name, index] : layout.roots) {
    INFO(name);
    CHECK(indices.insert(index).second);
  }
}

TEST_CASE("a layout is found by its version and by nothing else", "[v8][layout]") {
  const Layout& layout = test::each_layout();
  REQUIRE(LayoutLibrary::find(layout.version));
  CHECK(LayoutLibrary::find(layout.version)->version == layout.version);
  CHECK_FALSE(LayoutLibrary::find(layout.version + ".0"));
  CHECK_FALSE(LayoutLibrary::find(""));
  CHECK_THAT(LayoutLibrary::known_versions(),
             test::contains_text(layout.version + " (Node " + layout.node_line + ")"));
}

TEST_CASE("types get their tag from V8's name for them", "[v8][layout]") {
  const auto [name, number, tag] = GENERATE(table<std::string, int, TypeTag>({
      {"FIXED_ARRAY", 170, TypeTag::kFixedArray},
      {"UNCACHED_EXTERNAL_ONE_BYTE_STRING", 58, TypeTag::kString},
      {"FUNCTION_CONTEXT", 190, TypeTag::kContext},
      {"NATIVE_CONTEXT", 191, TypeTag::kNativeContext},
      {"JS_ARRAY_CONSTRUCTOR", 2079, TypeTag::kJSFunction},
      {"FLOAT32_TYPED_ARRAY_CONSTRUCTOR", 2070, TypeTag::kJSFunction},
      {"JS_API_OBJECT", 1058, TypeTag::kJSObject},
      {"WASM_MODULE_OBJECT", 2158, TypeTag::kJSObject},
      {"WASM_ARRAY", 289, TypeTag::kWasmObject},
      {"WASM_FUNC_REF", 281, TypeTag::kOtherInternal},
      {"JS_PROXY", 291, TypeTag::kJSProxy},
      {"SOMETHING_NEW", 300, TypeTag::kOtherInternal},
      {"SOMETHING_NEW", 2999, TypeTag::kJSObject},
  }));
  CHECK(v8::tag_for_type(name, static_cast<uint16_t>(number)) == tag);
}

TEST_CASE("a type's class is spelled as V8 spells it", "[v8][layout]") {
  CHECK(v8::class_name_for_type("FUNCTION_TEMPLATE_INFO") == "FunctionTemplateInfo");
  CHECK(v8::class_name_for_type("JS_REG_EXP") == "JSRegExp");
  CHECK(v8::class_name_for_type("TUPLE2") == "Tuple2");
  CHECK(v8::class_name_for_type("").empty());
}

}  // namespace
}  // namespace corewalk

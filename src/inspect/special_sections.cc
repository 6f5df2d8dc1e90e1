// What the objects of JavaScript's own classes have beside properties: the state of a promise,
// where a generator stands, what a proxy stands for. Classes that need no more are shown by their
// fields.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "inspect/brief.h"
#include "inspect/date_text.h"
#include "inspect/error_stack.h"
#include "inspect/sections.h"
#include "v8/collections.h"
#include "v8/function_view.h"
#include "v8/source_positions.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TaggedWord;
using v8::TypeTag;

namespace {

constexpr int kMaxReactions = 1000;

Value text_value(std::string text) {
  Value value{.kind = ValueKind::kInternal, .text = text};
  value.primitive = std::move(text);
  return value;
}

/// Collects the members of one section.
class Fields {
 public:
  Fields(const ValueReader& reader, const ObjectView& object, const InspectOptions& options)
      : reader_(reader), object_(object), inner_(options_within(options)) {}

  void add(Member member) { section_.members.push_back(std::move(member)); }
  void add(std::string name, Value value) {
    add({.name = std::move(name), .value = std::move(value)});
  }
  void add_text(std::string name, std::string text) {
    add(std::move(name), text_value(std::move(text)));
  }
  void add_word(std::string name, TaggedWord word) {
    add(std::move(name), reader_.read(word, inner_));
  }
  /// A tagged field, if this version has it.
  void add_field(const char* field, std::string name) {
    if (!object_.has(field)) return;
    const auto word = object_.tagged(field);
    add(std::move(name), word ? reader_.read(*word, inner_) : Value{.text = "<unreadable>"});
  }
  void finish(Value& value) {
    section_.total = section_.members.size();
    if (section_.total != 0) value.sections.push_back(std::move(section_));
  }

 private:
  const ValueReader& reader_;
  const ObjectView& object_;
  InspectOptions inner_;
  Section section_{.kind = SectionKind::kInternal, .title = ""};
};

/// The handlers that wait for a promise; V8 chains the newest first.
void add_reactions(const ObjectView& promise, Fields& fields) {
  auto reaction = promise.object("reactions_or_result");
  for (int i = 0; i < kMaxReactions && reaction && reaction->is("PromiseReaction"); ++i) {
    const auto fulfill = reaction->tagged("fulfill_handler");
    const auto reject = reaction->tagged("reject_handler");
    const auto target = reaction->tagged("promise_or_capability");
    if (fulfill) fields.add_word("on fulfilled", *fulfill);
    if (reject) fields.add_word("on rejected", *reject);
    // Nothing is settled by what `await` made.
    const auto settled =
        target ? ObjectView::at(promise.heap(), *target) : Result<ObjectView>(target.fault());
    if (settled && v8::is_js_receiver(settled->tag())) fields.add_word("then settles", *target);
    reaction = reaction->object("next");
  }
}

void add_promise(const ObjectView& promise, Fields& fields) {
  constexpr std::array kStates = {"pending", "fulfilled", "rejected"};
  const auto status = promise.bits("flags", "status");
  const bool known = status && *status < kStates.size();
  fields.add_text("state", known ? kStates.at(*status) : "unreadable");
  if (known && *status == 0) {
    add_reactions(promise, fields);
  } else {
    fields.add_field("reactions_or_result", "result");
  }
}

/// JSGeneratorObject::continuation (objects/js-generator.tq): below 0 it cannot be resumed, else
/// the number of the yield or await that it stands at.
void add_generator(const ValueReader& reader, const ObjectView& generator, Fields& fields) {
  constexpr int64_t kExecuting = -2;
  constexpr int64_t kClosed = -1;
  const auto continuation = generator.number("continuation");
  const auto function = generator.object("function");
  const auto view =
      function ? v8::FunctionView::of(*function) : Result<v8::FunctionView>(function.fault());
  std::string state = "unreadable";
  std::string place;
  if (continuation && *continuation == kExecuting) state = "running";
  if (continuation && *continuation == kClosed) state = "finished";
  if (continuation && *continuation >= 0) {
    // Async functions run up to their first await at once; generators stop before their first line.
    const bool starts = *continuation == 0 && !generator.is("JSAsyncFunctionObject");
    state = starts ? "suspended at its start" : "suspended";
    const auto offset = generator.number("input_or_debug_pos");
    if (view && offset) place = view->position(reader.sources(), *offset, true).text();
  }
  fields.add_text("state", state);
  if (!place.empty()) fields.add_text("at", place);
  fields.add_field("function", "function");
  fields.add_field("receiver", "this");
  fields.add_field("context", "context");
  fields.add_field("promise", "promise");
  fields.add_field("queue", "queue");
}

void add_regexp(const ValueReader& reader, const ObjectView& regexp, Fields& fields) {
  if (const auto source = regexp_source(reader, regexp)) fields.add_text("source", *source);
  if (const auto flags = regexp_flags(regexp)) fields.add_text("flags", *flags);
}

void add_date(const ObjectView& date, Fields& fields) {
  const auto time = date_time(date);
  fields.add_text("time", time ? iso_time(*time) : "unreadable");
}

/// WeakCells of a FinalizationRegistry, which say what it waits for.
void add_registry(const ObjectView& registry, Fields& fields) {
  constexpr int kMaxCells = 1000;
  fields.add_field("cleanup", "cleanup");
  auto cell = registry.object("active_cells");
  for (int i = 0; i < kMaxCells && cell && cell->is("WeakCell"); ++i) {
    const auto target = cell->tagged("target");
    const auto holdings = cell->tagged("holdings");
    if (target) fields.add_word("registered", *target);
    if (holdings) fields.add_word("held value", *holdings);
    cell = cell->object("next");
  }
}

/// The exports of a module: cells in a hash table, by name.
void add_exports(const ValueReader& reader, const ObjectView& name_space,
                 const InspectOptions& options, Value& value) {
  const auto module = name_space.object("module");
  const auto table = module ? module->object("exports") : Result<ObjectView>(module.fault());
  if (!table) return;
  const v8::CollectionEntries entries =
      v8::CollectionReader(reader.heap()).table_entries(*table, ValueReader::kMaxMembers);
  Section section{.kind = SectionKind::kProperties, .title = "exports", .total = entries.total};
  for (const v8::CollectionEntry& entry : entries.list) {
    Member member{.name = reader.key_text(entry.key)};
    member.value.text = "<unreadable>";
    const auto cell = ObjectView::at(reader.heap(), entry.value.value_or(0));
    if (cell && (cell->has("value") || cell->has("maybe_value"))) {
      const auto word = cell->tagged(cell->has("value") ? "value" : "maybe_value");
      if (word) member.value = reader.read(*word, options_within(options));
    }
    section.members.push_back(std::move(member));
  }
  std::sort(section.members.begin(), section.members.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  value.sections.push_back(std::move(section));
}

/// Classes whose own fields say nothing to users, or are shown otherwise: as text, elements, bytes.
constexpr auto kShownOtherwise = std::to_array<std::string_view>(
    {"HeapObject", "JSReceiver", "JSObject", "JSArray", "JSArrayBuffer", "JSArrayBufferView",
     "JSTypedArray", "JSDataView", "JSDataViewOrRabGsabDataView", "JSRabGsabDataView", "JSFunction",
     "JSCollection", "JSWeakCollection", "JSSpecialObject", "JSAPIObjectWithEmbedderSlots",
     "JSObjectWithEmbedderSlots", "JSGlobalObject", "JSGlobalProxy"});

bool is_shown_otherwise(std::string_view class_name) {
  return std::find(kShownOtherwise.begin(), kShownOtherwise.end(), class_name) !=
         kShownOtherwise.end();
}

void add_class_fields(const ValueReader& reader, const ObjectView& object,
                      const InspectOptions& options, Fields& fields) {
  std::vector<const v8::ObjectClass*> chain;
  for (const auto* c = object.type().object_class; c != nullptr; c = c->base) chain.push_back(c);
  std::reverse(chain.begin(), chain.end());
  for (const v8::ObjectClass* c : chain) {
    if (is_shown_otherwise(c->name)) continue;
    for (const v8::ClassField& field : c->fields) {
      if (field.repeats || field.offset >= object.size_bytes()) continue;
      fields.add(class_field_member(reader, object, field, options));
    }
  }
}

}  // namespace

void add_special_sections(const ValueReader& reader, const ObjectView& object,
                          const InspectOptions& options, Value& value) {
  Fields fields(reader, object, options);
  if (object.is("JSPromise")) {
    add_promise(object, fields);
  } else if (object.is("JSGeneratorObject")) {
    add_generator(reader, object, fields);
  } else if (object.tag() == TypeTag::kJSProxy) {
    fields.add_field("target", "target");
    fields.add_field("handler", "handler");
  } else if (object.tag() == TypeTag::kJSDate) {
    add_date(object, fields);
  } else if (object.tag() == TypeTag::kJSRegExp) {
    add_regexp(reader, object, fields);
  } else if (object.is("JSFinalizationRegistry") || object.is("JSFinalizationGroup")) {
    add_registry(object, fields);
  } else if (!v8::is_callable_function(object.tag())) {
    add_class_fields(reader, object, options, fields);
  }
  fields.finish(value);
  if (object.is("JSModuleNamespace")) add_exports(reader, object, options, value);
  if (object.tag() == TypeTag::kJSError) add_error_sections(reader, object, options, value);
}

}  // namespace corewalk

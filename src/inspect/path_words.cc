#include "inspect/path_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "v8/collections.h"
#include "v8/function_view.h"
#include "v8/scope_info.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::ObjectView;
using v8::TaggedWord;
using v8::TypeTag;

// Contexts (contexts.h, 7.8 to 14.6) begin with these slots.
constexpr uint64_t kScopeInfoSlot = 0;
constexpr uint64_t kPreviousSlot = 1;
constexpr uint64_t kMaxTextUnits = 64;
constexpr uint64_t kMaxFileUnits = 4096;

/// The Map that AsyncLocalStorage keeps its stores in, and by which property a resource has it
/// (lib/internal/async_context_frame.js, Node 24 to 26).
constexpr std::string_view kContextFrame = "AsyncContextFrame";
constexpr std::string_view kContextFrameSymbol = "<symbol kAsyncContextFrame>";

/// What Node's own classes call what they were given (lib/internal/timers.js, lib/events.js, 12 to
/// 26): the class, its property, the words for both.
struct NodeRule {
  std::string_view type;
  std::string_view property;
  std::string_view words;
  std::string_view edge_words;
};
constexpr std::array kNodeRules = {
    NodeRule{"Timeout", "_onTimeout", "timer", "callback"},
    NodeRule{"Timeout", "_timerArgs", "timer", "arguments"},
    NodeRule{"Timeout", "_idleNext", "", ""},
    NodeRule{"Timeout", "_idlePrev", "", ""},
    NodeRule{"TimersList", "_idleNext", "", ""},
    NodeRule{"TimersList", "_idlePrev", "", ""},
    NodeRule{"Immediate", "_onImmediate", "immediate", "callback"},
    NodeRule{"Immediate", "_argv", "immediate", "arguments"},
};

bool is_property(const EdgeLabel& edge, std::string_view name) {
  return edge.kind == EdgeKind::kProperty && edge.name == name;
}
bool is_internal(const EdgeLabel& edge, std::string_view name) {
  return edge.kind == EdgeKind::kInternal && edge.name == name;
}

bool is_collection(TypeTag tag) {
  return tag == TypeTag::kJSMap || tag == TypeTag::kJSSet || tag == TypeTag::kJSWeakMap ||
         tag == TypeTag::kJSWeakSet;
}

std::string property_words(const std::string& name) {
  constexpr std::string_view kSymbol = "<symbol";
  constexpr std::string_view kPrivate = "<symbol #";
  if (name.starts_with(kPrivate))
    return ".#" + name.substr(kPrivate.size(), name.size() - kPrivate.size() - 1);
  if (name.starts_with(kSymbol)) return "[" + name.substr(1, name.size() - 2) + "]";
  if (name.starts_with("get ")) return "getter " + name.substr(4);
  if (name.starts_with("set ")) return "setter " + name.substr(4);
  const bool is_word = !name.empty() && name.find_first_of(" .[]\"'") == std::string::npos;
  return is_word ? "." + name : "[\"" + name + "\"]";
}

class PathNarrator {
 public:
  PathNarrator(const ValueReader& reader, std::span<const PathLink> links,
               const PathWordsOptions& options)
      : reader_(reader), links_(links), options_(options), told_(links.size()) {}

  std::vector<PathWords> run() {
    for (at_ = 0; at_ < links_.size(); ++at_) {
      const auto view = object_of(at_);
      PathWords& told = told_[at_];
      edge_ = link().edge;
      if (view && is_property(edge_, "<symbol>")) edge_.name = symbol_text(*view);
      if (!view) {
        told.words = links_[at_].name;
      } else if (at_ + 1 == links_.size()) {
        told.words = object_words(*view);
      } else {
        tell(*view, told);
      }
    }
    return std::move(told_);
  }

 private:
  [[nodiscard]] const PathLink& link() const { return links_[at_]; }
  [[nodiscard]] const EdgeLabel& edge() const { return edge_; }

  [[nodiscard]] std::optional<ObjectView> object_of(size_t index) const {
    if (index >= links_.size() || !links_[index].object) return {};
    const auto view = ObjectView::load(reader_.heap(), v8::untag(links_[index].object->value()));
    return view ? std::optional(*view) : std::nullopt;
  }
  /// The object before, if it holds the one at hand by that edge of V8's.
  [[nodiscard]] std::optional<ObjectView> owner_by(std::string_view name) const {
    return at_ != 0 && is_internal(links_[at_ - 1].edge, name) ? object_of(at_ - 1) : std::nullopt;
  }

  void tell(const ObjectView& view, PathWords& told) {
    const TypeTag tag = view.tag();
    if (tag == TypeTag::kContext) return tell_context(view, told);
    if (tag == TypeTag::kJSFunction) return tell_function(view, told);
    if (is_collection(tag) && is_internal(edge(), "table")) return tell_collection(told);
    if (tag == TypeTag::kJSGlobalObject || tag == TypeTag::kJSGlobalProxy) {
      told.words = "global";
      told.edge_words = edge_words();
      return;
    }
    if (tag == TypeTag::kJSBoundFunction) return tell_bound_function(view, told);
    if (tell_store(view, told) || tell_promise(view, told) || tell_suspended(view, told) ||
        tell_node_object(view, told)) {
      return;
    }
    if (view.is("Cell") || view.is("PropertyCell") || view.is("ContextCell")) return;
    if (tag == TypeTag::kNativeContext && is_internal(edge(), "global_object")) return;
    told.words = object_words(view);
    told.edge_words = edge_words();
  }

  /// V8 names the edge of a Symbol "<symbol tag>", but up to 8.6 it leaves the description out: it
  /// is that of the property that holds the next object. Private names are Symbols, too.
  [[nodiscard]] std::string symbol_text(const ObjectView& object) const {
    const auto next = object_of(at_ + 1);
    const auto map = v8::MapView::load(reader_.heap(), object.map().map);
    if (!next || !map || !v8::is_js_object(object.tag())) return edge_.name;
    for (const auto& property : reader_.properties().own_data_properties(object.address(), *map)) {
      if (v8::is_smi(property.value) || v8::untag(property.value) != next->address()) continue;
      if (v8::is_smi(property.key) ||
          reader_.heap().tag_of(v8::untag(property.key)) != TypeTag::kSymbol) {
        continue;
      }
      const std::string text = reader_.key_text(property.key);
      return text.starts_with('#') ? text : "<symbol " + text + ">";
    }
    return edge_.name;
  }

  /// The edge as V8's snapshot has it.
  [[nodiscard]] std::string edge_words() const {
    switch (edge().kind) {
      case EdgeKind::kContext:
        return "closure variable " + edge().name;
      case EdgeKind::kElement:
        return options_.merged ? "[*]" : "[" + edge().name + "]";
      case EdgeKind::kProperty:
      case EdgeKind::kShortcut:
        return property_words(edge().name);
      case EdgeKind::kInternal:
        // V8 names an entry of a WeakMap by a sentence, from the key's side and from the table's.
        if (edge().name.find(" in WeakMap") != std::string::npos) return "value in WeakMap";
        return "{" + edge().name + "}";
      case EdgeKind::kHidden:
      case EdgeKind::kWeak:
        return options_.merged ? "{*}" : "{" + edge().name + "}";
    }
    return {};
  }

  /// What an object is called where it is not left out.
  [[nodiscard]] std::string object_words(const ObjectView& view) const {
    if (view.tag() == TypeTag::kJSFunction) return function_words(view);
    if (view.tag() == TypeTag::kString) {
      const auto text = reader_.strings().read(view.address(), kMaxTextUnits);
      if (text) return fmt::format("\"{}{}\"", text->utf8, text->truncated ? "..." : "");
    }
    if (link().name == "Module") {
      const auto file = text_property(view, "filename");
      if (file) return "module " + file_words(*file);
    }
    if (view.is("SourceTextModule")) return "module " + file_words(file_of_module(view));
    return link().name;
  }

  // Functions and what they close over.

  void tell_function(const ObjectView& function, PathWords& told) {
    if (resumes(at_)) return;
    if (is_internal(edge(), "context")) {
      file_ = file_of(function);
      const auto context = object_of(at_ + 1);
      const bool leads_to_variable = context && context->tag() == TypeTag::kContext;
      const bool is_module = leads_to_variable && is_outermost(variable_context());
      if (is_module && !file_.empty()) return;  // told with the context
      told.words = function_words(function);
      if (!leads_to_variable) told.edge_words = edge_words();
      return;
    }
    told.words = function_words(function);
    told.edge_words = edge_words();
  }

  void tell_bound_function(const ObjectView& function, PathWords& told) const {
    constexpr std::string_view kArgument = "bound_argument_";
    const auto target = function.object("bound_target_function");
    told.words = "bound " + (target ? function_words(*target) : "function");
    told.edge_words = edge().name.starts_with(kArgument)
                          ? "argument " + edge().name.substr(kArgument.size())
                          : edge_words();
  }

  /// True if the function at `index` is the one that goes on with a suspended one when what this
  /// waits for is there: its context keeps it (Await, builtins/builtins-async-gen.cc).
  [[nodiscard]] bool resumes(size_t index) const {
    if (index + 2 >= links_.size() || !is_internal(links_[index].edge, "context")) return false;
    const auto suspended = object_of(index + 2);
    return is_internal(links_[index + 1].edge, "extension") && suspended &&
           suspended->is("JSGeneratorObject");
  }

  /// Of the contexts from the next link on, linked by `previous`, the one that holds the variable.
  [[nodiscard]] std::optional<ObjectView> variable_context() const {
    size_t index = at_ + 1;
    while (index + 1 < links_.size() && is_internal(links_[index].edge, "previous")) ++index;
    const auto view = object_of(index);
    return view && view->tag() == TypeTag::kContext ? view : std::nullopt;
  }

  void tell_context(const ObjectView& context, PathWords& told) {
    if (is_internal(edge(), "previous")) return;
    if (edge().kind != EdgeKind::kContext) {
      told.edge_words = edge().name == "extension" ? "" : edge_words();
      return;
    }
    if (is_outermost(context)) {
      if (file_.empty()) file_ = file_of_variables(context);
      if (!file_.empty()) told.words = "module " + file_words(file_);
    }
    told.edge_words = edge_words();
  }

  /// The scope of a file: the native context is around it.
  [[nodiscard]] bool is_outermost(const std::optional<ObjectView>& context) const {
    if (!context) return false;
    const auto previous = context_slot(*context, kPreviousSlot);
    return previous && !v8::is_smi(*previous) &&
           reader_.heap().tag_of(v8::untag(*previous)) == TypeTag::kNativeContext;
  }

  [[nodiscard]] std::optional<TaggedWord> context_slot(const ObjectView& context,
                                                       uint64_t slot) const {
    const uint64_t first = reader_.heap().layout().container.array_elements.offset();
    const auto word = context.word(first + slot * v8::kWordBytes);
    return word ? std::optional(*word) : std::nullopt;
  }

  /// The file of a function in one of the context's variables that closes over that context.
  [[nodiscard]] std::string file_of_variables(const ObjectView& context) const {
    const auto scope_word = context_slot(context, kScopeInfoSlot);
    if (!scope_word || v8::is_smi(*scope_word)) return {};
    const auto scope = v8::ScopeInfoView::load(reader_.heap(), v8::untag(*scope_word));
    if (!scope) return {};
    for (const auto& local : scope->locals()) {
      const auto word = context_slot(context, local.slot);
      const auto value = word ? ObjectView::at(reader_.heap(), *word) : Result<ObjectView>(Fault{});
      if (!value || value->tag() != TypeTag::kJSFunction) continue;
      const auto closed_over = value->object("context");
      if (closed_over && closed_over->address() == context.address()) return file_of(*value);
    }
    return {};
  }

  [[nodiscard]] std::string file_of(const ObjectView& function) const {
    const auto view = v8::FunctionView::of(function);
    const auto script = view ? view->script() : std::nullopt;
    return script ? reader_.sources().file_of(*script) : std::string();
  }

  // A module's function stands in a generator while and after the module runs.
  [[nodiscard]] std::string file_of_module(const ObjectView& module) const {
    if (const auto script = module.object("script")) {
      return reader_.sources().file_of(script->address());
    }
    auto code = module.object("code");
    if (code && code->tag() == TypeTag::kJSGeneratorObject) code = code->object("function");
    return code ? file_of(*code) : std::string();
  }

  [[nodiscard]] std::string file_words(std::string_view file) const {
    constexpr std::string_view kScheme = "file://";
    if (file.starts_with(kScheme)) file.remove_prefix(kScheme.size());
    const std::string& folder = options_.folder;
    const bool is_below = !folder.empty() && file.starts_with(folder) &&
                          file.size() > folder.size() && file[folder.size()] == '/';
    return (is_below ? "." : "") + std::string(file.substr(is_below ? folder.size() : 0));
  }

  [[nodiscard]] std::string function_words(const ObjectView& function) const {
    const auto view = v8::FunctionView::of(function);
    const std::string name = view ? view->name() : "";
    const auto shared = function.object("shared");
    const auto kind = shared ? shared->bits("flags", "function_kind") : std::nullopt;
    const bool is_class = kind && reader_.heap()
                                      .layout()
                                      .enum_name("FunctionKind", static_cast<int64_t>(*kind))
                                      .ends_with("Constructor");
    return fmt::format("{} {}", is_class ? "class" : "function",
                       name.empty() ? "(anonymous)" : name);
  }

  // Collections: the table is part of them.

  void tell_collection(PathWords& told) const {
    told.words = link().name == kContextFrame ? "AsyncLocalStorage" : link().name;
  }

  bool tell_store(const ObjectView& store, PathWords& told) const {
    const auto owner = owner_by("table");
    if (owner && is_collection(owner->tag())) {
      const bool is_frame = links_[at_ - 1].name == kContextFrame;
      told.edge_words = is_frame ? "store" : entry_words(*owner, store);
      return true;
    }
    if (store.tag() == TypeTag::kEphemeronHashTable) {
      told.words = "WeakMap";
      told.edge_words = "value";
      return true;
    }
    return false;
  }

  /// "value of "k17"": by the word of the table that refers to the next object.
  [[nodiscard]] std::string entry_words(const ObjectView& owner, const ObjectView& table) const {
    const bool is_set = owner.tag() == TypeTag::kJSSet || owner.tag() == TypeTag::kJSWeakSet;
    const auto next = object_of(at_ + 1);
    if (!next || options_.merged) return is_set ? "element" : "value";
    const v8::CollectionReader collections(reader_.heap());
    for (uint64_t at = v8::kWordBytes; at + v8::kWordBytes <= table.size_bytes();
         at += v8::kWordBytes) {
      const auto word = table.word(at);
      if (!word || v8::is_smi(*word) || v8::untag(*word) != next->address()) continue;
      const auto entry = collections.entry_word(owner, table, at);
      if (!entry) continue;
      if (entry->is_key) return is_set ? "element" : "key";
      return "value of " + key_words(entry->key);
    }
    return is_set ? "element" : "value";
  }

  [[nodiscard]] std::string key_words(TaggedWord key) const {
    if (v8::is_smi(key)) return std::to_string(v8::smi_value(key));
    const Value value = reader_.brief(key, {.string_length = kMaxTextUnits});
    const auto* text = std::get_if<std::string>(&value.primitive);
    if (value.kind == ValueKind::kString && text != nullptr) {
      return fmt::format("\"{}{}\"", *text, value.cut ? "..." : "");
    }
    return value.text;
  }

  // What waits.

  bool tell_promise(const ObjectView& view, PathWords& told) const {
    if (is_internal(edge(), "reactions_or_result")) {
      const auto next = object_of(at_ + 1);
      told.words = link().name;
      told.edge_words = next && next->is("PromiseReaction") ? "reaction" : "result";
      return true;
    }
    if (!view.is("PromiseReaction")) return false;
    told.edge_words = reaction_words(view);
    return true;
  }

  /// By the field that refers to the next object; reactions of one promise are a list.
  [[nodiscard]] std::string reaction_words(const ObjectView& reaction) const {
    if (resumes(at_ + 1)) return "";
    const auto next = object_of(at_ + 1);
    const auto refers = [&](const char* field) {
      const auto word = reaction.tagged(field);
      return next && word && !v8::is_smi(*word) && v8::untag(*word) == next->address();
    };
    if (refers("fulfill_handler") || refers("reject_handler")) return "handler";
    if (refers("promise_or_capability")) return "its promise";
    return "";
  }

  bool tell_suspended(const ObjectView& view, PathWords& told) const {
    if (view.is("JSGeneratorObject")) {
      const auto function = view.object("function");
      const auto named =
          function ? v8::FunctionView::of(*function) : Result<v8::FunctionView>(Fault{});
      told.words = "suspended function " + (named ? named->name() : std::string());
      if (is_internal(edge(), "receiver")) told.edge_words = "this";
      const bool is_told_by_next = is_internal(edge(), "parameters_and_registers") ||
                                   is_internal(edge(), "context") || edge().name == "receiver";
      if (!is_told_by_next) told.edge_words = edge_words();
      return true;
    }
    if (!owner_by("parameters_and_registers")) return false;
    told.edge_words = "local variable";
    return true;
  }

  // Node.js on top of V8.

  bool tell_node_object(const ObjectView& view, PathWords& told) const {
    if (edge().kind == EdgeKind::kProperty) {
      for (const NodeRule& rule : kNodeRules) {
        if (link().name != rule.type || edge().name != rule.property) continue;
        told.words = rule.words;
        told.edge_words = rule.edge_words;
        return true;
      }
      // Up to Node 22 a resource keeps the store under a Symbol of that name
      // (lib/async_hooks.js).
      if (edge().name == "<symbol kResourceStore>") {
        told.words = object_words(view);
        told.edge_words = "AsyncLocalStorage store";
        return true;
      }
      // What these hold is told with the next link.
      if (is_property(edge(), "_events") || is_property(edge(), kContextFrameSymbol)) {
        told.words = object_words(view);
        return true;
      }
    }
    return tell_listeners(told);
  }

  /// `_events` of an EventEmitter holds a function, or an Array of them, by event.
  bool tell_listeners(PathWords& told) const {
    const auto holds_events = [&](size_t index) {
      return is_property(links_[index].edge, "_events");
    };
    if (at_ != 0 && holds_events(at_ - 1) && edge().kind == EdgeKind::kProperty) {
      told.edge_words = fmt::format("listener of '{}'", edge().name);
      return true;
    }
    return at_ > 1 && holds_events(at_ - 2) && edge().kind == EdgeKind::kElement &&
           links_[at_].name == "Array";
  }

  [[nodiscard]] std::optional<std::string> text_property(const ObjectView& object,
                                                         std::string_view name) const {
    const auto map = v8::MapView::load(reader_.heap(), object.map().map);
    if (!map) return {};
    for (const auto& property : reader_.properties().own_data_properties(object.address(), *map)) {
      if (reader_.strings().read_word(property.key, name.size() + 1) != name) continue;
      return reader_.strings().read_word(property.value, kMaxFileUnits);
    }
    return {};
  }

  const ValueReader& reader_;
  std::span<const PathLink> links_;
  const PathWordsOptions& options_;
  std::vector<PathWords> told_;
  size_t at_ = 0;
  EdgeLabel edge_;    ///< of the link at hand
  std::string file_;  ///< of the last function whose context the path goes through
};

}  // namespace

std::vector<PathWords> path_words(const ValueReader& reader, std::span<const PathLink> links,
                                  const PathWordsOptions& options) {
  return PathNarrator(reader, links, options).run();
}

}  // namespace corewalk

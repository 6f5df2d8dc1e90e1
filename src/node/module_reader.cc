#include "node/module_reader.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "node/object_reader.h"
#include "node/package_versions.h"
#include "v8/elements.h"
#include "v8/function_view.h"
#include "v8/object_view.h"
#include "v8/source_locator.h"

namespace corewalk {
namespace {

using v8::ObjectView;

constexpr std::string_view kModulesFolder = "node_modules/";

/// The part of a path up to and with its last package's folder; "" if there is none.
std::string_view package_folder(std::string_view path) {
  const size_t at = path.rfind(kModulesFolder);
  if (at == std::string_view::npos || (at != 0 && path[at - 1] != '/')) return {};
  const size_t name = at + kModulesFolder.size();
  size_t end = path.find('/', name);
  if (end != std::string_view::npos && path.substr(name).starts_with('@')) {
    end = path.find('/', end + 1);
  }
  return end == std::string_view::npos || end == name ? std::string_view() : path.substr(0, end);
}

/// "/srv/app.mjs" of "file:///srv/app.mjs"; other URLs as they are.
std::string path_of_url(const std::string& url) {
  constexpr std::string_view kScheme = "file://";
  return url.starts_with(kScheme) ? url.substr(kScheme.size()) : url;
}

class ModuleReader {
 public:
  explicit ModuleReader(const v8::Heap& heap) : heap_(heap), elements_(heap), sources_(heap) {}

  void read_common_js(Address module) {
    const ObjectReader reader(heap_, module);
    auto file = reader.text("filename");
    const auto loaded = reader.boolean("loaded");
    if (!file || !loaded) return;  // another class of that name
    LoadedModule found = begin(module, ModuleKind::kCommonJs);
    found.file = std::move(*file);
    found.cached = is_cached(module, found.file);
    found.status = *loaded ? "loaded" : "loading";
    found.exports = reader.value("exports");
    if (const auto children = reader.object("children")) {
      const auto view = ObjectView::load(heap_, *children);
      if (view) found.children = elements_.array_length(*view).value_or(0);
    }
    const auto exports = found.exports ? object_of(heap_, *found.exports) : std::nullopt;
    if (exports) versions_.add_module(heap_, found.file, *exports);
    modules_.push_back(std::move(found));
  }

  // Up to Node 16 a ModuleWrap does not lead to its SourceTextModule, but both know the URL.
  void read_text_module(Address module) {
    const auto view = ObjectView::load(heap_, module);
    const auto script = view ? script_of(*view) : std::nullopt;
    if (script) by_script_.emplace(sources_.file_of(*script), module);
  }

  void read_module_wrap(Address wrap) {
    const auto url = ObjectReader(heap_, wrap).text("url");
    if (!url || url->starts_with("node:")) return;
    LoadedModule found = begin(wrap, ModuleKind::kEsm);
    found.file = *url;
    if (const auto module = v8_module(wrap, *url)) {
      const auto status = module->number("status");
      if (status) found.status = heap_.layout().enum_name("ModuleStatus", *status);
      found.exports = namespace_of(*module);
    }
    modules_.push_back(std::move(found));
  }

  void read_caches(std::span<const Address> maps) { versions_.add_caches(heap_, maps); }

  [[nodiscard]] std::vector<LoadedModule> take() {
    for (LoadedModule& module : modules_) {
      const std::string path = path_of_url(module.file);
      module.package = package_of(path);
      module.package_version = versions_.version_of(std::string(package_folder(path)));
    }
    std::sort(modules_.begin(), modules_.end(), [](const LoadedModule& a, const LoadedModule& b) {
      return std::tie(a.isolate, a.file, a.object) < std::tie(b.isolate, b.file, b.object);
    });
    return std::move(modules_);
  }

 private:
  [[nodiscard]] LoadedModule begin(Address object, ModuleKind kind) const {
    const v8::HeapPage* page = heap_.page_of(object);
    LoadedModule module{.kind = kind, .object = Address(v8::tag(object))};
    if (page != nullptr) module.isolate = page->isolate;
    return module;
  }

  /// Of a SourceTextModule: its own field (to V8 9.0), or that of its function, which stands in a
  /// generator while and after the module runs.
  [[nodiscard]] static std::optional<Address> script_of(const ObjectView& module) {
    if (const auto script = module.object("script")) return script->address();
    auto code = module.object("code");
    if (code && code->tag() == v8::TypeTag::kJSGeneratorObject) code = code->object("function");
    if (!code) return {};
    const auto function = v8::FunctionView::of(*code);
    return function ? function->script() : std::nullopt;
  }

  /// The function that made an object: at the end of its map's chain of back pointers.
  [[nodiscard]] std::optional<Address> constructor_of(Address object) const {
    constexpr int kMaxMaps = 1024;
    auto map = v8::MapView::of_object(heap_, object);
    for (int i = 0; i < kMaxMaps && map && !v8::is_smi(map->constructor_or_back_pointer); ++i) {
      const Address target = v8::untag(map->constructor_or_back_pointer);
      const v8::TypeTag tag = heap_.tag_of(target);
      if (tag == v8::TypeTag::kJSFunction) return target;
      if (tag != v8::TypeTag::kMap) break;
      map = v8::MapView::load(heap_, target);
    }
    return {};
  }

  /// Module._cache, the object behind require.cache, by file name.
  [[nodiscard]] const std::map<std::string, Address>& cache_of(Address constructor) {
    const auto [place, is_new] = caches_.try_emplace(constructor);
    const auto cache = is_new ? ObjectReader(heap_, constructor).object("_cache") : std::nullopt;
    if (!cache) return place->second;
    for (const auto& [name, value] : ObjectReader(heap_, *cache).named()) {
      if (!v8::is_smi(value)) place->second.emplace(name, v8::untag(value));
    }
    return place->second;
  }

  [[nodiscard]] bool is_cached(Address module, const std::string& file) {
    const auto constructor = constructor_of(module);
    if (!constructor) return false;
    const auto& cache = cache_of(*constructor);
    const auto found = cache.find(file);
    return found != cache.end() && found->second == module;
  }

  /// V8's module behind a ModuleWrap: one of its internal fields, or the one with the same script.
  [[nodiscard]] std::optional<ObjectView> v8_module(Address wrap, const std::string& url) const {
    const auto view = ObjectView::load(heap_, wrap);
    for (uint64_t at = v8::kWordBytes; view && at < view->size_bytes(); at += v8::kWordBytes) {
      const auto word = view->word(at);
      if (!word || !v8::is_strong(*word)) continue;
      const auto found = ObjectView::at(heap_, *word);
      if (found && found->is("Module")) return *found;
    }
    const auto by_script = by_script_.find(url);
    if (by_script == by_script_.end()) return {};
    const auto found = ObjectView::load(heap_, by_script->second);
    return found ? std::optional(*found) : std::nullopt;
  }

  /// In V8 14.6 a weak cell stands before it.
  [[nodiscard]] std::optional<v8::TaggedWord> namespace_of(const ObjectView& module) const {
    const auto word = module.tagged("module_namespace");
    if (!word || v8::is_smi(*word)) return {};
    if (object_of(heap_, *word)) return *word;
    const auto cell = ObjectView::at(heap_, *word);
    const auto inner = cell ? cell->tagged("maybe_value") : Result<v8::TaggedWord>(Fault{});
    if (!inner || !object_of(heap_, *inner)) return {};
    return v8::tag(v8::untag(*inner));
  }

  const v8::Heap& heap_;
  v8::ElementReader elements_;
  v8::SourceLocator sources_;
  std::map<Address, std::map<std::string, Address>> caches_;
  std::map<std::string, Address> by_script_;
  PackageVersions versions_;
  std::vector<LoadedModule> modules_;
};

}  // namespace

std::string package_of(std::string_view path) {
  const std::string_view folder = package_folder(path);
  if (folder.empty()) return {};
  return std::string(folder.substr(folder.rfind(kModulesFolder) + kModulesFolder.size()));
}

std::vector<LoadedModule> read_modules(const v8::Heap& heap, const ModuleObjects& objects) {
  ModuleReader reader(heap);
  reader.read_caches(objects.maps);
  for (const Address module : objects.modules) reader.read_common_js(module);
  for (const Address module : objects.text_modules) reader.read_text_module(module);
  for (const Address wrap : objects.module_wraps) reader.read_module_wrap(wrap);
  return reader.take();
}

}  // namespace corewalk

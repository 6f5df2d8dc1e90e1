#include "node/package_versions.h"

#include <nlohmann/json.hpp>

#include "node/object_reader.h"
#include "v8/collections.h"

namespace corewalk {
namespace {

constexpr std::string_view kFile = "/package.json";
constexpr uint64_t kMaxEntries = 100'000;
constexpr uint64_t kMaxPathUnits = 4096;
constexpr uint64_t kMaxTextUnits = 1 << 20;

/// The member "version" of a package.json; "" if the text is not one or was cut.
std::string version_in(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return {};
  const auto found = json.find("version");
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_package_file(const v8::StringReader& strings, v8::TaggedWord key) {
  const auto text = strings.read_word(key, kMaxPathUnits);
  return text && text->ends_with(kFile);
}

std::string folder_of(std::string_view file) {
  return std::string(file.substr(0, file.size() - kFile.size()));
}

}  // namespace

void PackageVersions::add_caches(const v8::Heap& heap, std::span<const Address> maps) {
  const v8::StringReader strings(heap);
  const v8::CollectionReader collections(heap);
  for (const Address map : maps) {
    const auto view = v8::ObjectView::load(heap, map);
    const auto first = view ? collections.entries(*view, 1) : std::nullopt;
    if (!first || first->list.empty() || !is_package_file(strings, first->list[0].key)) continue;
    const auto entries = collections.entries(*view, kMaxEntries);
    if (!entries) continue;
    for (const v8::CollectionEntry& entry : entries->list) {
      const auto key = strings.read_word(entry.key, kMaxPathUnits);
      if (!key || !key->ends_with(kFile)) continue;
      const auto value = entry.value ? object_of(heap, *entry.value) : std::nullopt;
      const auto word = value ? ObjectReader(heap, *value).value("string") : std::nullopt;
      const auto text = word ? strings.read_word(*word, kMaxTextUnits) : std::nullopt;
      if (!text) continue;
      if (std::string version = version_in(*text); !version.empty()) {
        versions_[folder_of(*key)] = std::move(version);
      }
    }
  }
}

void PackageVersions::add_module(const v8::Heap& heap, std::string_view file, Address exports) {
  if (!file.ends_with(kFile)) return;
  if (auto version = ObjectReader(heap, exports).text("version")) {
    versions_[folder_of(file)] = std::move(*version);
  }
}

std::string PackageVersions::version_of(const std::string& folder) const {
  const auto found = versions_.find(folder);
  return found == versions_.end() ? std::string() : found->second;
}

}  // namespace corewalk

#include "v8/heap.h"

#include "v8/page_discovery.h"

namespace corewalk::v8 {

std::unique_ptr<Heap> Heap::find(const AddressSpace& memory, const Layout& layout,
                                 Progress& progress) {
  return PageDiscovery(memory, layout, progress).run();
}

Result<Address> Heap::follow(Address object, uint64_t offset, const char* reading) const {
  const auto word = read<TaggedWord>(object, offset, reading);
  if (!word) return word.fault();
  if (is_smi(*word)) return Fault{FaultKind::kWrongType, object + offset, reading};
  const Address target = untag(*word);
  if (page_of(target) == nullptr) return Fault{FaultKind::kBadValue, object + offset, reading};
  return target;
}

Address Heap::moved_to(Address object) const {
  const Address copy = forwarding_address(object);
  if (copy == object) return object;
  const auto map = map_of(copy);
  return map && is_map(forwarding_address(*map)) ? copy : object;
}

Address Heap::forwarding_address(Address object) const {
  const auto word = read<TaggedWord>(object, 0, "map of an object");
  if (!word || !is_smi(*word)) return object;
  const Address target(*word);
  return target.is_aligned(kWordBytes) && page_of(target) != nullptr ? target : object;
}

bool Heap::is_map(Address map) const {
  const auto meta = map_of(map);
  if (!meta) return false;
  const auto meta_of_meta = map_of(*meta);
  if (!meta_of_meta) return false;
  const auto type = read<uint16_t>(*meta, layout_.map.instance_type, "instance type of a meta map");
  return type && layout_.type(*type).tag == TypeTag::kMap;
}

Result<uint16_t> Heap::instance_type(Address object) const {
  const auto map = map_of(object);
  if (!map) return map.fault();
  if (!is_map(*map)) return Fault{FaultKind::kBadValue, object, "map of an object"};
  return read<uint16_t>(*map, layout_.map.instance_type, "instance type");
}

TypeTag Heap::tag_of(Address object) const {
  const auto type = instance_type(object);
  return type ? layout_.type(*type).tag : TypeTag::kUnknown;
}

std::optional<TaggedWord> Heap::root(const Isolate& isolate, std::string_view name) const {
  const auto index = layout_.root(name);
  if (!index) return {};
  const auto word = memory_.read<TaggedWord>(isolate.roots + *index * kWordBytes, "root");
  return word ? std::optional(*word) : std::nullopt;
}

std::optional<TaggedWord> Heap::root(std::string_view name) const {
  return isolates_.empty() ? std::nullopt : root(isolates_.front(), name);
}

std::string Heap::space_name(const HeapPage& page) const {
  if (page.read_only) return "read_only_space";
  const auto name = layout_.space_names.find(page.space);
  return name == layout_.space_names.end() ? "unknown_space" : name->second;
}

}  // namespace corewalk::v8

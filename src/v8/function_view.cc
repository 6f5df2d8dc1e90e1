#include "v8/function_view.h"

#include "v8/constructor_name.h"
#include "v8/scope_info.h"
#include "v8/source_positions.h"
#include "v8/tagged.h"

namespace corewalk::v8 {

Result<FunctionView> FunctionView::of(const ObjectView& object) {
  if (object.is("SharedFunctionInfo")) return FunctionView(object);
  const auto shared = object.object("shared");
  if (!shared) return shared.fault();
  if (!shared->is("SharedFunctionInfo")) {
    return Fault{FaultKind::kWrongType, shared->address(), "shared function info"};
  }
  return FunctionView(*shared);
}

std::string FunctionView::name() const {
  return ConstructorNamer(shared_.heap()).function_name(shared_.address());
}

// Shared with the debugger, a DebugInfo stands before the script in some versions.
std::optional<Address> FunctionView::script() const {
  auto object = shared_.object(shared_.has("script") ? "script" : "script_or_debug_info");
  if (object && object->tag() != TypeTag::kScript) object = object->object("script");
  if (!object || object->tag() != TypeTag::kScript) return {};
  return object->address();
}

std::optional<FunctionView::Extent> FunctionView::extent() const {
  const auto scope = shared_.tagged("name_or_scope_info");
  if (scope && !is_smi(*scope)) {
    const auto info = ScopeInfoView::load(shared_.heap(), untag(*scope));
    const auto extent = info ? info->extent() : std::nullopt;
    if (extent) return Extent{extent->begin, extent->end};
  }
  const auto data = function_data_of(shared_);  // not compiled yet
  if (!data || !data->is("UncompiledData")) return {};
  const auto begin = data->number("start_position");
  const auto end = data->number("end_position");
  if (!begin || !end || *begin < 0 || *end < *begin) return {};
  return Extent{static_cast<uint32_t>(*begin), static_cast<uint32_t>(*end)};
}

SourceLocation FunctionView::definition(SourceLocator& sources) const {
  const auto in = script();
  if (!in) return {};
  const auto where = extent();
  return where ? sources.locate(*in, where->begin) : SourceLocation{.file = sources.file_of(*in)};
}

SourceLocation FunctionView::position(SourceLocator& sources, int64_t offset,
                                      bool from_tagged_start) const {
  const auto bytecode = bytecode_of(shared_);
  return bytecode ? position_in(sources, *bytecode, offset, from_tagged_start) : SourceLocation{};
}

SourceLocation FunctionView::position_in(SourceLocator& sources, const ObjectView& bytecode,
                                         int64_t offset, bool from_tagged_start) const {
  const auto in = script();
  const auto where = source_position(bytecode, offset, from_tagged_start);
  return in && where ? sources.locate(*in, *where) : SourceLocation{};
}

}  // namespace corewalk::v8

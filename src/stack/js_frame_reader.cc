#include "stack/js_frame_reader.h"

#include <algorithm>

#include "stack/frame_walker.h"
#include "v8/byte_array.h"
#include "v8/source_positions.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::kWordBytes;
using v8::ObjectView;

constexpr uint64_t kMaxArguments = 65535;  // Code::kMaxArguments
constexpr uint64_t kMaxRegisters = 65536;  // of a BytecodeArray; V8 gives up on longer functions

FrameKind kind_of(std::string_view type) {
  if (is_entry(type)) return FrameKind::kEntry;
  if (type.find("Wasm") != std::string_view::npos) return FrameKind::kWasm;
  if (is_exit(type)) return FrameKind::kExit;
  if (type == "Construct" || type == "FastConstruct") return FrameKind::kConstruct;
  if (type == "ArgumentsAdaptor") return FrameKind::kAdaptor;
  if (type == "Irregexp") return FrameKind::kRegExp;
  if (type == "Internal") return FrameKind::kInternal;
  if (type.find("Stub") != std::string_view::npos) return FrameKind::kStub;
  if (type.find("Builtin") != std::string_view::npos) return FrameKind::kBuiltin;
  return FrameKind::kOther;
}

/// Arguments that the caller of a function passed, where the frame itself does not say: 7.8 to 8.6.
/// Absent for builtins that take any number.
std::optional<uint64_t> declared_arguments(const ObjectView& shared, const ObjectView* bytecode) {
  if (bytecode != nullptr) {
    const auto bytes = bytecode->number("parameter_size");  // with the receiver
    if (bytes) return static_cast<uint64_t>(std::max<int64_t>(*bytes, kWordBytes)) / kWordBytes - 1;
  }
  constexpr int64_t kNoAdaptor = 0xFFFF;
  const auto count = shared.number("formal_parameter_count");
  if (!count || *count < 0 || *count == kNoAdaptor) return {};
  return static_cast<uint64_t>(*count);
}

}  // namespace

JsFrameReader::JsFrameReader(const v8::Heap& heap, const SymbolSource& symbols)
    : heap_(heap),
      symbols_(heap, symbols),
      sources_(heap),
      namer_(heap),
      bytecode_sizes_(BytecodeSizes::read(symbols, heap.memory())) {}

Result<v8::TaggedWord> JsFrameReader::slot(Address fp, uint64_t distance) const {
  return heap_.memory().read<v8::TaggedWord>(fp - distance, "slot of a frame");
}

std::optional<ObjectView> JsFrameReader::object_in(Address fp, uint64_t distance) const {
  const auto word = slot(fp, distance);
  if (!word || v8::is_smi(*word)) return {};
  const auto object = ObjectView::at(heap_, *word);
  return object ? std::optional(*object) : std::nullopt;
}

std::vector<StackFrame> JsFrameReader::read(std::span<const RawFrame> raw, size_t index) {
  const RawFrame& from = raw[index];
  StackFrame frame{.kind = kind_of(from.type), .type = from.type, .fp = from.fp, .pc = from.pc};
  if (from.pc) frame.code = symbols_.name_at_return(*from.pc).value_or("");
  if (!from.type.empty()) return {frame};

  frame.context = from.marker;
  const auto function = object_in(from.fp, heap_.layout().frame.function);
  const auto shared = function
                          ? function->object("shared")
                          : Result<ObjectView>(Fault{FaultKind::kBadValue, from.fp, "function"});
  if (!shared || !shared->is("SharedFunctionInfo")) return {frame};
  read_function(*shared, v8::tag(function->address()), frame);

  const auto bytecode = object_in(from.fp, heap_.layout().frame.bytecode_array);
  const bool has_bytecode = bytecode && bytecode->is("BytecodeArray");
  read_arguments(raw, index, declared_arguments(*shared, has_bytecode ? &*bytecode : nullptr),
                 frame);
  const auto code = from.pc ? find_code(heap_, *from.pc) : std::nullopt;
  // Code that took over in the middle of a loop leaves the interpreter's slots as they are.
  if (code && is_optimized(*code)) return read_optimized(*code, std::move(frame));
  if (has_bytecode) {
    read_bytecode(*bytecode, code, frame);
    read_registers(*bytecode, index > 0 ? raw[index - 1].fp : Address(), frame);
  } else {
    frame.kind = FrameKind::kBuiltin;
  }
  return {frame};
}

void JsFrameReader::read_function(const ObjectView& shared, std::optional<v8::TaggedWord> closure,
                                  StackFrame& frame) {
  const auto function = v8::FunctionView::of(shared);
  if (!function) return;
  frame.shared = v8::tag(shared.address());
  frame.function = closure;
  const auto given = closure ? namer_.name_property(v8::untag(*closure)) : std::nullopt;
  frame.name = given ? *given : function->name();
  frame.definition = function->definition(sources_);
}

void JsFrameReader::read_arguments(std::span<const RawFrame> raw, size_t index,
                                   std::optional<uint64_t> declared, StackFrame& frame) const {
  const v8::FrameSlots& slots = heap_.layout().frame;
  Address fp = raw[index].fp;
  const bool adapted = index + 1 < raw.size() && raw[index + 1].type == "ArgumentsAdaptor";
  uint64_t count = 0;
  if (slots.argument_count != 0) {
    const auto stated = slot(fp, slots.argument_count);
    if (!stated || *stated < slots.counted_receiver) return;
    count = *stated - slots.counted_receiver;
  } else if (adapted) {  // it keeps what the caller passed
    constexpr uint64_t kAdaptorCount = 24;
    fp = raw[index + 1].fp;
    const auto stated = slot(fp, kAdaptorCount);
    if (!stated || !v8::is_smi(*stated) || v8::smi_value(*stated) < 0) return;
    count = static_cast<uint64_t>(v8::smi_value(*stated));
  } else if (declared) {
    count = *declared;
  } else {
    return;
  }
  const Address first = fp + 2 * kWordBytes;
  const auto next = std::find_if(raw.begin() + static_cast<ptrdiff_t>(index), raw.end(),
                                 [&](const RawFrame& f) { return f.fp > fp; });
  const bool fits =
      count <= kMaxArguments && next != raw.end() && first + (count + 1) * kWordBytes <= next->fp;
  if (!fits) return;
  for (uint64_t i = 0; i <= count; ++i) {  // the receiver counts as the one before the first
    const uint64_t at = slots.argument_count != 0 ? i : count - i;
    const auto word = heap_.memory().read<v8::TaggedWord>(first + at * kWordBytes, "argument");
    if (!word) return;
    if (i == 0) {
      frame.receiver = *word;
    } else {
      frame.arguments.push_back(*word);
    }
  }
}

void JsFrameReader::read_bytecode(const ObjectView& bytecode, const std::optional<CodeAt>& code,
                                  StackFrame& frame) {
  const uint64_t bias =
      bytecode.type().size.header - 1;  // the offset counts from the tagged pointer
  std::optional<uint64_t> offset;
  if (code && code->kind == "BASELINE") {
    frame.kind = FrameKind::kBaseline;
    frame.type = "Baseline";
    offset = baseline_offset(bytecode, *code, *frame.pc);
  } else {
    frame.kind = FrameKind::kInterpreted;
    frame.type = "Interpreted";
    const auto stated = slot(frame.fp, heap_.layout().frame.bytecode_offset);
    const bool valid = stated && v8::is_smi(*stated) && v8::smi_value(*stated) >= 0 &&
                       static_cast<uint64_t>(v8::smi_value(*stated)) >= bias;
    if (valid) offset = static_cast<uint64_t>(v8::smi_value(*stated)) - bias;
  }
  if (offset) locate(bytecode, *offset, frame);
}

void JsFrameReader::read_registers(const ObjectView& bytecode, Address end,
                                   StackFrame& frame) const {
  const auto bytes = bytecode.number("frame_size");
  if (!bytes || *bytes < 0) return;
  const uint64_t count = std::min(static_cast<uint64_t>(*bytes) / kWordBytes, kMaxRegisters);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t distance = heap_.layout().frame.registers + i * kWordBytes;
    const auto word = slot(frame.fp, distance);
    if (!word || frame.fp - distance <= end) return;
    frame.registers.push_back(*word);
  }
}

std::optional<uint64_t> JsFrameReader::baseline_offset(const ObjectView& bytecode,
                                                       const CodeAt& code, Address pc) const {
  const auto table = code.code.object("position_table");
  const auto lengths = table ? v8::bytes_of(*table) : std::nullopt;
  const auto size = bytecode.number("length");
  if (!lengths || !size || *size < 0) return {};
  const ByteView bytecodes =
      bytecode.bytes().slice(bytecode.type().size.header, static_cast<uint64_t>(*size));
  return bytecode_of_baseline(bytecode_sizes_, bytecodes.bytes(), *lengths, pc - code.start);
}

std::vector<StackFrame> JsFrameReader::read_optimized(const CodeAt& code, StackFrame frame) {
  frame.kind = FrameKind::kOptimized;
  frame.type = code.kind;
  const auto calls = read_optimized_calls(heap_, code, frame.fp, *frame.pc);
  if (calls.empty() || frame.shared != v8::tag(calls.back().shared.address())) return {frame};
  std::vector<StackFrame> frames;
  for (const OptimizedCall& call : calls) {
    const bool outermost = &call == &calls.back();
    frames.push_back(outermost ? frame : inlined_frame(call, frame));
    const auto bytecode = v8::bytecode_of(call.shared);
    if (bytecode && !call.is_builtin) locate(*bytecode, call.bytecode_offset, frames.back());
  }
  return frames;
}

StackFrame JsFrameReader::inlined_frame(const OptimizedCall& call, const StackFrame& outer) {
  StackFrame frame{.kind = call.is_builtin ? FrameKind::kBuiltin : FrameKind::kOptimized,
                   .type = outer.type,
                   .fp = outer.fp,
                   .pc = outer.pc,
                   .code = outer.code,
                   .inlined = true};
  frame.receiver = call.receiver;
  frame.arguments = call.arguments;
  const bool has_function = call.function && !v8::is_smi(*call.function);
  const auto function =
      has_function ? ObjectView::at(heap_, *call.function) : Result<ObjectView>(Fault{});
  const auto shared = function ? function->object("shared") : function.fault();
  const bool fits = shared && shared->address() == call.shared.address();
  read_function(call.shared, fits ? call.function : std::nullopt, frame);
  return frame;
}

void JsFrameReader::locate(const ObjectView& bytecode, uint64_t offset, StackFrame& frame) {
  const auto position = v8::source_position(bytecode, static_cast<int64_t>(offset), false);
  const auto function =
      frame.shared ? ObjectView::at(heap_, *frame.shared) : Result<ObjectView>(Fault{});
  const auto view = function ? v8::FunctionView::of(*function) : function.fault();
  const auto script = view ? view->script() : std::nullopt;
  if (position && script) frame.position = sources_.locate(*script, *position);
}

}  // namespace corewalk

#include "stack/optimized_calls.h"

#include <algorithm>
#include <utility>

#include "stack/frame_translation.h"
#include "stack/safepoint_table.h"
#include "v8/byte_array.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::kWordBytes;
using v8::ObjectView;
using v8::TaggedWord;

/// The safepoint table is the first of the code's metadata, behind the instructions. Up to 8.6 it
/// is among them.
std::optional<ByteView> safepoint_table(const v8::Heap& heap, const CodeAt& code) {
  const bool inside = code.code.has("safepoint_table_offset");
  const auto offset =
      inside ? code.code.number("safepoint_table_offset") : Result<int64_t>(int64_t{0});
  const auto size =
      inside ? code.code.number("handler_table_offset") : code.code.number("metadata_size");
  if (!offset || !size || *offset < 0 || *size < *offset) return {};
  const Address start = code.start + (inside ? 0 : code.size_bytes);
  const auto bytes = heap.memory().view(
      {start + static_cast<uint64_t>(*offset), static_cast<uint64_t>(*size - *offset)});
  return bytes ? std::optional(*bytes) : std::nullopt;
}

/// DeoptimizationData: an array whose first element holds the translations.
class DeoptimizationData {
 public:
  static std::optional<DeoptimizationData> of(const CodeAt& code) {
    for (const char* field : {"deoptimization_data", "deoptimization_data_or_interpreter_data"}) {
      if (!code.code.has(field)) continue;
      const auto data = code.code.object(field);
      if (data) return DeoptimizationData(*data);
    }
    return {};
  }

  [[nodiscard]] std::vector<TranslatedFrame> frames(uint32_t index) const {
    constexpr uint64_t kEntryElements = 3;  // bytecode offset, translation, pc
    constexpr uint64_t kTranslation = 1;
    const auto translations = element_object(data_, 0);
    const auto bytes = translations ? v8::bytes_of(*translations) : std::nullopt;
    const auto start =
        element(data_, layout().numbers.deopt_first_entry + index * kEntryElements + kTranslation);
    if (!bytes || !start || !v8::is_smi(*start) || v8::smi_value(*start) < 0) return {};
    return read_translation(layout(), *bytes, static_cast<uint64_t>(v8::smi_value(*start)));
  }

  [[nodiscard]] std::optional<TaggedWord> literal(uint64_t number) const {
    const auto literals = element_object(data_, layout().numbers.deopt_literals);
    return literals ? element(*literals, number) : std::nullopt;
  }

 private:
  explicit DeoptimizationData(const ObjectView& data) : data_(data) {}

  [[nodiscard]] const v8::Layout& layout() const { return data_.heap().layout(); }

  [[nodiscard]] std::optional<TaggedWord> element(const ObjectView& array, uint64_t number) const {
    if (number > array.size_bytes() / kWordBytes) return {};
    const auto word = array.word(layout().container.array_elements.offset() + number * kWordBytes);
    return word ? std::optional(*word) : std::nullopt;
  }

  [[nodiscard]] std::optional<ObjectView> element_object(const ObjectView& array,
                                                         uint64_t number) const {
    const auto word = element(array, number);
    if (!word || v8::is_smi(*word)) return {};
    const auto object = ObjectView::at(data_.heap(), *word);
    return object ? std::optional(*object) : std::nullopt;
  }

  ObjectView data_;
};

/// Slots count from that of the return address downwards (FrameDescription::StackSlotOffset).
std::optional<TaggedWord> value(const v8::Heap& heap, const DeoptimizationData& data, Address fp,
                                const TranslatedValue& from) {
  if (from.kind == TranslatedValue::Kind::kElsewhere || from.number < 0) return {};
  const auto number = static_cast<uint64_t>(from.number);
  if (from.kind == TranslatedValue::Kind::kLiteral) {
    const auto literal = data.literal(number);  // held weakly
    return literal && !v8::is_smi(*literal) ? std::optional(v8::tag(v8::untag(*literal))) : literal;
  }
  constexpr uint64_t kMaxSlots = uint64_t{1} << 20;
  if (number > kMaxSlots) return {};
  const auto word = heap.memory().read<TaggedWord>(fp + kWordBytes - number * kWordBytes, "slot");
  return word ? std::optional(*word) : std::nullopt;
}

/// How many arguments a function declares.
uint64_t declared_arguments(const v8::Heap& heap, const ObjectView& shared) {
  const auto count = shared.number("formal_parameter_count");
  const uint64_t receiver = heap.layout().frame.counted_receiver;
  if (!count || *count < 0) return 0;
  return static_cast<uint64_t>(*count) - std::min(static_cast<uint64_t>(*count), receiver);
}

}  // namespace

bool is_optimized(const CodeAt& code) {
  constexpr std::string_view kKinds[] = {
      "MAGLEV",    "TURBOFAN",           "TURBOFAN_JS",
      "TURBOPROP", "OPTIMIZED_FUNCTION", "NATIVE_CONTEXT_INDEPENDENT"};
  return std::find(std::begin(kKinds), std::end(kKinds), code.kind) != std::end(kKinds);
}

std::vector<OptimizedCall> read_optimized_calls(const v8::Heap& heap, const CodeAt& code,
                                                Address fp, Address pc) {
  const auto table = safepoint_table(heap, code);
  const auto data = DeoptimizationData::of(code);
  if (!table || !data || pc < code.start) return {};
  const auto kind = code.kind == "MAGLEV" ? SafepointKind::kMaglev : SafepointKind::kTurbofan;
  const auto index = find_deopt_index(heap.layout(), kind, *table, pc - code.start);
  if (!index) return {};
  std::vector<OptimizedCall> calls;
  for (const TranslatedFrame& frame : data->frames(*index)) {
    const auto literal = data->literal(frame.shared);
    const auto shared = literal && !v8::is_smi(*literal) ? ObjectView::at(heap, *literal)
                                                         : Result<ObjectView>(Fault{});
    if (!shared || !shared->is("SharedFunctionInfo")) return {};
    const bool has_offset = !frame.is_builtin && frame.bytecode_offset >= 0;
    OptimizedCall call{
        .shared = *shared,
        .is_builtin = frame.is_builtin,
        .bytecode_offset = has_offset ? static_cast<uint64_t>(frame.bytecode_offset) : 0,
        .function = value(heap, *data, fp, frame.function),
        .receiver = {},
        .arguments = {}};
    const uint64_t declared = frame.is_builtin ? 0 : declared_arguments(heap, *shared);
    for (const TranslatedValue& from : frame.values) {
      if (&from == &frame.values.front()) {
        call.receiver = value(heap, *data, fp, from);
      } else if (call.arguments.size() < declared) {
        call.arguments.push_back(value(heap, *data, fp, from));
      }
    }
    calls.push_back(std::move(call));
  }
  std::reverse(calls.begin(), calls.end());
  return calls;
}

}  // namespace corewalk

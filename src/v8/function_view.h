#pragma once

#include <optional>
#include <string>

#include "v8/object_view.h"
#include "v8/source_locator.h"

namespace corewalk::v8 {

/// A SharedFunctionInfo: what all closures of one function have in common.
class FunctionView {
 public:
  /// Of a JSFunction or a SharedFunctionInfo.
  [[nodiscard]] static Result<FunctionView> of(const ObjectView& object);

  [[nodiscard]] Address shared() const { return shared_.address(); }
  /// Its own name, else the one inferred from where it was assigned; "" if it has none.
  [[nodiscard]] std::string name() const;
  /// Absent for builtins and API functions.
  [[nodiscard]] std::optional<Address> script() const;

  /// Offsets in the script, in UTF-16 code units, from the parameters on.
  struct Extent {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  [[nodiscard]] std::optional<Extent> extent() const;
  /// Where its parameters begin: what stack traces of debuggers call its definition.
  [[nodiscard]] SourceLocation definition(SourceLocator& sources) const;
  /// Where an instruction of its bytecode stands in the source; `offset` as source_position takes
  /// it.
  [[nodiscard]] SourceLocation position(SourceLocator& sources, int64_t offset,
                                        bool from_tagged_start) const;
  /// The same, of a BytecodeArray at hand.
  [[nodiscard]] SourceLocation position_in(SourceLocator& sources, const ObjectView& bytecode,
                                           int64_t offset, bool from_tagged_start) const;

 private:
  explicit FunctionView(const ObjectView& shared) : shared_(shared) {}

  ObjectView shared_;
};

}  // namespace corewalk::v8

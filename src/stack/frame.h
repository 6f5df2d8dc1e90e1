#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "v8/heap.h"
#include "v8/source_locator.h"

namespace corewalk {

/// What a frame of a stack is for.
enum class FrameKind : uint8_t {
  kNative,  ///< compiled code: C++, C, assembler
  kInterpreted,
  kBaseline,
  kOptimized,
  kBuiltin,    ///< a function of V8's own with a JavaScript face: Array.prototype.map
  kExit,       ///< JavaScript called C++
  kEntry,      ///< C++ called JavaScript
  kConstruct,  ///< between `new` and the constructor
  kAdaptor,    ///< brings the arguments into the number the function declares
  kInternal,
  kStub,  ///< a helper of V8's own with no JavaScript face
  kWasm,
  kRegExp,  ///< machine code of a regular expression
  kOther,
};

/// A frame as it lies on the stack, before anything is known of its function.
struct RawFrame {
  Address fp;
  std::optional<Address> pc;  ///< where it goes on; absent for the innermost
  uint64_t marker = 0;        ///< type << 1, or a context
  std::string type = {};  ///< V8's name of the type: "BuiltinExit"; "" if it has a context instead
};

/// Where compiled code stands.
struct NativePlace {
  std::string module = {};    ///< path of the file; "" if the address is in none that is known
  std::string function = {};  ///< demangled; "" if no symbol tells
  uint64_t offset = 0;        ///< in the function, else in the module
};

/// One call, as a stack trace lists it. An inlined call has no frame of its own: it shares `fp` and
/// `pc` with the call it was inlined into.
struct StackFrame {
  FrameKind kind = FrameKind::kOther;
  std::string type = {};  ///< V8's name of the kind: "BuiltinExit", "Maglev"
  Address fp;             ///< of a native call: its stack pointer
  std::optional<Address> pc;
  NativePlace native = {};  ///< of kNative
  std::string gap = {};     ///< why calls are missing between this one and the one it made
  std::string code = {};    ///< name of the machine code, if a symbol tells
  bool inlined = false;

  std::optional<v8::TaggedWord> function = {};
  std::optional<v8::TaggedWord> shared = {};  ///< SharedFunctionInfo
  std::string name = {};
  v8::SourceLocation position = {};    ///< where it stands; line 0 if that cannot be told
  v8::SourceLocation definition = {};  ///< where the function is written
  std::optional<v8::TaggedWord> receiver = {};
  /// Absent: optimised code does not keep it where a reader finds it.
  std::vector<std::optional<v8::TaggedWord>> arguments = {};
  std::optional<v8::TaggedWord> context = {};
  std::vector<v8::TaggedWord> registers =
      {};  ///< of bytecode: local variables and what lies between
};

/// The calls of one thread, the innermost first.
struct ThreadStack {
  std::optional<uint64_t> thread_id = {};
  std::optional<v8::IsolateIndex> isolate = {};  ///< whose JavaScript the thread runs
  std::vector<StackFrame> frames = {};
  std::string problem = {};  ///< why it ends before its end, or what of it is in doubt
};

}  // namespace corewalk

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "v8/layout.h"

namespace corewalk::v8 {

/// A layout file as embedded at build time.
struct LayoutText {
  std::string_view file_name;  ///< "12.4.layout"
  std::string_view text;
};

/// All layout files of src/v8/layouts/, oldest V8 first.
[[nodiscard]] std::span<const LayoutText> built_in_layouts();

/// Reads layout files and joins them with what the target's own binary says.
///
/// Grammar, one fact a line, `#` starts a comment:
///
///     layout 12.4                 V8 version the file is for
///     node 22                     Node lines that ship it
///     inherit 11.3                start from that file's facts (but its types and roots)
///     Class.field 0x18            offset in bytes from the untagged object
///     class NAME [extends BASE] [types TYPE[,TYPE]]   a class of objects, and its instance types
///     Class.field 0x18 KIND       a field of such a class; KIND says how to read it (below)
///     absent Class.field          this version has no such field
///     distrust Class.field        the binary's symbol for it is wrong in this version
///     bits Name SHIFT MASK        bits of a word
///     enum NAME NUMBER VALUE[,..] values of one of V8's enums, from NUMBER on; "-" for none
///     opcode NUMBER NAME OPERANDS an instruction of translations; number 0 begins a new list
///     number NAME VALUE           a number that is not an offset: page flags, limits
///     feature NAME [off]          behaviour from a closed list
///     node-type code TYPE[,TYPE]  what heap snapshots take objects of these types for: "code",
///                                 "array" or "object-shape"; they are "hidden" else
///     space ID NAME               a space of the heap
///     type NUMBER NAME            an instance type; type-range FIRST LAST NAME
///     root NAME INDEX             an entry of the roots table
///     size NAME[,NAME] key=value  size rule, see SizeRule
///     alternative NAME key=value  the rule of some patch releases; decided on the process itself
///     area NAME PATH [limit=N]    word of top of an allocation area, e.g. isolate+0xc8, heap-0x48,
///                                 new_space-0x68 (from that space's object),
///                                 local_heap+0x160>0x8 (from every LocalHeap)
///
/// Field kinds: tagged (if none is given), weak, smi, u8, u16, i32, u32, u64, f64, ptr; with []
/// behind it, an array that ends with the object.
///
/// A mistake in a file is a Failure(kUsage) that names file and line.
class LayoutLibrary {
 public:
  /// The layout for a V8 version ("12.4"), or null if there is none.
  [[nodiscard]] static std::unique_ptr<Layout> find(std::string_view version);
  /// A layout given by the user; may inherit from a built-in one.
  [[nodiscard]] static std::unique_ptr<Layout> parse(std::string_view file_name,
                                                     std::string_view text);
  /// "7.8 (Node 12), 8.4 (Node 14), ...": for messages.
  [[nodiscard]] static std::string known_versions();
};

}  // namespace corewalk::v8

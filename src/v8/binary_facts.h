#pragma once

#include "memory/address_space.h"
#include "memory/symbol_source.h"
#include "v8/layout.h"

namespace corewalk::v8 {

/// Overrides facts of the layout with what the target's own binary says, and notes contradictions:
/// - v8dbg_* constants: offsets, numbers of instance types (gen-postmortem-metadata.py);
/// - RootsTable::root_names_: the order of the roots, which patch releases of one V8 change.
/// - v8dbg_frametype_*: the markers of stack frames.
/// A fact the binary does not state stays as the layout has it.
void apply_binary_facts(Layout& layout, const SymbolSource& symbols, const AddressSpace& memory);

}  // namespace corewalk::v8

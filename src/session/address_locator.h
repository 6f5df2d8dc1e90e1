#pragma once

#include <optional>
#include <vector>

#include "inspect/value_reader.h"
#include "memory/address_space.h"
#include "memory/process_info.h"
#include "memory/symbol_source.h"
#include "session/address_info.h"
#include "stack/frame.h"

namespace corewalk {

/// What an address can be looked up in.
struct AddressSources {
  const AddressSpace& memory;
  const SymbolSource& symbols;
  const ProcessInfo& process;
  const ValueReader* values = nullptr;               ///< null: no V8 that we know
  const std::vector<ThreadStack>* stacks = nullptr;  ///< null: the same
};

/// Says what an address lies in: the first of heap, stack, symbol, file and memory that knows it.
[[nodiscard]] AddressInfo locate_address(const AddressSources& sources, Address address);

}  // namespace corewalk

#pragma once

#include <cstdint>

namespace corewalk {

/// The number of a node in an ObjectGraph, dense from 0.
using NodeId = uint32_t;

inline constexpr NodeId kRootNode = 0;
inline constexpr NodeId kNoNode = ~NodeId{0};

}  // namespace corewalk

#pragma once

// Catch2 of either generation: Debian 12 has version 2, newer distributions version 3.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

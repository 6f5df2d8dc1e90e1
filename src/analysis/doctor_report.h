#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/census.h"

namespace corewalk {

/// One of the tests that decide whether a layout fits this core.
struct DoctorCheck {
  std::string name;  ///< "meta map"
  bool passed = false;
  std::string detail;  ///< "1203 of 1203 maps point to a map of maps"
};

/// What corewalk believes about a core, and why.
struct DoctorReport {
  std::string layout;  ///< "V8 12.4 (Node 22)"; empty if none fits
  std::string source;  ///< "built in", or the file given by --layout
  std::vector<DoctorCheck> checks;
  std::vector<std::string> notes;  ///< contradictions between sources, candidates turned down
  Coverage coverage;

  [[nodiscard]] bool healthy() const {
    for (const DoctorCheck& check : checks) {
      if (!check.passed) return false;
    }
    return !layout.empty() && coverage.complete();
  }
};

}  // namespace corewalk

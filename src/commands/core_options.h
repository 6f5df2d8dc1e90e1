#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/option_list.h"
#include "session/session.h"

namespace corewalk {

/// The options about the core itself, which the hosts add to every command about one.
class CoreOptions {
 public:
  CoreOptions();
  CoreOptions(const CoreOptions&) = delete;
  CoreOptions& operator=(const CoreOptions&) = delete;

  [[nodiscard]] const OptionList& list() const { return list_; }

  /// What to open, from the options and the arguments CORE [EXE]. Throws Failure(kUsage) if two
  /// executables were named.
  [[nodiscard]] SessionOptions session_options(const std::vector<std::string>& arguments) const;

 private:
  OptionList list_;
  std::optional<std::string> executable_;
  std::vector<std::string> search_paths_;
  std::optional<std::string> layout_;
  bool force_ = false;
};

}  // namespace corewalk

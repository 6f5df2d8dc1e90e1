#include "commands/core_options.h"

#include "base/failure.h"

namespace corewalk {

CoreOptions::CoreOptions() {
  list_.text(executable_, "--exe", "FILE",
             "the program that made the core (also: the argument after CORE); else it is searched "
             "for by the path and the build-id in the core");
  list_.texts(search_paths_, "--search-path", "DIR",
              "a folder to search for the program and its libraries; may be repeated");
  list_.text(layout_, "--layout", "FILE",
             "a description of V8's memory to use instead of the built-in ones");
  list_.flag(force_, "--force",
             "go on although the program is not the one that made the core, or a check failed");
}

SessionOptions CoreOptions::session_options(const std::vector<std::string>& arguments) const {
  SessionOptions options;
  if (!arguments.empty()) options.core = arguments[0];
  if (executable_) options.executable = *executable_;
  if (arguments.size() > 1) {
    if (executable_) {
      throw Failure(ExitCode::kUsage, "Two programs were named: '" + arguments[1] + "' and '" +
                                          *executable_ + "' (--exe). Name one.");
    }
    options.executable = arguments[1];
  }
  options.search_paths.assign(search_paths_.begin(), search_paths_.end());
  if (layout_) options.layout_file = *layout_;
  options.force = force_;
  return options;
}

}  // namespace corewalk

#pragma once

#include <string>
#include <vector>

#include "base/failure.h"
#include "commands/argument_parser.h"
#include "report/json_writer.h"
#include "support/text_output.h"

namespace corewalk::test {

/// What came of one command line.
struct Answer {
  ExitCode code = ExitCode::kDone;
  std::string text;
  std::vector<std::string> warnings;
  std::string error;  ///< what() of the Failure, if it ended with one
};

/// Runs command lines as LLDB would, on the fake session.
class CommandRunner {
 public:
  /// "findjsobjects --sort size": words are separated by blanks.
  Answer run(const std::string& line);
  void set_color(bool color) { color_ = color; }

 private:
  Paging paging_;
  bool color_ = false;
};

/// Runs one line, as the first that a user types.
inline Answer run(const std::string& line) { return CommandRunner().run(line); }
/// The same of one that answers with JSON.
inline Json run_json(const std::string& line) { return Json::parse(run(line).text); }

/// Words of a line; no quotes.
[[nodiscard]] std::vector<std::string> words_of(const std::string& line);

}  // namespace corewalk::test

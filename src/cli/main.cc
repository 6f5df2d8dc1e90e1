// corewalk: the commands for the shell. `corewalk help` says how.
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/console_output.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  using corewalk::ExitCode;
  try {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    return static_cast<int>(corewalk::Program().run(arguments));
  } catch (const corewalk::Failure& failure) {
    corewalk::print_error(failure.what());
    return static_cast<int>(failure.code());
  } catch (const std::bad_alloc&) {
    corewalk::print_error("Out of memory.");
  } catch (const std::exception& error) {
    corewalk::print_error(std::string("This should not have happened: ") + error.what() +
                          ". Please report it together with the output of 'corewalk doctor'.");
  }
  return static_cast<int>(ExitCode::kUsage);
}

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace corewalk {

/// One option of a command.
struct Option {
  std::string names;             ///< "-d,--detailed"
  std::string placeholder = {};  ///< "N"; empty for a flag
  std::string help;
  std::vector<std::string> choices = {};  ///< empty: anything that `assign` takes
  /// Takes the value ("" for a flag). Throws std::invalid_argument that says what was expected:
  /// "a number".
  std::function<void(const std::string&)> assign = {};
  bool repeatable = false;
};

/// One positional argument of a command.
struct Argument {
  std::string name;  ///< "instance_name"
  std::string help;
  bool required = true;
  bool is_address = false;       ///< optional, and told from what the host takes by its "0x"
  const bool* unless = nullptr;  ///< a flag with which it is not required
  std::function<void(const std::string&)> assign = {};
};

/// The options and arguments of one command, bound to the variables that receive them. Knows no
/// parser: argument_parser.h reads command lines by it, the help and man pages are written from it.
class OptionList {
 public:
  void flag(bool& target, std::string names, std::string help);
  void number(std::optional<uint64_t>& target, std::string names, std::string placeholder,
              std::string help);
  /// "1MB".
  void size(uint64_t& target, std::string names, std::string help);
  void text(std::optional<std::string>& target, std::string names, std::string placeholder,
            std::string help);
  /// May be given more than once.
  void texts(std::vector<std::string>& target, std::string names, std::string placeholder,
             std::string help);

  /// One word of a closed list.
  template <class E>
  void choice(E& target, std::string names,
              const std::vector<std::pair<std::string_view, E>>& words, std::string help) {
    Option option{.names = std::move(names), .placeholder = "", .help = std::move(help)};
    for (const auto& [word, value] : words) {
      option.placeholder += (option.placeholder.empty() ? "" : "|") + std::string(word);
      option.choices.emplace_back(word);
    }
    option.assign = [&target, words](const std::string& given) {
      for (const auto& [word, value] : words) {
        if (word == given) target = value;
      }
    };
    options_.push_back(std::move(option));
  }

  void argument(std::string& target, std::string name, std::string help);
  /// One that has to be there unless a flag is: with it, `target` stays empty.
  void argument_unless(const bool& flag, std::optional<std::string>& target, std::string name,
                       std::string help);
  void optional_address(std::optional<std::string>& target, std::string name, std::string help);
  void optional_argument(std::optional<std::string>& target, std::string name, std::string help);

  [[nodiscard]] std::span<const Option> options() const { return options_; }
  [[nodiscard]] std::span<const Argument> arguments() const { return arguments_; }
  /// How many there have to be, once the flags have been read.
  [[nodiscard]] size_t required_arguments() const;

 private:
  std::vector<Option> options_;
  std::vector<Argument> arguments_;
};

}  // namespace corewalk

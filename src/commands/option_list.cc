#include "commands/option_list.h"

#include <algorithm>
#include <stdexcept>

#include "report/units.h"

namespace corewalk {

void OptionList::flag(bool& target, std::string names, std::string help) {
  options_.push_back({.names = std::move(names),
                      .help = std::move(help),
                      .assign = [&target](const std::string&) { target = true; }});
}

void OptionList::number(std::optional<uint64_t>& target, std::string names, std::string placeholder,
                        std::string help) {
  options_.push_back({.names = std::move(names),
                      .placeholder = std::move(placeholder),
                      .help = std::move(help),
                      .assign = [&target](const std::string& text) {
                        target = parse_number(text);
                        if (!target) throw std::invalid_argument("a whole number");
                      }});
}

void OptionList::size(uint64_t& target, std::string names, std::string help) {
  options_.push_back({.names = std::move(names),
                      .placeholder = "SIZE",
                      .help = std::move(help),
                      .assign = [&target](const std::string& text) {
                        const std::optional<uint64_t> bytes = parse_size(text);
                        if (!bytes) throw std::invalid_argument("a size such as 4096, 64KB or 1MB");
                        target = *bytes;
                      }});
}

void OptionList::text(std::optional<std::string>& target, std::string names,
                      std::string placeholder, std::string help) {
  options_.push_back({.names = std::move(names),
                      .placeholder = std::move(placeholder),
                      .help = std::move(help),
                      .assign = [&target](const std::string& given) { target = given; }});
}

void OptionList::texts(std::vector<std::string>& target, std::string names, std::string placeholder,
                       std::string help) {
  options_.push_back({.names = std::move(names),
                      .placeholder = std::move(placeholder),
                      .help = std::move(help),
                      .assign = [&target](const std::string& given) { target.push_back(given); },
                      .repeatable = true});
}

void OptionList::argument(std::string& target, std::string name, std::string help) {
  arguments_.push_back({.name = std::move(name),
                        .help = std::move(help),
                        .assign = [&target](const std::string& given) { target = given; }});
}

void OptionList::argument_unless(const bool& flag, std::optional<std::string>& target,
                                 std::string name, std::string help) {
  arguments_.push_back({.name = std::move(name),
                        .help = std::move(help),
                        .unless = &flag,
                        .assign = [&target](const std::string& given) { target = given; }});
}

void OptionList::optional_address(std::optional<std::string>& target, std::string name,
                                  std::string help) {
  optional_argument(target, std::move(name), std::move(help));
  arguments_.back().is_address = true;
}

void OptionList::optional_argument(std::optional<std::string>& target, std::string name,
                                   std::string help) {
  arguments_.push_back({.name = std::move(name),
                        .help = std::move(help),
                        .required = false,
                        .assign = [&target](const std::string& given) { target = given; }});
}

size_t OptionList::required_arguments() const {
  return static_cast<size_t>(std::count_if(
      arguments_.begin(), arguments_.end(),
      [](const Argument& a) { return a.required && (a.unless == nullptr || !*a.unless); }));
}

}  // namespace corewalk

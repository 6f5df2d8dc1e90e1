#include "commands/listing_options.h"

#include <fmt/format.h>

#include <utility>

namespace corewalk {

void ListingOptions::declare(OptionList& options, std::string filter_help) {
  options.text(filter, "--filter", "REGEX", std::move(filter_help));
  options.number(limit, "--limit", "N", "only the first N");
  isolate.declare(options);
  format.declare(options);
}

std::string listing_end(size_t shown, size_t total, const std::string& summary) {
  return fmt::format("{}({})\n", shown < total ? "..........\n" : "", summary);
}

}  // namespace corewalk

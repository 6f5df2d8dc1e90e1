// strings: the strings that hold a text; and those of which there are many copies.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint64_t kDefaultHits = 1000;
constexpr uint64_t kDefaultRows = 50;
/// Characters of a duplicate's text in a row.
constexpr uint64_t kShownUnits = 60;
constexpr uint64_t kJsonUnits = 1000;

/// What a limit of 0 stands for too.
uint64_t limit_or(const std::optional<uint64_t>& limit, uint64_t usual) {
  return limit.value_or(usual);
}

class Strings final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument_unless(duplicates_, text_, "text", "what the strings have to hold");
    options.flag(regex_, "-e,--regex", "text is a regular expression");
    options.flag(duplicates_, "-d,--duplicates",
                 "instead: texts that several strings hold, and what their copies take");
    options.number(min_length_, "--min-length", "N", "only strings of at least N characters");
    options.size(min_size_, "--min-size",
                 "only strings of at least this many bytes; with -d, only texts whose copies waste "
                 "as much");
    options.number(limit_, "-l,--limit", "N",
                   "show N strings (default 1000) or N texts (default 50); 0: all");
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    if (text_ && duplicates_) {
      throw Failure(ExitCode::kUsage, "Give a text to look for or -d, not both");
    }
    return duplicates_ ? find_duplicates(context) : search(context);
  }

 private:
  ExitCode search(RunContext& context) const;
  void write_hits(RunContext& context, const StringSearch& found) const;
  void write_hits_json(RunContext& context, const StringSearch& found) const;
  ExitCode find_duplicates(RunContext& context) const;
  void write_duplicates(RunContext& context, const DuplicateReport& report) const;
  void write_duplicates_json(RunContext& context, const DuplicateReport& report) const;
  [[nodiscard]] static std::string text_of(RunContext& context, Address string, uint64_t units);

  std::optional<std::string> text_;
  bool regex_ = false;
  bool duplicates_ = false;
  std::optional<uint64_t> min_length_;
  uint64_t min_size_ = 0;
  std::optional<uint64_t> limit_;
  IsolateOption isolate_;
  FormatOptions format_;
};

/// What was found, with what stands around it: "...before[hit]after...".
std::string hit_text(const StringHit& hit, bool color) {
  const std::string found = escape_for_terminal(hit.hit);
  return fmt::format("\"{}{}{}{}{}\"", hit.begins ? "" : "...", escape_for_terminal(hit.before),
                     color ? "\x1b[1m" + found + "\x1b[0m" : "[" + found + "]",
                     escape_for_terminal(hit.after), hit.ends ? "" : "...");
}

ExitCode Strings::search(RunContext& context) const {
  StringQuery query{.pattern = *text_, .is_regex = regex_};
  query.isolate = isolate_.resolve(*context.session, context.progress);
  query.min_length = min_length_.value_or(0);
  query.min_bytes = min_size_;
  query.limit = limit_or(limit_, kDefaultHits);
  StringSearch found;
  try {
    found = context.session->strings(query, context.progress);
  } catch (const std::regex_error&) {
    throw Failure(ExitCode::kUsage, fmt::format("'{}' is not a regular expression. Without -e, its "
                                                "characters are taken as they are.",
                                                escape_for_terminal(*text_)));
  }
  const ExitCode code = warn_about_answer(context, found.extent.coverage, found.extent.interrupted);
  if (found.unreadable != 0) {
    context.output.warn(fmt::format("{} could not be read: not in the core",
                                    format_count(found.unreadable, "external string")));
  }
  if (format_.json) {
    write_hits_json(context, found);
  } else {
    write_hits(context, found);
  }
  return found.unreadable != 0 ? ExitCode::kPartial : code;
}

void Strings::write_hits(RunContext& context, const StringSearch& found) const {
  const bool color = format_.style(context.output).color;
  std::string text;
  for (const StringHit& hit : found.hits) {
    text += fmt::format("{}: {}{}, {} characters, {} bytes: {}\n", format_address(hit.address),
                        hit.representation, hit.internalized ? " internalized" : "", hit.length,
                        hit.shallow_bytes + hit.external_bytes, hit_text(hit, color));
  }
  if (found.hits.size() < found.total) {
    text += fmt::format("(The first {} of {}; --limit 0 shows all)\n", found.hits.size(),
                        format_count(found.total, "string"));
  } else {
    text += fmt::format("({})\n", format_count(found.total, "string"));
  }
  context.output.write(text);
}

void Strings::write_hits_json(RunContext& context, const StringSearch& found) const {
  Table table({{"", "address", ColumnKind::kAddress},
               {"", "representation"},
               {"", "internalized"},
               {"", "length", ColumnKind::kCount},
               {"", "shallow_bytes", ColumnKind::kBytes},
               {"", "external_bytes", ColumnKind::kBytes},
               {"", "position", ColumnKind::kCount},
               {"", "before"},
               {"", "hit"},
               {"", "after"}});
  for (const StringHit& hit : found.hits) {
    table.add_row({hit.address, hit.representation, hit.internalized, hit.length, hit.shallow_bytes,
                   hit.external_bytes, hit.position, hit.before, hit.hit, hit.after});
  }
  Json document = begin_json(context, "strings");
  document["coverage"] = coverage_json(found.extent.coverage, found.extent.interrupted);
  document["total"] = found.total;
  document["unreadable"] = found.unreadable;
  document["rows"] = json_rows(table);
  context.output.write(write_json(document));
}

ExitCode Strings::find_duplicates(RunContext& context) const {
  DuplicateQuery query;
  query.isolate = isolate_.resolve(*context.session, context.progress);
  query.min_length = min_length_.value_or(0);
  query.min_waste_bytes = min_size_;
  const DuplicateReport report = context.session->duplicate_strings(query, context.progress);
  const ExitCode code =
      warn_about_answer(context, report.extent.coverage, report.extent.interrupted);
  if (format_.json) {
    write_duplicates_json(context, report);
  } else {
    write_duplicates(context, report);
  }
  return code;
}

std::string Strings::text_of(RunContext& context, Address string, uint64_t units) {
  const Value value = context.session->inspect(string.value(), {.string_length = units, .depth = 0},
                                               context.progress);
  const auto* text = std::get_if<std::string>(&value.primitive);
  return text == nullptr ? value.text : *text + (value.cut ? "..." : "");
}

/// The largest waste stands last, at the prompt.
void Strings::write_duplicates(RunContext& context, const DuplicateReport& report) const {
  const uint64_t limit = limit_or(limit_, kDefaultRows);
  const size_t shown = limit == 0 ? report.rows.size() : std::min(report.rows.size(), limit);
  Table table({{"Sample Obj.", "", ColumnKind::kAddress, 14},
               {"Count", "", ColumnKind::kCount, 9},
               {"Length", "", ColumnKind::kCount, 9},
               {"Total Size", "", ColumnKind::kBytes, 10},
               {"Waste", "", ColumnKind::kBytes, 10},
               {"Text", ""}});
  for (size_t i = shown; i-- > 0;) {
    const DuplicateRow& row = report.rows[i];
    table.add_row({row.sample, row.count, row.length, row.bytes, row.waste_bytes,
                   text_of(context, row.sample, kShownUnits)});
  }
  std::string text = table.to_text(format_.style(context.output));
  if (shown < report.rows.size()) {
    text += fmt::format("Not shown: {} with less waste (--limit)\n",
                        format_count(report.rows.size() - shown, "text"));
  }
  text += fmt::format(
      "{} of {} compared are copies: {} bytes ({}) of {}\n"
      "Not compared, as they hold no characters of their own: {} cons, {} sliced, {} thin\n",
      report.copies, format_count(report.compared, "string"), report.waste_bytes,
      format_bytes(report.waste_bytes), format_bytes(report.compared_bytes), report.cons,
      report.sliced, report.thin);
  context.output.write(text);
}

void Strings::write_duplicates_json(RunContext& context, const DuplicateReport& report) const {
  Table table({{"", "sample_address", ColumnKind::kAddress},
               {"", "count", ColumnKind::kCount},
               {"", "length", ColumnKind::kCount},
               {"", "bytes", ColumnKind::kBytes},
               {"", "waste_bytes", ColumnKind::kBytes},
               {"", "text"}});
  const uint64_t limit = limit_or(limit_, kDefaultRows);
  const size_t shown = limit == 0 ? report.rows.size() : std::min(report.rows.size(), limit);
  for (size_t i = 0; i < shown; ++i) {
    const DuplicateRow& row = report.rows[i];
    table.add_row({row.sample, row.count, row.length, row.bytes, row.waste_bytes,
                   text_of(context, row.sample, kJsonUnits)});
  }
  Json document = begin_json(context, "strings");
  document["coverage"] = coverage_json(report.extent.coverage, report.extent.interrupted);
  Json& totals = document["duplicates"];
  totals["texts"] = report.rows.size();
  totals["copies"] = report.copies;
  totals["waste_bytes"] = report.waste_bytes;
  totals["compared"] = report.compared;
  totals["compared_bytes"] = report.compared_bytes;
  totals["cons"] = report.cons;
  totals["sliced"] = report.sliced;
  totals["thin"] = report.thin;
  totals["unreadable"] = report.unreadable;
  document["rows"] = json_rows(table);
  context.output.write(write_json(document));
}

constexpr std::string_view kDetails =
    R"(Lists the strings that hold a text, live or not yet collected, each with its address and the first place in it: what was found stands in brackets. Strings outside of the heap are looked through, and those that V8 keeps as a part of another or as a chain of others; of a chain only the whole, as what lies in one of its links is found there. A regular expression sees up to 512 bytes at a time.

With -d, shows the texts that several strings hold, and what all copies but one take: Waste. A number that is there a thousand times as a string is worth a look at who makes it: 'findrefs' with the sample. Strings of V8's table of names count as well, once for each text. The largest waste comes last.)";

constexpr std::string_view kExample = R"($ v8 strings orders
0x50fb0c2ca11: sequential, 31 characters, 48 bytes: "...ostgres://app:secret@db/[orders]"
0x50fb0c39b59: sliced, 286 characters, 32 bytes: "...('http://127.0.0.1:8080/[orders]', (response) => respons..."
0x153106bb26f9: sequential, 28 characters, 48 bytes: "http://127.0.0.1:8080/[orders]"
0x153106bb2b19: sequential, 7 characters, 24 bytes: "/[orders]"
0x153106bba2e1: sequential, 11 characters, 32 bytes: "GET /[orders]"
0x153106bba779: cons, 68 characters, 32 bytes: "GET /[orders] HTTP/1.1\x0D\x0AHost: 127.0.0..."
0x153106bba799: cons, 70 characters, 32 bytes: "GET /[orders] HTTP/1.1\x0D\x0AHost: 127.0.0..."
0x18a0789814d9: sequential, 70 characters, 88 bytes: "GET /[orders] HTTP/1.1\x0D\x0AHost: 127.0.0..."
0x18a0789820b1: sequential, 7 characters, 24 bytes: "/[orders]"
0x1d35a4435669: sequential internalized, 35 characters, 56 bytes: "SELECT * FROM [orders] WHERE user = ?"
0x1d35a4439931: sequential, 1317 characters, 1336 bytes: "...db.query('SELECT * FROM [orders] WHERE user = ?', sessio..."
0x36e3f535b439: sequential internalized, 28 characters, 48 bytes: "http://127.0.0.1:8080/[orders]"
(12 strings)
$ v8 strings -d --limit 2
    Sample Obj.     Count    Length Total Size      Waste Text
 -------------- --------- --------- ---------- ---------- ----
  0x1f26528a329         2     87228     174520      87260 // Copyright Joyent, Inc. and other Node contributors.\x0A//\x0A//...
 0x132cf5321691         2     92841     185746      92873 'use strict';\x0A\x0Aconst {\x0A  AggregateError,\x0A  AggregateErrorPro...
Not shown: 1768 texts with less waste (--limit)
7575 of 30590 strings compared are copies: 1399565 bytes (1.3 MB) of 5.3 MB
Not compared, as they hold no characters of their own: 1913 cons, 5 sliced, 946 thin)";

}  // namespace

const CommandSpec& strings_command() {
  static const CommandSpec kSpec = {
      .name = "strings",
      .group = CommandGroup::kObjects,
      .summary = "Find strings by what they hold, and duplicates",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Strings>()); },
  };
  return kSpec;
}

}  // namespace corewalk

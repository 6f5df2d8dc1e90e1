#include "inspect/date_text.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "v8/tagged.h"

namespace corewalk {

std::optional<double> date_time(const v8::ObjectView& date) {
  const auto* field = v8::Layout::field(date.type().object_class, "value");
  if (field == nullptr) return {};
  if (field->kind == v8::FieldKind::kFloat64) {
    const auto value = date.bytes().read<double>(field->offset);
    return value ? std::optional(*value) : std::nullopt;
  }
  const auto word = date.word(field->offset);
  if (!word) return {};
  if (v8::is_smi(*word)) return v8::smi_value(*word);
  if (date.heap().tag_of(v8::untag(*word)) != v8::TypeTag::kHeapNumber) return {};
  const auto value = date.heap().read<double>(v8::untag(*word), v8::kWordBytes, "time of a date");
  return value ? std::optional(*value) : std::nullopt;
}

std::string iso_time(double milliseconds) {
  using std::chrono::floor;
  constexpr double kMaxTime = 8.64e15;  // ECMAScript, TimeClip
  constexpr int kMaxPlainYear = 9999;
  if (!(std::abs(milliseconds) <= kMaxTime)) return "Invalid Date";
  const std::chrono::sys_time<std::chrono::milliseconds> time(
      std::chrono::milliseconds(static_cast<int64_t>(milliseconds)));
  const auto day = floor<std::chrono::days>(time);
  // std::chrono::year ends at 32767, a Date at 275760; the calendar repeats every 400 years.
  constexpr int64_t kCycleDays = 146097;
  constexpr int64_t kCycleYears = 400;
  const int64_t days = day.time_since_epoch().count();
  const int64_t cycles = static_cast<int64_t>(std::floor(static_cast<double>(days) / kCycleDays));
  const std::chrono::year_month_day date(
      std::chrono::sys_days(std::chrono::days(days - cycles * kCycleDays)));
  const int64_t year = static_cast<int>(date.year()) + cycles * kCycleYears;
  const std::chrono::hh_mm_ss clock(time - day);
  const std::string year_text = year >= 0 && year <= kMaxPlainYear ? fmt::format("{:04}", year)
                                : year < 0                         ? fmt::format("-{:06}", -year)
                                                                   : fmt::format("+{:06}", year);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", year_text,
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace corewalk

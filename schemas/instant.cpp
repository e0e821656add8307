#include "schemas/instant.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace khochung {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using std::chrono::year_month_day;

/// The number that stands in text[from, from + length); nothing when a character is no digit.
std::optional<int> digits(std::string_view text, std::size_t from, std::size_t length) {
  if (from + length > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(from, length)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Adds `value` with at least so many digits.
void add_number(std::string& text, std::size_t least, std::int64_t value) {
  std::array<char, 20> digits{};
  const auto [end, problem] = std::to_chars(digits.begin(), digits.end(), value);
  const auto count = static_cast<std::size_t>(end - digits.begin());
  if (count < least) text.append(least - count, '0');
  text.append(digits.begin(), end);
}

std::optional<year_month_day> calendar_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = digits(text, 0, 4);
  const auto m = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  if (!y || !m || !d) return std::nullopt;
  const year_month_day date{year(*y), month(static_cast<unsigned>(*m)),
                            day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  return date;
}

bool is_single_date(std::string_view text) {
  if (text.size() == 4) return digits(text, 0, 4).has_value();
  if (text.size() == 7)
    return text[4] == '-' && calendar_day(std::string(text) + "-01").has_value();
  return calendar_day(text).has_value();
}

/// Minutes east of UTC that "Z", "+07:00" or "-03:30" names.
std::optional<int> offset_minutes(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = digits(text, 1, 2);
  const auto minutes = digits(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

}  // namespace

Instant now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Instant instant) {
  const auto whole_day = std::chrono::floor<std::chrono::days>(instant);
  const year_month_day date{whole_day};
  const std::chrono::hh_mm_ss time{instant - whole_day};
  std::string text;
  text.reserve(24);
  add_number(text, 4, static_cast<int>(date.year()));
  add_number(text += '-', 2, static_cast<unsigned>(date.month()));
  add_number(text += '-', 2, static_cast<unsigned>(date.day()));
  add_number(text += 'T', 2, time.hours().count());
  add_number(text += ':', 2, time.minutes().count());
  add_number(text += ':', 2, time.seconds().count());
  add_number(text += '.', 3, time.subseconds().count());
  return text += 'Z';
}

Result<Instant> instant_from_rfc3339(std::string_view text) {
  const auto bad = [] {
    return fail(ErrorCode::bad_input, "an instant looks like 2026-11-23T08:00:00+07:00");
  };
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':')
    return bad();
  const auto date = calendar_day(text.substr(0, 10));
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!date || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60)
    return bad();
  std::size_t zone = 19;
  int milliseconds = 0;
  if (text[zone] == '.') {
    int scale = 100;
    for (++zone; zone < text.size() && text[zone] >= '0' && text[zone] <= '9';
         ++zone, scale /= 10) {
      milliseconds += (text[zone] - '0') * scale;
    }
  }
  const auto offset = offset_minutes(text.substr(zone));
  if (!offset) return bad();
  return Instant(std::chrono::sys_days(*date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute - *offset) + std::chrono::seconds(*second) +
         std::chrono::milliseconds(milliseconds);
}

year_month_day day_of(Instant instant) {
  return std::chrono::floor<std::chrono::days>(instant + std::chrono::hours(7));
}

std::string to_text(year_month_day day) {
  std::string text;
  add_number(text, 4, static_cast<int>(day.year()));
  text += '-';
  add_number(text, 2, static_cast<unsigned>(day.month()));
  text += '-';
  add_number(text, 2, static_cast<unsigned>(day.day()));
  return text;
}

Result<year_month_day> day_from_text(std::string_view text) {
  const auto day = calendar_day(text);
  if (!day) return fail(ErrorCode::bad_input, "no day of the calendar: " + std::string(text));
  return *day;
}

bool is_edtf(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return is_single_date(text);
  return is_single_date(text.substr(0, slash)) && is_single_date(text.substr(slash + 1));
}

int first_year_of(std::string_view edtf) {
  return is_edtf(edtf) ? digits(edtf, 0, 4).value_or(0) : 0;
}

}  // namespace khochung

#include "server/http/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace khochung::http {
namespace {

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& text, long number, int digits) {
  const auto plain = std::to_string(number);
  text.append(static_cast<std::size_t>(std::max(0, digits - static_cast<int>(plain.size()))), '0');
  text += plain;
}

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = -1;
  const auto* begin = text.data() + at;
  const auto [end, problem] = std::from_chars(begin, begin + digits, number);
  return problem == std::errc() && end == begin + digits ? number : -1;
}

}  // namespace

std::string to_http_date(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(instant - day));
  std::string text(days.at(std::chrono::weekday(day).c_encoding()));
  text += ", ";
  append_number(text, static_cast<long>(static_cast<unsigned>(date.day())), 2);
  text += ' ';
  text += months.at(static_cast<unsigned>(date.month()) - 1);
  text += ' ';
  append_number(text, static_cast<int>(date.year()), 4);
  text += ' ';
  append_number(text, time.hours().count(), 2);
  text += ':';
  append_number(text, time.minutes().count(), 2);
  text += ':';
  append_number(text, time.seconds().count(), 2);
  return text + " GMT";
}

std::optional<Instant> instant_from_http_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT") || text[3] != ',') return std::nullopt;
  const auto* month = std::ranges::find(months, text.substr(8, 3));
  const int year = number_at(text, 12, 4);
  const int day = number_at(text, 5, 2);
  const int hours = number_at(text, 17, 2);
  const int minutes = number_at(text, 20, 2);
  const int seconds = number_at(text, 23, 2);
  if (month == months.end() || year < 0 || day < 0 || hours < 0 || hours > 23 || minutes < 0 ||
      minutes > 59 || seconds < 0 || seconds > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{
      std::chrono::year(year),
      std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return Instant(std::chrono::sys_days(date)) + std::chrono::hours(hours) +
         std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
}

}  // namespace khochung::http

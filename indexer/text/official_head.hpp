#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indexer/text/page_lines.hpp"

/// What stands in the head of an official page: number, place, date, issuer. Only for the inside of
/// this room.
namespace khochung::text {

using Lines = std::vector<PageLine>;

/// The head of a page (issuer, number, date, kind) is no longer than this.
inline constexpr std::size_t head_lines = 45;

struct NumberPlace {
  std::size_t line = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string printed;
};

struct DatePlace {
  std::size_t line = 0;
  std::size_t begin = 0;  ///< of the place, or of "ngày"
  std::string place;
  std::string date;
};

/// The number behind "Số", above the first line of the body.
std::optional<NumberPlace> find_number(const Lines& lines);

/// The first date that a place stands before, or that has a line of its own.
std::optional<DatePlace> find_date(const Lines& lines, const std::optional<NumberPlace>& number);

/// The body named last above the number; of a union and its organ, the union. Empty without a
/// number.
std::string find_issuer(const Lines& lines, const std::optional<NumberPlace>& number);

/// Whether the text proper begins here: "Căn cứ", "Kính gửi" …
bool begins_body(const PageLine& line);

/// Whether a word is "Số", also as OCR reads it.
bool says_number(std::string_view folded);

}  // namespace khochung::text

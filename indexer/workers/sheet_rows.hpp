#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::workers {

/// A row of a sheet that holds something; its number is the one that people see beside it.
struct RowOfCells {
  int number = 0;
  std::vector<std::string> cells;
};

/// The rows of the first sheet that is not hidden, of an Excel file since 2007. Numbers stand
/// without an exponent, days as ISO 8601, formulas as the value that they last had, and what is
/// merged in each of its cells.
/// Errors: unsupported "damaged_file", "encrypted_document"; too_large "too_many_parts",
///         "sheet_too_large" above 200,000 rows, 256 columns or 32 MB.
/// Source: ISO/IEC 29500-1, 18.3 (worksheets), 18.8.30 (formats), 18.17.4 (days).
Result<std::vector<RowOfCells>> read_first_sheet(std::string_view zip);

/// A number as a sheet keeps it ("45991", "1.2E3"), as people write it: without an exponent.
std::string plain_number(const std::string& number);
/// The day, and the time where there is one, of a number of days; nothing for what is no day.
std::string iso_day(const std::string& days, bool counts_from_1904);
/// Whether a format shows a day: "dd/mm/yyyy", not "0.00" and not "[Red]0".
bool shows_day(std::string_view format);

}  // namespace khochung::workers

#pragma once

#include <string>
#include <string_view>

namespace khochung::storage {

/// One cell of a CSV file, quoted where it must be, and made harmless for spreadsheets (a leading
/// = + - @ gets a quote mark). Source: RFC 4180.
std::string csv_cell(std::string_view text);

}  // namespace khochung::storage

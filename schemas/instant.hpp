#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung {

/// A point in time, UTC, to the millisecond.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// The present.
Instant now();

/// "2026-11-23T00:17:55.123Z".
/// Source: RFC 3339.
std::string to_rfc3339(Instant instant);

/// Reads RFC 3339 with any offset; fractions beyond the millisecond are dropped.
/// Errors: bad_input.
Result<Instant> instant_from_rfc3339(std::string_view text);

/// The day in Vietnam at that instant.
std::chrono::year_month_day day_of(Instant instant);

/// "2026-11-28".
std::string to_text(std::chrono::year_month_day day);

/// Errors: bad_input.
Result<std::chrono::year_month_day> day_from_text(std::string_view text);

/// Whether `text` is a date as the archive keeps it: EDTF level 0 ("2023", "2023-08", "2023-08-28",
/// "2023/2028"). Source: ISO 8601-2:2019 (EDTF).
bool is_edtf(std::string_view text);

/// The first year that an EDTF date names; 0 when it names none.
int first_year_of(std::string_view edtf);

}  // namespace khochung

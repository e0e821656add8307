#pragma once

#include <chrono>
#include <string_view>

#include "schemas/material.hpp"

/// What may be done with a material besides seeing that it is there: its licence, and the consent
/// of the persons it shows. Source: Luật Sở hữu trí tuệ, điều 47; Bộ luật Dân sự 2015, điều 32;
/// Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15.
namespace khochung::rights {

/// The words of the field `consent`.
inline constexpr std::string_view given = "given";
inline constexpr std::string_view not_needed = "not_needed";
inline constexpr std::string_view withdrawn = "withdrawn";

/// Errors: bad_input for another word, or a day that is none.
Result<void> check_field(std::string_view name, std::string_view value);

/// Why its bytes go to nobody but those who keep it, on a day: "licence_over", "consent_withdrawn",
/// "consent_over"; empty: they may go.
std::string_view refusal(const Material& material, std::chrono::year_month_day day);

}  // namespace khochung::rights

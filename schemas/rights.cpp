#include "schemas/rights.hpp"

namespace khochung::rights {
namespace {

bool is_over(const std::string& last, std::chrono::year_month_day day) {
  return !last.empty() && last < to_text(day);
}

}  // namespace

Result<void> check_field(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  if (name == "consent" && value != given && value != not_needed && value != withdrawn)
    return fail(ErrorCode::bad_input, "consent: no such value: " + std::string(value));
  if (name == "licence_until" || name == "consent_until") KHOCHUNG_CHECK(day_from_text(value));
  return {};
}

std::string_view refusal(const Material& material, std::chrono::year_month_day day) {
  if (material.consent == withdrawn) return "consent_withdrawn";
  if (is_over(material.consent_until, day)) return "consent_over";
  return is_over(material.licence_until, day) ? "licence_over" : "";
}

}  // namespace khochung::rights

#pragma once

#include <string_view>

/// Abbreviations of administration and of the union, for widening a query. Never used on stored
/// text.
namespace khochung::text {

/// What an abbreviation stands for, in marked form: "LĐLĐ", "lđlđ" or "ldld" → "liên đoàn lao
/// động". Empty where it is unknown or stands for several things ("CĐ": công đoàn, cao đẳng).
std::string_view expansion_of(std::string_view abbreviation);

/// The abbreviation in use for a phrase of syllables with one blank between, marked or folded:
/// "công đoàn cơ sở" or "cong doan co so" → "cđcs". Empty where there is none.
std::string_view abbreviation_of(std::string_view phrase);

/// The most syllables that a phrase with an abbreviation has.
inline constexpr int longest_abbreviated_phrase = 8;

}  // namespace khochung::text

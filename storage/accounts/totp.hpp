#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"

/// Codes of six digits that change every half minute, as authenticator programs show them.
/// Source: RFC 6238 with the values that every such program knows: SHA-1, 30 s, 6 digits.
namespace khochung::storage::totp {

/// 160 random bits in base32, which is what such programs are given. Source: RFC 4226, 4 (R6).
std::string make_secret();

/// `text` in base32 (RFC 4648, 6) as bytes. Errors: bad_input.
Result<std::string> from_base32(std::string_view text);

/// The number of half minutes since 1970.
std::int64_t step_at(Instant instant);

/// The code of a step. `secret`: bytes. Errors: unavailable.
Result<std::string> code_of(std::string_view secret, std::int64_t step);

/// The step whose code it is: the present one, the one before or the one after, as clocks differ,
/// but none up to `last_step`, so that each code is taken once. `secret`: in base32.
/// Errors: bad_input for a secret that is none; unavailable.
Result<std::optional<std::int64_t>> step_of(std::string_view secret, std::string_view code,
                                            Instant at, std::int64_t last_step);

}  // namespace khochung::storage::totp

#pragma once

#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::storage {

inline constexpr std::size_t longest_account_name_bytes = 64;

/// The form in which names of accounts are compared: capital letters of the Latin blocks, in which
/// Vietnamese is written, made small.
/// Errors: bad_input when it is empty, too long, not UTF-8 or has control characters.
Result<std::string> folded_account_name(std::string_view name);

}  // namespace khochung::storage

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/utf8.hpp"

/// The small rules that header fields, targets and forms share.
namespace khochung::http {

using khochung::is_utf8;

/// Whether `text` has a control character (below U+0020, or U+007F).
bool has_control(std::string_view text);

/// ASCII case-insensitive equality, as field names and tokens compare.
bool equal_without_case(std::string_view left, std::string_view right);

/// `text` in ASCII lower case.
std::string lower_case(std::string_view text);

/// `text` without the spaces and tabs around it.
std::string_view trim(std::string_view text);

/// Whether `text` is a token. Source: RFC 9110, 5.6.2.
bool is_token(std::string_view text);

/// Decodes %XX once; nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// Encodes all but the unreserved characters. Source: RFC 3986, 2.3.
std::string percent_encode(std::string_view text);

/// The parameter `name` of a field such as `form-data; name="a"`, unquoted; nothing when absent.
std::optional<std::string> field_parameter(std::string_view field, std::string_view name);

}  // namespace khochung::http

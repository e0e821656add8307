#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace khochung::text {

/// Text written with marks as ASCII signs after their vowels (Tie^'ng Vie^.t), turned to Unicode;
/// nothing where the text is not clearly that. Source: RFC 1456, section 3.
std::optional<std::string> decode_viqr(std::string_view ascii);

}  // namespace khochung::text

#pragma once

#include <string>
#include <string_view>

namespace khochung::access {

/// "Firefox, Android": the browser and the system that a User-Agent field speaks of, so far as they
/// are well known; empty for others. Nothing else of the field is kept.
std::string browser_family(std::string_view user_agent);

}  // namespace khochung::access

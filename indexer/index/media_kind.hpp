#pragma once

#include <string_view>

namespace khochung::index {

/// The coarse kind that people filter by: "pdf", "picture", "document", "sheet", "slides", "sound",
/// "film", "archive", "text" or "other".
std::string_view media_kind(std::string_view media_type);

}  // namespace khochung::index

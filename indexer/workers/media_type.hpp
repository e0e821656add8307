#pragma once

#include <string>
#include <string_view>

#include "schemas/result.hpp"

/// What kind of file it is: by its first bytes, and by its name only where bytes cannot tell (kinds
/// of text, and kinds that the archive keeps without reading). Pure code over hostile bytes.
namespace khochung::workers {

/// How many first bytes are looked at.
inline constexpr std::size_t media_type_bytes = std::size_t{64} * 1024;

/// The media type of a file that begins with `first_bytes` and has this name; at least
/// "application/octet-stream".
std::string media_type_of(std::string_view first_bytes, std::string_view name);

/// The same for a file that is open; its offset stays.
/// Errors: unavailable.
Result<std::string> media_type_of(int descriptor, std::string_view name);

}  // namespace khochung::workers

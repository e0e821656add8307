#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::workers {

/// Members of an office package, by name.
using ZipPackage = std::map<std::string, std::string, std::less<>>;

/// Reads the members that `is_wanted` says from a ZIP in memory.
/// Errors: unsupported "damaged_file", "encrypted_document"; too_large "too_many_parts" above
///         10,000 members or 192 MB.
Result<ZipPackage> read_package(std::string_view zip,
                                const std::function<bool(std::string_view name)>& is_wanted);

}  // namespace khochung::workers

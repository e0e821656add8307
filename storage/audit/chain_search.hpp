#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "schemas/result.hpp"
#include "storage/audit/chain_files.hpp"

namespace khochung::storage {

/// "2026-11-1.jsonl, line 12: what is wrong", as an Error of the code corrupt.
Error damaged_line(const std::filesystem::path& file, std::uint64_t line, std::string_view what);

/// Calls `visit` with the lines of the entries from `from` to `to`, in order, without their line
/// feeds. Finds the first of them by bisection, so that it costs the same in any year.
/// `files` are those of `folder`, in order.
/// Errors: what `visit` says; corrupt when an entry is missing or does not name the one before;
/// unavailable.
Result<void> for_each_line(const std::filesystem::path& folder,
                           std::span<const AuditFileName> files, std::uint64_t from,
                           std::uint64_t to,
                           const std::function<Result<void>(std::string_view line)>& visit);

}  // namespace khochung::storage

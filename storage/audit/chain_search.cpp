#include "storage/audit/chain_search.hpp"

#include <optional>

#include "schemas/digest.hpp"
#include "storage/audit/event.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

/// So little is read through rather than bisected.
constexpr std::uint64_t near_bytes = 16 << 10;

Error damaged_at(const fs::path& file, std::uint64_t offset, std::string_view what) {
  return damaged_line(file, line_number_at(file, offset), what);
}

/// The links of the entry that stands where `reader` is.
Result<AuditLink> link_at(const LineReader& reader, const fs::path& file) {
  const auto link = link_of(reader.line());
  if (!reader.is_whole() || !link) {
    return fail(damaged_at(file, reader.begin(), "this is no entry"));
  }
  return *link;
}

Result<std::uint64_t> first_seq_of(const fs::path& file) {
  auto reader = KHOCHUNG_TRY(LineReader::open(file));
  if (!KHOCHUNG_TRY(reader.next())) return fail(damaged_line(file, 1, "the file is empty"));
  return KHOCHUNG_TRY(link_at(reader, file)).seq;
}

/// Which of the files has the entry: the last one that does not begin after it.
Result<std::size_t> file_with(const fs::path& folder, std::span<const AuditFileName> files,
                              std::uint64_t seq) {
  std::size_t low = 0;
  std::size_t high = files.size();
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    const auto first = KHOCHUNG_TRY(first_seq_of(folder / files[middle].text()));
    (first <= seq ? low : high) = middle;
  }
  return low;
}

/// Where a line begins that is the entry's or stands shortly before it.
Result<std::uint64_t> offset_near(const fs::path& file, std::uint64_t seq) {
  std::uint64_t low = 0;
  std::uint64_t high = KHOCHUNG_TRY(LineReader::open(file)).file_bytes();
  while (high - low > near_bytes) {
    const auto middle = low + (high - low) / 2;
    auto reader = KHOCHUNG_TRY(LineReader::open(file, middle));
    const bool has_line = KHOCHUNG_TRY(reader.next()) && KHOCHUNG_TRY(reader.next());
    const bool is_before =
        has_line && reader.begin() < high && KHOCHUNG_TRY(link_at(reader, file)).seq <= seq;
    if (is_before) {
      low = reader.begin();
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

Error damaged_line(const fs::path& file, std::uint64_t line, std::string_view what) {
  return {ErrorCode::corrupt,
          file.filename().string() + ", line " + std::to_string(line) + ": " + std::string(what),
          "audit_damaged"};
}

Result<void> for_each_line(const fs::path& folder, std::span<const AuditFileName> files,
                           std::uint64_t from, std::uint64_t to,
                           const std::function<Result<void>(std::string_view line)>& visit) {
  if (from > to || files.empty()) return {};
  auto expected = from;
  std::optional<Digest> before;
  const auto first_file = KHOCHUNG_TRY(file_with(folder, files, from));
  for (std::size_t i = first_file; i < files.size() && expected <= to; ++i) {
    const auto path = folder / files[i].text();
    const auto begin = i == first_file ? KHOCHUNG_TRY(offset_near(path, from)) : 0;
    auto reader = KHOCHUNG_TRY(LineReader::open(path, begin));
    while (expected <= to && KHOCHUNG_TRY(reader.next())) {
      const auto link = KHOCHUNG_TRY(link_at(reader, path));
      if (link.seq < from) continue;
      if (link.seq != expected) return fail(damaged_at(path, reader.begin(), "not the next entry"));
      if (before && link.previous != before) {
        return fail(damaged_at(path, reader.begin(), "it does not name the entry before"));
      }
      KHOCHUNG_CHECK(visit(reader.line()));
      before = Digest::of(reader.line());
      ++expected;
    }
  }
  if (expected <= to) {
    return fail(damaged_at(folder / files.back().text(), UINT64_MAX, "the end is missing"));
  }
  return {};
}

}  // namespace khochung::storage

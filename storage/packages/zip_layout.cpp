#include "storage/packages/zip_layout.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

#include "schemas/little_endian.hpp"
#include "schemas/utf8.hpp"
#include "storage/blobs/content_hasher.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t zip64_end_signature = 0x06064b50;
constexpr std::uint32_t zip64_locator_signature = 0x07064b50;
constexpr std::uint32_t end_signature = 0x06054b50;

constexpr std::uint16_t names_are_utf8 = 0x0800;
constexpr std::uint16_t stored = 0;
constexpr std::uint16_t plain_version = 20;
constexpr std::uint16_t zip64_version = 45;
constexpr std::uint16_t made_on_unix = 3U << 8U;
constexpr std::uint32_t readable_file = 0100644U << 16U;
constexpr std::uint16_t zip64_field = 0x0001;
constexpr std::uint16_t time_field = 0x5455;

/// From here on a number stands in ZIP64's field; this value says so.
constexpr auto most_32 = std::numeric_limits<std::uint32_t>::max();
constexpr auto most_16 = std::numeric_limits<std::uint16_t>::max();

constexpr std::size_t directory_piece_bytes = std::size_t{64} * 1024;
constexpr std::size_t longest_path_bytes = 4'096;

/// Times without a zone are shown as they stand: the union's own.
constexpr std::chrono::hours shown_zone{7};

bool is_large(std::uint64_t number) {
  return number >= most_32;
}

std::uint32_t in_32(std::uint64_t number) {
  return is_large(number) ? most_32 : static_cast<std::uint32_t>(number);
}

std::uint16_t in_16(std::uint64_t number) {
  return number >= most_16 ? most_16 : static_cast<std::uint16_t>(number);
}

template <typename... Numbers>
void append(std::string& to, Numbers... numbers) {
  (append_little_endian(to, numbers), ...);
}

struct DosTime {
  std::uint16_t time = 0;
  std::uint16_t date = 0;
};

/// To two seconds, from 1980 to 2107.
DosTime dos_time(Instant instant) {
  using namespace std::chrono;
  constexpr int first_year = 1980;
  constexpr int last_year = 2107;
  const auto local = floor<seconds>(instant) + shown_zone;
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss clock(local - day);
  const int year = std::clamp(static_cast<int>(date.year()), first_year, last_year);
  return {static_cast<std::uint16_t>(clock.hours().count() << 11 | clock.minutes().count() << 5 |
                                     clock.seconds().count() / 2),
          static_cast<std::uint16_t>(static_cast<unsigned>(year - first_year) << 9U |
                                     static_cast<unsigned>(date.month()) << 5U |
                                     static_cast<unsigned>(date.day()))};
}

/// The exact time, UTC, as most programs read it; empty where it does not fit.
std::string exact_time(Instant instant) {
  constexpr std::uint8_t has_modified = 1;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
  std::string field;
  if (seconds < 0 || seconds > std::numeric_limits<std::int32_t>::max()) return field;
  constexpr std::uint16_t size = 5;
  append(field, time_field, size, has_modified, static_cast<std::uint32_t>(seconds));
  return field;
}

std::string zip64_numbers(const std::vector<std::uint64_t>& numbers) {
  std::string field;
  if (numbers.empty()) return field;
  append(field, zip64_field, static_cast<std::uint16_t>(numbers.size() * sizeof(std::uint64_t)));
  for (const auto number : numbers) append(field, number);
  return field;
}

/// What local and central header say of an entry, in the same order.
void append_facts(std::string& to, const ZipEntry& entry, std::uint16_t version, Instant modified) {
  const auto [time, date] = dos_time(modified);
  const auto size = in_32(entry.size_bytes);
  append(to, version, names_are_utf8, stored, time, date, entry.crc32, size, size,
         static_cast<std::uint16_t>(entry.path.size()));
}

bool is_safe(std::string_view path) {
  if (path.empty() || path.size() > longest_path_bytes || !is_utf8(path)) return false;
  if (path.find_first_of(std::string_view("\\\0", 2)) != path.npos) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto step = path.substr(begin, end - begin);
    if (step.empty() || step == "." || step == "..") return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

Result<ZipLayout> ZipLayout::of(std::vector<ZipEntry> entries, Instant modified) {
  ZipLayout layout;
  layout.entries_ = std::move(entries);
  layout.modified_ = modified;
  std::set<std::string_view> paths;
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < layout.entries_.size(); ++i) {
    const auto& entry = layout.entries_[i];
    if (!is_safe(entry.path) || !paths.insert(entry.path).second)
      return fail(ErrorCode::bad_input, "no path for a ZIP: " + entry.path);
    layout.starts_.push_back(at);
    at += layout.local_header(i).size() + entry.size_bytes;
  }
  layout.directory_ = at;
  for (std::size_t i = 0; i < layout.entries_.size(); ++i) {
    layout.central_starts_.push_back(at);
    at += layout.central_header(i).size();
  }
  layout.end_ = at;
  layout.size_bytes_ = at + layout.end_of_directory().size();
  return layout;
}

ZipLayout::Piece ZipLayout::piece_at(std::uint64_t offset) const {
  if (offset >= end_) return end_of_directory().substr(offset - end_);
  if (offset >= directory_) return central_directory_from(offset);
  const auto next = std::ranges::upper_bound(starts_, offset);
  const auto index = static_cast<std::size_t>(next - starts_.begin()) - 1;
  auto header = local_header(index);
  const auto within = offset - starts_[index];
  if (within < header.size()) return header.substr(within);
  const auto skipped = within - header.size();
  return EntryRange{index, skipped, entries_[index].size_bytes - skipped};
}

std::string ZipLayout::local_header(std::size_t index) const {
  const auto& entry = entries_[index];
  const bool is_zip64 = is_large(entry.size_bytes);
  std::vector<std::uint64_t> large;
  if (is_zip64) large.assign(2, entry.size_bytes);
  const auto extra = zip64_numbers(large) + exact_time(modified_);
  std::string header;
  append(header, local_signature);
  append_facts(header, entry, is_zip64 ? zip64_version : plain_version, modified_);
  append(header, static_cast<std::uint16_t>(extra.size()));
  return header + entry.path + extra;
}

std::string ZipLayout::central_header(std::size_t index) const {
  const auto& entry = entries_[index];
  std::vector<std::uint64_t> large;
  if (is_large(entry.size_bytes)) large.assign(2, entry.size_bytes);
  if (is_large(starts_[index])) large.push_back(starts_[index]);
  const auto version = large.empty() ? plain_version : zip64_version;
  const auto extra = zip64_numbers(large) + exact_time(modified_);
  constexpr std::uint16_t none = 0;
  std::string header;
  append(header, central_signature, static_cast<std::uint16_t>(made_on_unix | version));
  append_facts(header, entry, version, modified_);
  append(header, static_cast<std::uint16_t>(extra.size()), none, none, none, readable_file,
         in_32(starts_[index]));
  return header + entry.path + extra;
}

std::string ZipLayout::central_directory_from(std::uint64_t offset) const {
  const auto next = std::ranges::upper_bound(central_starts_, offset);
  auto index = static_cast<std::size_t>(next - central_starts_.begin()) - 1;
  std::string piece = central_header(index).substr(offset - central_starts_[index]);
  while (++index < entries_.size() && piece.size() < directory_piece_bytes)
    piece += central_header(index);
  return piece;
}

std::string ZipLayout::end_of_directory() const {
  const std::uint64_t count = entries_.size();
  const auto directory_bytes = end_ - directory_;
  constexpr std::uint32_t disk = 0;
  std::string record;
  if (count >= most_16 || is_large(directory_) || is_large(directory_bytes)) {
    constexpr std::uint64_t rest_of_record = 44;
    constexpr std::uint32_t disks = 1;
    append(record, zip64_end_signature, rest_of_record,
           static_cast<std::uint16_t>(made_on_unix | zip64_version), zip64_version, disk, disk,
           count, count, directory_bytes, directory_);
    append(record, zip64_locator_signature, disk, end_, disks);
  }
  constexpr std::uint16_t none = 0;
  append(record, end_signature, none, none, in_16(count), in_16(count), in_32(directory_bytes),
         in_32(directory_), none);
  return record;
}

Result<std::string> stored_zip(const std::vector<std::pair<std::string, std::string>>& files,
                               Instant modified) {
  std::vector<ZipEntry> entries;
  for (const auto& [path, bytes] : files) {
    ContentHasher hasher;
    hasher.update(std::as_bytes(std::span(bytes)));
    entries.push_back({path, bytes.size(), hasher.finish().crc32});
  }
  const auto layout = KHOCHUNG_TRY(ZipLayout::of(std::move(entries), modified));
  std::string zip;
  while (zip.size() < layout.size_bytes()) {
    const auto piece = layout.piece_at(zip.size());
    const auto* range = std::get_if<ZipLayout::EntryRange>(&piece);
    zip += range == nullptr ? std::get<std::string>(piece) : files[range->entry].second;
  }
  return zip;
}

}  // namespace khochung::storage

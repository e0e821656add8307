#include "indexer/index/seal.hpp"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "indexer/index/folder.hpp"

namespace khochung::index {
namespace {

namespace fs = std::filesystem;
using storage::FileDescriptor;

/// Xapian's default, also of what it compacts; nothing here asks for another.
constexpr std::size_t block_bytes = 8192;
constexpr std::size_t revision_bytes = 4;
constexpr std::uint32_t slices = 256;

/// The seal is a header and then, for each stretch of blocks, the sums of each table, all of one
/// sector: a disk writes the old or the new one.
constexpr std::size_t sector_bytes = 512;
constexpr std::size_t sum_bytes = 4;
constexpr std::uint32_t blocks_a_stretch = sector_bytes / sum_bytes;
constexpr std::string_view seal_name = "seal";
constexpr std::string_view magic = "KCSEAL2\n";
/// Of a block that the committed revision does not have.
constexpr std::uint32_t no_sum = 0;

/// A block of the list of free blocks: revision, level, numbers of blocks, number of the next one.
constexpr std::size_t level_at = 4;
constexpr char level_of_list = '\xfe';
constexpr std::uint32_t first_entry = 8;
constexpr std::uint32_t next_list_block = block_bytes - 4;

std::uint32_t crc_of(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

std::uint32_t sum_of(std::string_view block) {
  return std::max(crc_of(block), no_sum + 1);
}

std::string hex(std::uint32_t number) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(number));
  return text.data();
}

/// Ours are little-endian.
std::string little(std::uint32_t number) {
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<char>((number >> shift) & 0xFFU));
  return bytes;
}

std::uint32_t little_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = sum_bytes; i-- > 0;)
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

/// Xapian's are big-endian.
std::uint32_t big_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < revision_bytes; ++i)
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

std::uint32_t revision_of(std::string_view block) {
  return big_at(block, 0);
}

off_t offset_of_sum(std::size_t table, std::uint32_t block) {
  const auto sector = std::size_t{block / blocks_a_stretch} * table_names.size() + table;
  return static_cast<off_t>(sector_bytes * (1 + sector) + block % blocks_a_stretch * sum_bytes);
}

auto corrupt(std::string_view what) {
  return fail(ErrorCode::corrupt, "index: " + std::string(what));
}

/// One that is not there is not open. Errors: unavailable.
Result<FileDescriptor> open_file(const fs::path& file, int flags) {
  FileDescriptor opened(::open(file.c_str(), flags | O_CLOEXEC, 0644));
  if (!opened.is_open() && errno != ENOENT) return failure(file, "open", errno);
  return opened;
}

/// Up to `count` bytes: what there is of them. Errors: unavailable.
Result<std::string> read_at(const FileDescriptor& file, off_t offset, std::size_t count) {
  std::string bytes(file.is_open() ? count : 0, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::pread(file.get(), bytes.data() + filled, bytes.size() - filled,
                             offset + static_cast<off_t>(filled));
    if (got == 0) break;
    if (got < 0 && errno != EINTR) return failure("", "read", errno);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::string> read_block(const FileDescriptor& file, std::uint32_t number) {
  return read_at(file, static_cast<off_t>(number * block_bytes), block_bytes);
}

/// Errors: disk_full; unavailable.
Result<void> write_at(const FileDescriptor& file, off_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::pwrite(file.get(), bytes.data(), bytes.size(), offset);
    if (put < 0 && errno != EINTR) return failure(seal_name, "write", errno);
    if (put < 0) continue;
    offset += put;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> sync(const FileDescriptor& file) {
  if (::fdatasync(file.get()) != 0) return failure(seal_name, "fdatasync", errno);
  return {};
}

/// The version file as it is. Errors: unavailable.
Result<std::string> version_bytes(const fs::path& database) {
  constexpr std::size_t most_bytes = 256;  // Xapian reads no more
  return read_at(KHOCHUNG_TRY(open_file(database / VersionFile::name, O_RDONLY)), 0, most_bytes);
}

/// The numbers between two places of a list of free blocks. Errors: corrupt; unavailable.
Result<std::vector<std::uint32_t>> free_blocks(const FileDescriptor& file, FreeListPlace from,
                                               FreeListPlace to, std::uint32_t blocks) {
  std::vector<std::uint32_t> numbers;
  std::string list;
  while (from != to) {
    if (list.empty()) list = KHOCHUNG_TRY(read_block(file, from.block));
    if (list.size() < block_bytes || list[level_at] != level_of_list || from.offset < first_entry ||
        from.offset > next_list_block || numbers.size() > 2 * std::size_t{blocks})
      return corrupt("a list of free blocks is damaged");
    const auto number = big_at(list, from.offset);
    if (number >= blocks) return corrupt("a list of free blocks names one that is not there");
    if (from.offset == next_list_block) {
      from = {number, first_entry};
      list.clear();
    } else {
      numbers.push_back(number);
      from.offset += 4;
    }
  }
  return numbers;
}

std::uint32_t stretches_of(const VersionFile& version) {
  std::uint32_t blocks = 0;
  for (const auto& table : version.tables) blocks = std::max(blocks, table.blocks);
  return (blocks + blocks_a_stretch - 1) / blocks_a_stretch;
}

off_t seal_bytes_of(const VersionFile& version) {
  return offset_of_sum(0, stretches_of(version) * blocks_a_stretch);
}

std::string part_name(std::size_t table, std::uint32_t block) {
  return std::string(table_names.at(table)) + ", block " + std::to_string(block);
}

}  // namespace

Result<Seal> Seal::make(const fs::path& database) {
  return Seal(database, KHOCHUNG_TRY(open_file(database / seal_name, O_RDWR | O_CREAT | O_TRUNC)));
}

Result<Seal> Seal::open(const fs::path& database) {
  Seal seal(database, KHOCHUNG_TRY(open_file(database / seal_name, O_RDWR)));
  if (!seal.file_.is_open()) return fail(ErrorCode::not_found, "index: it has no seal");
  if (!seal.decode(KHOCHUNG_TRY(read_at(seal.file_, 0, sector_bytes))))
    return corrupt("its seal is damaged");
  return seal;
}

std::string Seal::header() const {
  std::string body;
  for (const auto revision : list_revisions_) body += little(revision);
  body += little(static_cast<std::uint32_t>(version_bytes_.size())) + version_bytes_;
  body.resize(sector_bytes - magic.size() - sum_bytes);
  return std::string(magic) + little(crc_of(body)) + body;
}

bool Seal::decode(std::string_view header) {
  if (header.size() < sector_bytes || !header.starts_with(magic)) return false;
  header.remove_prefix(magic.size());
  if (little_at(header, 0) != crc_of(header.substr(sum_bytes))) return false;
  header.remove_prefix(sum_bytes);
  for (std::size_t table = 0; table < table_names.size(); ++table)
    list_revisions_.at(table) = little_at(header, table * sum_bytes);
  header.remove_prefix(table_names.size() * sum_bytes);
  version_bytes_ = header.substr(sum_bytes, little_at(header, 0));
  const auto version = version_file_from(version_bytes_);
  if (version) version_ = *version;
  return version.has_value();
}

/// Every commit of ours writes the root of the postings anew.
Result<bool> Seal::is_next(const std::optional<VersionFile>& version) const {
  if (!version) return false;
  if (!version_bytes_.empty() && version->revision != version_.revision + 1) return false;
  const auto postings = KHOCHUNG_TRY(open_file(database_ / table_names[0], O_RDONLY));
  const auto root = KHOCHUNG_TRY(read_block(postings, version->tables[0].root));
  return root.size() == block_bytes && revision_of(root) == version->revision;
}

Result<void> Seal::check_version_file() const {
  const auto bytes = KHOCHUNG_TRY(version_bytes(database_));
  if (bytes == version_bytes_ || KHOCHUNG_TRY(is_next(version_file_from(bytes)))) return {};
  return corrupt("its version file is not the one that was sealed");
}

Result<void> Seal::follow() {
  KHOCHUNG_CHECK(check_version_file());
  auto bytes = KHOCHUNG_TRY(version_bytes(database_));
  if (bytes == version_bytes_) return {};
  const auto now = version_file_from(bytes);
  for (std::size_t table = 0; table < table_names.size(); ++table)
    KHOCHUNG_CHECK(follow(table, now->tables.at(table)));
  return keep(std::move(bytes), *now);
}

Result<void> Seal::follow_failed() {
  auto bytes = KHOCHUNG_TRY(version_bytes(database_));
  if (bytes == version_bytes_) return {};
  const auto now = version_file_from(bytes);
  const auto is_same = [](const TableState& one, const TableState& other) {
    return one.root == other.root && one.front == other.front && one.back == other.back;
  };
  if (!now || !std::ranges::equal(now->tables, version_.tables, is_same))
    return corrupt("a commit that failed changed its version file");
  return keep(std::move(bytes), *now);
}

Result<void> Seal::keep(std::string bytes, const VersionFile& now) {
  if (seal_bytes_of(now) > seal_bytes_of(version_) &&
      ::ftruncate(file_.get(), seal_bytes_of(now)) != 0)
    return failure(database_ / seal_name, "lengthen", errno);
  version_bytes_ = std::move(bytes);
  version_ = now;
  // The header promises what is on the disk.
  KHOCHUNG_CHECK(sync(file_));
  KHOCHUNG_CHECK(write_at(file_, 0, header()));
  return sync(file_);
}

/// Does no harm when it was half done before.
Result<void> Seal::follow(std::size_t table, const TableState& now) {
  const auto& before = version_.tables.at(table);
  const auto file = KHOCHUNG_TRY(open_file(database_ / table_names.at(table), O_RDONLY));
  const bool had_list = before.back.offset != 0;
  const bool has_list = now.back.offset != 0;
  if (had_list) {
    for (const auto number : KHOCHUNG_TRY(free_blocks(file, before.front, now.front, now.blocks)))
      KHOCHUNG_CHECK(take_sum_of_free(file, table, number));
    KHOCHUNG_CHECK(take_sum_of_list(file, table, before.back.block));
  }
  for (auto number = before.blocks; number < now.blocks; ++number)
    KHOCHUNG_CHECK(take_sum(file, table, number));
  if (!has_list) return {};
  const auto list = KHOCHUNG_TRY(take_sum(file, table, now.back.block));
  list_revisions_.at(table) = list.size() == block_bytes ? revision_of(list) : 0;
  const auto back = had_list ? before.back : now.front;
  for (const auto number : KHOCHUNG_TRY(free_blocks(file, back, now.back, now.blocks)))
    KHOCHUNG_CHECK(forget_sum(file, table, number));
  return {};
}

/// Gives the block.
Result<std::string> Seal::take_sum(const FileDescriptor& file, std::size_t table,
                                   std::uint32_t number) const {
  auto block = KHOCHUNG_TRY(read_block(file, number));
  const bool is_whole = block.size() == block_bytes;
  KHOCHUNG_CHECK(set_sum(table, number, is_whole ? sum_of(block) : no_sum));
  return block;
}

/// A list of free blocks that rotted had Xapian write over one in use.
Result<void> Seal::take_sum_of_free(const FileDescriptor& file, std::size_t table,
                                    std::uint32_t number) const {
  const auto sum = KHOCHUNG_TRY(sum_at(table, number));
  const auto block = KHOCHUNG_TRY(take_sum(file, table, number));
  if (sum != no_sum && sum != sum_of(block)) return corrupt("a block in use was written over");
  return {};
}

/// The block is written in place, behind what it had.
Result<void> Seal::take_sum_of_list(const FileDescriptor& file, std::size_t table,
                                    std::uint32_t number) const {
  const auto sum = KHOCHUNG_TRY(sum_at(table, number));
  const auto block = KHOCHUNG_TRY(read_block(file, number));
  const bool is_whole = block.size() == block_bytes;
  if (sum != no_sum &&
      !(is_whole && (sum == sum_of(block) || is_of_unfinished_commit(table, number, block, sum))))
    return corrupt("a list of free blocks rotted: " + part_name(table, number));
  return set_sum(table, number, is_whole ? sum_of(block) : no_sum);
}

/// What took the place of a block was made of it: one that had rotted has passed its rot on.
Result<void> Seal::forget_sum(const FileDescriptor& file, std::size_t table,
                              std::uint32_t number) const {
  const auto sum = KHOCHUNG_TRY(sum_at(table, number));
  const auto block = KHOCHUNG_TRY(read_block(file, number));
  if (sum != no_sum && (block.size() != block_bytes || sum != sum_of(block)))
    return corrupt("a block rotted before it was replaced: " + part_name(table, number));
  return set_sum(table, number, no_sum);
}

Result<std::uint32_t> Seal::sum_at(std::size_t table, std::uint32_t block) const {
  const auto bytes = KHOCHUNG_TRY(read_at(file_, offset_of_sum(table, block), sum_bytes));
  return bytes.size() == sum_bytes ? little_at(bytes, 0) : no_sum;
}

Result<void> Seal::set_sum(std::size_t table, std::uint32_t block, std::uint32_t sum) const {
  return write_at(file_, offset_of_sum(table, block), little(sum));
}

std::vector<Seal::Stretch> Seal::stretches(std::optional<std::uint8_t> slice) const {
  std::vector<Stretch> stretches;
  for (std::uint32_t number = slice.value_or(0); number < stretches_of(version_);
       number += slice ? slices : 1)
    for (std::size_t table = 0; table < table_names.size(); ++table)
      stretches.push_back({table, number});
  return stretches;
}

Result<void> Seal::check(const Stretch& stretch, From from, CheckReport& report) const {
  const auto first = stretch.number * blocks_a_stretch;
  const auto sums = KHOCHUNG_TRY(read_at(file_, offset_of_sum(stretch.table, first), sector_bytes));
  if (sums.find_first_not_of('\0') == std::string::npos) return {};
  const auto path = database_ / table_names.at(stretch.table);
  const auto file = KHOCHUNG_TRY(open_file(path, O_RDONLY));
  const auto offset = static_cast<off_t>(first * block_bytes);
  constexpr auto length = blocks_a_stretch * block_bytes;
  if (from == From::disk && file.is_open())
    ::posix_fadvise(file.get(), offset, length, POSIX_FADV_DONTNEED);
  const auto bytes = KHOCHUNG_TRY(read_at(file, offset, length));
  report.bytes += static_cast<std::int64_t>(bytes.size());
  for (std::uint32_t at = 0; at < sums.size() / sum_bytes; ++at) {
    const auto sum = little_at(sums, at * sum_bytes);
    if (sum == no_sum) continue;
    ++report.blocks;
    const auto block = std::string_view(bytes)
                           .substr(std::min(bytes.size(), at * block_bytes))
                           .substr(0, block_bytes);
    const auto number = first + at;
    const bool is_whole = block.size() == block_bytes;
    if (is_whole &&
        (sum_of(block) == sum || is_of_unfinished_commit(stretch.table, number, block, sum)))
      continue;
    report.damages.push_back(
        {path, part_name(stretch.table, number), hex(sum), is_whole ? hex(sum_of(block)) : ""});
  }
  return {};
}

/// The one block of a committed revision that is written again in place: the last of the list of
/// free blocks, of which the entries behind the back of the list are not used yet.
bool Seal::is_of_unfinished_commit(std::size_t table, std::uint32_t number, std::string_view block,
                                   std::uint32_t sum) const {
  const auto& back = version_.tables.at(table).back;
  if (back.offset == 0 || number != back.block || revision_of(block) <= list_revisions_.at(table) ||
      revision_of(block) > std::uint64_t{version_.revision} + 1)
    return false;
  std::string before(block);
  auto revision = little(list_revisions_.at(table));
  std::ranges::reverse(revision);
  before.replace(0, revision_bytes, revision);
  std::fill(before.begin() + back.offset, before.end(), '\xff');
  return sum_of(before) == sum;
}

Result<void> Seal::check_small_files(CheckReport& report) const {
  const auto bytes = KHOCHUNG_TRY(version_bytes(database_));
  report.bytes += static_cast<std::int64_t>(bytes.size());
  // A process that was killed may have left a commit that is not sealed yet.
  if (bytes != version_bytes_ && !KHOCHUNG_TRY(is_next(version_file_from(bytes))))
    report.damages.push_back({database_ / VersionFile::name, std::string(VersionFile::name),
                              hex(crc_of(version_bytes_)), hex(crc_of(bytes))});
  struct stat info{};
  if (::fstat(file_.get(), &info) != 0) return failure(database_ / seal_name, "look at", errno);
  const auto found = KHOCHUNG_TRY(read_at(file_, 0, sector_bytes));
  if (found != header() || info.st_size < seal_bytes_of(version_))
    report.damages.push_back(
        {database_ / seal_name, std::string(seal_name), hex(crc_of(header())), hex(crc_of(found))});
  return {};
}

Result<void> seal(const fs::path& database) {
  return KHOCHUNG_TRY(Seal::make(database)).follow();
}

Result<CheckReport> check_unopened(const fs::path& folder) {
  CheckReport report;
  const auto database = current_generation(folder);
  if (!database && database.error().code == ErrorCode::not_found) return fail(database.error());
  std::error_code error;
  if (!database || !fs::exists(*database, error)) {
    report.damages.push_back({folder / "current", "current", "", ""});
    return report;
  }
  report.may_be_torn = fs::exists(*database / open_mark, error);
  const auto seal = Seal::open(*database);
  if (!seal && seal.error().code == ErrorCode::unavailable) return fail(seal.error());
  if (!seal) {
    report.damages.push_back({*database / seal_name, std::string(seal_name), "", ""});
    return report;
  }
  for (const auto& stretch : seal->stretches(std::nullopt))
    KHOCHUNG_CHECK(seal->check(stretch, Seal::From::memory, report));
  KHOCHUNG_CHECK(seal->check_small_files(report));
  return report;
}

}  // namespace khochung::index

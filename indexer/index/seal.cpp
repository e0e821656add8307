#include "indexer/index/seal.hpp"

#include <fcntl.h>
#include <libdeflate.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include "indexer/index/folder.hpp"

namespace khochung::index {
namespace {

namespace fs = std::filesystem;

/// Xapian's default, also of what it compacts; nothing here asks for another.
constexpr std::size_t block_bytes = 8192;
constexpr std::size_t revision_bytes = 4;
constexpr std::size_t blocks_a_stretch = 128;
constexpr std::size_t slices = 256;

constexpr std::string_view seal_name = "seal";
constexpr std::string_view magic = "KCSEAL1\n";
constexpr std::string_view version_file_name = "iamglass";
constexpr std::string_view table_extension = ".glass";
/// No sum was taken: the block was being written when it was read.
constexpr std::uint32_t no_revision = std::numeric_limits<std::uint32_t>::max();

std::uint32_t crc_of(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

std::string hex(std::uint32_t number) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(number));
  return text.data();
}

void put(std::string& bytes, std::uint32_t number) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<char>((number >> shift) & 0xFFU));
}

/// Takes numbers and strings off the front; once something is missing, only nothing comes.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}
  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) is_short_ = true;
    if (is_short_) return {};
    const auto taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::uint32_t number() {
    const auto taken = take(4);
    std::uint32_t number = 0;
    for (std::size_t at = taken.size(); at-- > 0;)
      number = number << 8U | static_cast<unsigned char>(taken[at]);
    return number;
  }
  [[nodiscard]] bool is_short() const { return is_short_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool is_short_ = false;
};

/// As Xapian writes numbers: seven bits a byte, the lowest first.
std::optional<std::uint32_t> take_packed(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) != 0) continue;
    if (number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return static_cast<std::uint32_t>(number);
  }
  return std::nullopt;
}

std::uint32_t revision_of(std::string_view block) {
  std::uint32_t number = 0;
  for (const char byte : block.substr(0, revision_bytes))
    number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

auto failure(const fs::path& file, std::string_view what) {
  return fail(ErrorCode::unavailable,
              "index: " + std::string(what) + " " + file.string() + ": " + std::strerror(errno));
}

/// Reads up to `into.size()` bytes and cuts it to what there was; nothing at all where there is no
/// file. Errors: unavailable.
Result<void> read_at(const fs::path& file, std::size_t offset, Seal::From from, std::string& into) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    into.clear();
    return {};
  }
  if (descriptor < 0) return failure(file, "open");
  const auto length = static_cast<off_t>(into.size());
  if (from == Seal::From::disk)
    ::posix_fadvise(descriptor, static_cast<off_t>(offset), length, POSIX_FADV_DONTNEED);
  std::size_t filled = 0;
  ssize_t got = 1;
  while (filled < into.size() && (got > 0 || errno == EINTR)) {
    got = ::pread(descriptor, into.data() + filled, into.size() - filled,
                  static_cast<off_t>(offset + filled));
    if (got == 0) break;
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (got < 0) return failure(file, "read");
  into.resize(filled);
  return {};
}

/// A file as it is; nothing where there is none. Errors: unavailable.
Result<std::string> whole(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  std::string bytes(error ? 0 : static_cast<std::size_t>(size), '\0');
  KHOCHUNG_CHECK(read_at(file, 0, Seal::From::memory, bytes));
  return bytes;
}

std::string part_name(const fs::path& file, std::size_t block) {
  return file.filename().string() + ", block " + std::to_string(block);
}

}  // namespace

std::optional<VersionFile> version_file_from(std::string_view bytes) {
  constexpr std::string_view xapian_magic = "\x0f\x0dXapian Glass";
  constexpr std::size_t format_and_uuid_bytes = 2 + 16;
  if (!bytes.starts_with(xapian_magic)) return std::nullopt;
  bytes.remove_prefix(xapian_magic.size());
  if (bytes.size() < format_and_uuid_bytes) return std::nullopt;
  bytes.remove_prefix(format_and_uuid_bytes);
  const auto revision = take_packed(bytes);
  const auto root = take_packed(bytes);
  if (!revision || !root) return std::nullopt;
  return VersionFile{*revision, *root};
}

Result<Seal> Seal::read(const fs::path& database) {
  Seal seal(database);
  const auto bytes = KHOCHUNG_TRY(whole(database / seal_name));
  std::error_code error;
  if (bytes.empty() && !fs::exists(database / seal_name, error)) return seal;
  KHOCHUNG_CHECK(decode(bytes, seal));
  return seal;
}

Result<void> Seal::decode(std::string_view bytes, Seal& seal) {
  const auto damaged = fail(ErrorCode::corrupt, "index: its seal is damaged");
  Taker taker(bytes);
  const bool is_seal = taker.take(magic.size()) == magic;
  const auto sum = taker.number();
  if (!is_seal || taker.is_short() || sum != crc_of(bytes.substr(bytes.size() - taker.left())))
    return damaged;
  seal.version_file_ = taker.take(taker.number());
  for (auto tables = taker.number(); tables > 0 && !taker.is_short(); --tables) {
    const std::string name(taker.take(taker.number()));
    const auto count = taker.number();
    if (count > taker.left() / sizeof(BlockSum)) return damaged;
    auto& sums = seal.tables_[name];
    sums.reserve(count);
    for (auto left = count; left > 0; --left) {
      const auto revision = taker.number();
      sums.push_back({revision, taker.number()});
    }
  }
  if (taker.is_short() || taker.left() > 0) return damaged;
  return {};
}

Result<void> Seal::write() const {
  std::string body;
  put(body, static_cast<std::uint32_t>(version_file_.size()));
  body += version_file_;
  put(body, static_cast<std::uint32_t>(tables_.size()));
  for (const auto& [name, sums] : tables_) {
    put(body, static_cast<std::uint32_t>(name.size()));
    body += name;
    put(body, static_cast<std::uint32_t>(sums.size()));
    for (const auto& [revision, sum] : sums) {
      put(body, revision);
      put(body, sum);
    }
  }
  std::string head(magic);
  put(head, crc_of(body));
  return replace_file(database_ / seal_name, head + body);
}

Result<std::uint64_t> Seal::table_bytes(const fs::path& database) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(database, error)) {
    if (entry.path().extension() == table_extension) bytes += entry.file_size(error);
    if (error) break;
  }
  if (error) return fail(ErrorCode::unavailable, "index: " + error.message());
  return bytes;
}

Result<std::vector<Seal::Stretch>> Seal::stretches(std::optional<std::uint8_t> slice) const {
  std::map<std::string, std::size_t> blocks;
  for (const auto& [name, sums] : tables_) blocks[name] = sums.size();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(database_, error)) {
    if (entry.path().extension() != table_extension) continue;
    auto& known = blocks[entry.path().filename().string()];
    known = std::max<std::size_t>(known, entry.file_size(error) / block_bytes);
    if (error) break;
  }
  if (error) return fail(ErrorCode::unavailable, "index: " + error.message());
  std::vector<Stretch> stretches;
  for (const auto& [name, count] : blocks) {
    for (std::size_t first = 0; first < count; first += blocks_a_stretch) {
      if (slice && first / blocks_a_stretch % slices != *slice) continue;
      stretches.push_back({name, first, std::min(blocks_a_stretch, count - first)});
    }
  }
  return stretches;
}

Result<void> Seal::check(const Stretch& stretch, std::uint32_t revision, From from,
                         CheckReport& report) {
  const auto file = database_ / stretch.table;
  std::string bytes(stretch.blocks * block_bytes, '\0');
  KHOCHUNG_CHECK(read_at(file, stretch.first_block * block_bytes, from, bytes));
  report.bytes += static_cast<std::int64_t>(bytes.size());
  const auto sealed = tables_[stretch.table].size();
  for (std::size_t at = 0; at < stretch.blocks; ++at) {
    const auto number = stretch.first_block + at;
    const auto block = std::string_view(bytes).substr(std::min(bytes.size(), at * block_bytes));
    if (block.size() >= block_bytes)
      check(file, number, block.substr(0, block_bytes), revision, report);
    else if (number < sealed)
      report.damages.push_back({file, part_name(file, number), "", ""});
  }
  return {};
}

void Seal::check(const fs::path& file, std::size_t number, std::string_view block,
                 std::uint32_t revision, CheckReport& report) {
  ++report.blocks;
  auto& sums = tables_[file.filename().string()];
  if (number >= sums.size()) sums.resize(number + 1, {no_revision, 0});
  auto& known = sums[number];
  const BlockSum found{revision_of(block), crc_of(block.substr(revision_bytes))};
  const bool is_known = known.revision != no_revision;
  if (is_known && found == known) return;
  // A bit of the revision alone that turned over would pass for a new block.
  const bool may_be_new = !is_known || (found.revision > known.revision && found.sum != known.sum);
  if (!may_be_new || found.revision > std::uint64_t{revision} + 1) {
    report.damages.push_back(
        {file, part_name(file, number), is_known ? hex(known.sum) : "", hex(found.sum)});
    return;
  }
  // What is not committed may be written again as it is.
  if (found.revision > revision) return;
  known = found;
  has_changed_ = true;
}

Result<void> Seal::check_version(std::uint32_t revision, CheckReport& report) {
  const auto file = database_ / version_file_name;
  auto bytes = KHOCHUNG_TRY(whole(file));
  report.bytes += static_cast<std::int64_t>(bytes.size());
  const auto found = version_file_from(bytes);
  if (found && found->revision == revision) {
    if (bytes == version_file_) return {};
    const auto before = version_file_from(version_file_);
    const auto of_root = KHOCHUNG_TRY(revision_of_root(found->root_of_postings));
    if ((!before || found->revision > before->revision) && of_root == found->revision) {
      version_file_ = std::move(bytes);
      has_changed_ = true;
      return {};
    }
  }
  report.damages.push_back({file, std::string(version_file_name),
                            version_file_.empty() ? "" : hex(crc_of(version_file_)),
                            hex(crc_of(bytes))});
  return {};
}

Result<std::optional<std::uint32_t>> Seal::revision_of_root(std::uint32_t root) const {
  std::string bytes(revision_bytes, '\0');
  KHOCHUNG_CHECK(read_at(database_ / ("postlist" + std::string(table_extension)),
                         root * block_bytes, From::memory, bytes));
  if (bytes.size() < revision_bytes) return std::nullopt;
  return revision_of(bytes);
}

Result<void> seal(const fs::path& database) {
  auto sums = KHOCHUNG_TRY(Seal::read(database));
  const auto version = version_file_from(KHOCHUNG_TRY(whole(database / version_file_name)));
  if (!version) return fail(ErrorCode::corrupt, "index: its version file is damaged");
  CheckReport report;
  for (const auto& stretch : KHOCHUNG_TRY(sums.stretches(std::nullopt)))
    KHOCHUNG_CHECK(sums.check(stretch, version->revision, Seal::From::memory, report));
  KHOCHUNG_CHECK(sums.check_version(version->revision, report));
  if (!report.damages.empty())
    return fail(ErrorCode::corrupt, "index: " + report.damages.front().part + " is damaged");
  return sums.write();
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
  auto sums = Seal::read(*database);
  if (!sums && sums.error().code != ErrorCode::corrupt) return fail(sums.error());
  if (!sums) {
    report.damages.push_back({*database / seal_name, std::string(seal_name), "", ""});
    return report;
  }
  const auto version = version_file_from(KHOCHUNG_TRY(whole(*database / version_file_name)));
  // Without the revision nothing tells a new block from a damaged one.
  const auto revision = version ? version->revision : no_revision;
  for (const auto& stretch : KHOCHUNG_TRY(sums->stretches(std::nullopt)))
    KHOCHUNG_CHECK(sums->check(stretch, revision, Seal::From::memory, report));
  KHOCHUNG_CHECK(sums->check_version(revision, report));
  return report;
}

}  // namespace khochung::index

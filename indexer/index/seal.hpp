#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/index/version_file.hpp"
#include "schemas/result.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::index {

/// A part of an index that is not as it was written.
struct Damage {
  std::filesystem::path file;
  std::string part;      ///< "postlist.glass, block 17"
  std::string expected;  ///< CRC-32 in hex; empty where there is none
  std::string found;
};

/// What a check of an index showed.
struct CheckReport {
  std::int64_t blocks = 0;
  std::int64_t bytes = 0;
  std::vector<Damage> damages;
  /// The last owner ended without closing the index, so a disk that does not keep its promises may
  /// have lost a part of the last commit.
  bool may_be_torn = false;
};

/// The sums of an index's blocks, in a file beside them. Xapian keeps none: of 300 flipped bits its
/// own checker saw 264, and 217 changed what searches found without any error.
///
/// A commit writes only to blocks that were free, and its list of free blocks tells which: what was
/// taken from the front was written, what came to the back is needed no more. So after each commit
/// the sums of just these blocks change, and every block of the committed revision always has its
/// sum, whatever the next commit has already written elsewhere. What is needed no more is held
/// against its sum once more: the commit has made something else of it.
/// Threads: one at a time, and nobody may write to the index meanwhile.
/// Source: schemas/formats.md, "Seal of the index"; Xapian 1.4, backends/glass/glass_freelist.cc.
class Seal {
 public:
  /// Blocks of one table that lie together and are read in one go.
  struct Stretch {
    std::size_t table = 0;
    std::uint32_t number = 0;
  };
  enum class From { memory, disk };

  /// A seal without sums for a database that has none yet. Errors: disk_full; unavailable.
  static Result<Seal> make(const std::filesystem::path& database);
  /// Errors: not_found; corrupt; unavailable.
  static Result<Seal> open(const std::filesystem::path& database);

  /// Takes the sums of what the last commit wrote, durably. To be called after each commit, when it
  /// is durable; one commit may have been missed in a crash.
  /// Errors: corrupt when the version file or a list of free blocks is not as Xapian wrote it;
  /// disk_full; unavailable.
  Result<void> follow();
  /// Errors: corrupt when the version file is neither the sealed one nor the next; unavailable.
  [[nodiscard]] Result<void> check_version_file() const;
  /// To be called after a commit that failed: where Xapian went back, it gave the state before a
  /// revision of its own. Errors: as follow().
  Result<void> follow_failed();

  /// What there is to check, all of it or one of 256 parts.
  [[nodiscard]] std::vector<Stretch> stretches(std::optional<std::uint8_t> slice) const;
  /// Holds blocks against their sums. `from`: whether the kernel's copies will do.
  /// Errors: unavailable.
  Result<void> check(const Stretch& stretch, From from, CheckReport& report) const;
  /// The same for the version file and the seal itself.
  Result<void> check_small_files(CheckReport& report) const;

 private:
  Seal(std::filesystem::path database, storage::FileDescriptor file)
      : database_(std::move(database)), file_(std::move(file)) {}
  [[nodiscard]] Result<bool> is_next(const std::optional<VersionFile>& version) const;
  Result<void> follow(std::size_t table, const TableState& now);
  Result<void> keep(std::string bytes, const VersionFile& now);
  Result<std::string> take_sum(const storage::FileDescriptor& file, std::size_t table,
                               std::uint32_t number) const;
  Result<void> take_sum_of_free(const storage::FileDescriptor& file, std::size_t table,
                                std::uint32_t number) const;
  Result<void> take_sum_of_list(const storage::FileDescriptor& file, std::size_t table,
                                std::uint32_t number) const;
  Result<void> forget_sum(const storage::FileDescriptor& file, std::size_t table,
                          std::uint32_t number) const;
  [[nodiscard]] Result<std::uint32_t> sum_at(std::size_t table, std::uint32_t block) const;
  Result<void> set_sum(std::size_t table, std::uint32_t block, std::uint32_t sum) const;
  [[nodiscard]] bool is_of_unfinished_commit(std::size_t table, std::uint32_t number,
                                             std::string_view block, std::uint32_t sum) const;
  [[nodiscard]] std::string header() const;
  bool decode(std::string_view header);

  std::filesystem::path database_;
  storage::FileDescriptor file_;
  std::string version_bytes_;  ///< the version file as of the last commit; empty at first
  VersionFile version_;
  /// The revision that the last block of each list of free blocks has.
  std::array<std::uint32_t, table_names.size()> list_revisions_{};
};

/// Stands in the folder of a database while it is open for writing.
inline constexpr std::string_view open_mark = "open";

/// Seals a database that was just written and nobody uses yet. Errors: corrupt; unavailable;
/// disk_full.
Result<void> seal(const std::filesystem::path& database);

/// Holds the index in use against its seal as it lies, without opening it.
/// Errors: not_found when there is no index; unavailable.
Result<CheckReport> check_unopened(const std::filesystem::path& folder);

}  // namespace khochung::index

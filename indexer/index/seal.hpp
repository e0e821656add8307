#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::index {

/// Whether the index is sealed and held against its seal. Not yet: since changes stand in
/// transactions of Xapian, a test has seen sound blocks called damaged (index_seal,
/// no_change_is_called_damage), and a false alarm costs a rebuild.
inline constexpr bool is_seal_in_use = false;

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
  /// The last owner ended without closing the index: a block that nothing uses may be half written.
  bool may_be_torn = false;
};

/// The sums of an index's blocks. Xapian keeps none: of 300 flipped bits its own checker saw 264,
/// and 217 changed what searches found without any error.
///
/// Each block of a table begins with the revision in which it was written, and a block of a
/// committed revision is never written again before a later one has freed it. So a block that still
/// has the revision of its sum must have the sum, and one with other bytes must be of a later
/// revision, at most the one that is now being written; its sum is taken then. What was written
/// since the last check is vouched for by nothing.
/// Threads: one at a time; while a stretch is checked nobody may write to the index.
/// Source: schemas/formats.md, "Seal of the index".
class Seal {
 public:
  /// Blocks that lie together and are read in one go.
  struct Stretch {
    std::string table;
    std::size_t first_block = 0;
    std::size_t blocks = 0;
  };
  enum class From { memory, disk };

  /// The seal of a Xapian database; one without sums where it has none yet.
  /// Errors: corrupt; unavailable.
  static Result<Seal> read(const std::filesystem::path& database);
  /// Keeps it, durably. Errors: disk_full; unavailable.
  Result<void> write() const;
  /// Whether a check has taken a sum.
  [[nodiscard]] bool has_changed() const { return has_changed_; }
  /// How long the tables of a database are together. Errors: unavailable.
  static Result<std::uint64_t> table_bytes(const std::filesystem::path& database);

  /// What there is to check, all of it or one of 256 parts. Errors: unavailable.
  [[nodiscard]] Result<std::vector<Stretch>> stretches(std::optional<std::uint8_t> slice) const;
  /// Holds blocks against their sums, and takes the sums of those that are new since. `revision`:
  /// the last one that was committed; `from`: whether the kernel's copies will do.
  /// Errors: unavailable.
  Result<void> check(const Stretch& stretch, std::uint32_t revision, From from,
                     CheckReport& report);
  /// The same for the small file that names the revision and the roots of the tables.
  Result<void> check_version(std::uint32_t revision, CheckReport& report);

 private:
  struct BlockSum {
    std::uint32_t revision = 0;
    std::uint32_t sum = 0;  ///< of what follows the revision
    bool operator==(const BlockSum&) const = default;
  };
  explicit Seal(std::filesystem::path database) : database_(std::move(database)) {}
  static Result<void> decode(std::string_view bytes, Seal& seal);
  void check(const std::filesystem::path& file, std::size_t number, std::string_view block,
             std::uint32_t revision, CheckReport& report);
  [[nodiscard]] Result<std::optional<std::uint32_t>> revision_of_root(std::uint32_t root) const;

  std::filesystem::path database_;
  std::string version_file_;  ///< whole, as it was at the last check; empty at first
  std::map<std::string, std::vector<BlockSum>, std::less<>> tables_;
  bool has_changed_ = false;
};

/// The first two numbers that Xapian's version file has: the revision, and the block where the tree
/// of postings begins, which every commit of ours writes anew.
struct VersionFile {
  std::uint32_t revision = 0;
  std::uint32_t root_of_postings = 0;
};
/// Nothing for bytes that are none.
std::optional<VersionFile> version_file_from(std::string_view bytes);

/// Stands in the folder of a database while it is open for writing.
inline constexpr std::string_view open_mark = "open";

/// Seals a database that was just written and nobody uses yet. Errors: corrupt; unavailable;
/// disk_full.
Result<void> seal(const std::filesystem::path& database);

/// Holds the index in use against its seal as it lies, without opening it.
/// Errors: not_found when there is no index; unavailable.
Result<CheckReport> check_unopened(const std::filesystem::path& folder);

}  // namespace khochung::index

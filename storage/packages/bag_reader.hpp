#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/result.hpp"
#include "storage/packages/bag_format.hpp"
#include "storage/packages/foreign_folder.hpp"

namespace khochung::storage {

/// What can be wrong with a bag.
enum class BagFault {
  declaration,    ///< no bagit.txt, or not one of version 0.97 or 1.0 in UTF-8
  structure,      ///< no data folder, no manifest that we can check, a tag file that is no text
  fetch,          ///< files that would have to be fetched from elsewhere
  manifest_line,  ///< a line that is no digest and path
  path,           ///< a path that leads out of the bag or is not plain
  listed_twice,   ///< the same path twice in one manifest
  collision,      ///< paths that are one file where case or normal form do not count
  missing,        ///< listed and not there
  extra,          ///< there and not listed
  digest,         ///< not the bytes that were packed
  oxum,           ///< not the number of files and bytes that bag-info.txt states
  link,           ///< a symbolic link, a device, a pipe
};

/// "digest_mismatch": the fault's name for machines.
std::string_view to_text(BagFault fault);

struct BagFinding {
  BagFault fault;
  std::string where;
  std::string what;
};

/// Whether a bag is complete and valid, and why not.
struct BagReport {
  static constexpr std::size_t max_findings = 1000;
  std::vector<BagFinding> findings;  ///< at most max_findings
  std::uint64_t faults = 0;          ///< all of them
  std::uint64_t files = 0;
  std::uint64_t size_bytes = 0;
  [[nodiscard]] bool is_valid() const { return faults == 0; }
};

/// Reads a bag that nobody vouches for. fetch.txt is refused; nothing outside the folder is read.
/// Threads: one at a time.
/// Source: RFC 8493; for 0.97 draft-kunze-bagit-14.
class BagReader {
 public:
  /// Errors: not_found; bad_input when it is no folder; unavailable.
  static Result<BagReader> open(const std::filesystem::path& folder);

  /// Reads every byte once for each manifest.
  /// Memory: 32 bytes a payload file, beside the names of the fullest folder.
  /// Errors: unavailable; too_large for folders deeper or fuller than any archive's.
  Result<BagReport> check();

  /// Calls `visit` with the lines of manifest-sha256.txt in their order.
  /// Errors: not_found; corrupt for a line that is none; those of `visit`.
  using Visit = std::function<Result<void>(const BagLine&)>;
  Result<void> for_each_file(const Visit& visit) const;

  /// The lines of bag-info.txt. Errors: as ForeignFolder::read_file.
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> info() const;
  [[nodiscard]] const ForeignFolder& folder() const { return folder_; }

 private:
  class Check;
  explicit BagReader(ForeignFolder folder) : folder_(std::move(folder)) {}
  /// Which version bagit.txt declares; nothing where it declares none that we know.
  [[nodiscard]] std::optional<BagVersion> version(std::string& what_is_wrong) const;

  ForeignFolder folder_;
};

}  // namespace khochung::storage

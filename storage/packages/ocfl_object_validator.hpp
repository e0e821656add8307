#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "storage/packages/foreign_folder.hpp"
#include "storage/packages/ocfl_inventory.hpp"
#include "storage/packages/ocfl_report.hpp"

namespace khochung::storage {

/// A version of the specification as its files name it: "1.0", "1.1"; 0 and 1 here.
int ocfl_minor_version(std::string_view text);

/// The `<number>` of a declaration such as 0=ocfl_1.1 or 0=ocfl_object_1.1 among `entries`; empty
/// when there is none that we know. Codes are those of the object's or the root's rules.
struct OcflDeclarationCodes {
  std::string_view missing, several, pattern, content;
};
Result<std::string> read_ocfl_declaration(const ForeignFolder& folder, const std::string& at,
                                          const std::vector<FolderEntry>& entries,
                                          std::string_view prefix,
                                          const OcflDeclarationCodes& codes, OcflReport& report);

/// What stands in `extensions` of an object or a root: registered folders and nothing else.
Result<void> judge_ocfl_extensions(const ForeignFolder& folder, const std::string& at,
                                   std::string_view unregistered, OcflReport& report);

/// Judges the object that stands at `at` in `folder` ("" is the folder itself).
/// Threads: one at a time; used once.
class OcflObjectValidator {
 public:
  OcflObjectValidator(const ForeignFolder& folder, std::string at)
      : folder_(folder), at_(std::move(at)) {}

  /// Errors: unavailable; too_large.
  Result<void> run();

  [[nodiscard]] const OcflReport& report() const { return report_; }
  /// Empty where no inventory could be read.
  [[nodiscard]] const std::string& id() const { return root_.id; }
  /// The declared version of the specification; empty when it has none.
  [[nodiscard]] const std::string& declared() const { return declared_; }

 private:
  /// A digest that an inventory says a file to have, and what it is to be called if it has not.
  struct Wanted {
    std::string algorithm, digest, code;
    auto operator<=>(const Wanted&) const = default;
  };

  [[nodiscard]] std::string below(std::string_view name) const {
    return at_.empty() ? std::string(name) : at_ + "/" + std::string(name);
  }
  void say(std::string_view code, std::string_view where, std::string what) {
    report_.add(code, where, std::move(what));
  }

  void judge_root_entries(const std::vector<FolderEntry>& entries);
  Result<void> judge_links();
  Result<std::string> read_inventory(const std::string& path);
  Result<void> judge_sidecar(const std::string& path, const std::string& text,
                             const std::string& algorithm);
  void judge_type(const OcflInventory& inventory, const std::string& path);
  void judge_version_folders();
  Result<void> judge_version(const std::string& version);
  Result<void> judge_version_inventory(const std::string& version);
  Result<void> walk_content(const std::string& version);
  void judge_content(const std::string& version);
  void judge_older(const std::string& version, const OcflInventory& older);
  [[nodiscard]] bool is_same_state(const OcflInventory& older, const OcflPathsByDigest& old_state,
                                   const OcflPathsByDigest& new_state) const;
  void judge_unlisted(const OcflInventory& inventory, int number, const std::string& where);
  void want_digests(const OcflInventory& inventory);
  Result<void> judge_digests();

  const ForeignFolder& folder_;
  std::string at_;
  OcflReport report_;
  std::string declared_;
  OcflInventory root_;
  std::string root_text_;
  bool has_inventory_ = false;
  std::set<std::string> version_folders_;
  /// The latest type of the inventories of versions so far.
  std::string newest_type_;
  std::map<std::string, std::set<Wanted>> wanted_;
  /// Content files (relative to the object) and the version whose folder holds them.
  std::map<std::string, int, std::less<>> files_;
  std::set<std::string> content_folders_;
};

}  // namespace khochung::storage

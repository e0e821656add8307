#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/packages/ocfl_report.hpp"

namespace khochung::storage {

/// Digest (as written) to the paths that have it.
using OcflPathsByDigest = std::map<std::string, std::vector<std::string>>;

/// One version block of an inventory.
struct OcflVersion {
  OcflPathsByDigest state;
  /// As written, for comparing one inventory with another.
  boost::json::value created, message, user;
};

/// An inventory as far as it could be read; what was wrong with it stands in the report.
struct OcflInventory {
  std::string id;
  std::string type;
  std::string algorithm;
  std::string head;
  std::optional<std::string> content_directory;
  OcflPathsByDigest manifest;
  std::map<std::string, OcflPathsByDigest> fixity;
  std::map<std::string, OcflVersion> versions;

  [[nodiscard]] std::string content_folder() const { return content_directory.value_or("content"); }
};

/// The number of a version's name: 3 for "v3" and "v0003"; 0 when it is no such name.
int ocfl_version_number(std::string_view name);

/// Whether the name of a version is padded with zeros.
inline bool is_padded_version(std::string_view name) {
  return name.starts_with("v0");
}

/// Whether `text` begins like a URI. Source: RFC 3986, 3.1.
bool is_ocfl_uri(std::string_view text);

/// Reads an inventory and judges everything that can be judged without looking at files: its keys,
/// their types, digests, paths, version names. Nothing when it is not JSON at all.
/// `where` is its path in the object. Warnings about describing (id, message, user) are given only
/// with `Warnings::all`: for the newest inventory.
enum class OcflWarnings { all, algorithm };
std::optional<OcflInventory> read_ocfl_inventory(std::string_view text, std::string_view where,
                                                 OcflWarnings warnings, OcflReport& report);

}  // namespace khochung::storage

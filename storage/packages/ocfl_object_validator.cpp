#include "storage/packages/ocfl_object_validator.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <limits>

#include "storage/packages/digests.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t max_inventory_bytes = 128U << 20U;
constexpr std::uint64_t max_small_file_bytes = 4096;
constexpr std::size_t max_content_files = 5'000'000;

/// Source: https://ocfl.github.io/extensions/, as of 2026-11.
constexpr std::array<std::string_view, 13> registered_extensions{
    "0001-digest-algorithms",
    "0002-flat-direct-storage-layout",
    "0003-hash-and-id-n-tuple-storage-layout",
    "0004-hashed-n-tuple-storage-layout",
    "0005-mutable-head",
    "0006-flat-omit-prefix-storage-layout",
    "0007-n-tuple-omit-prefix-storage-layout",
    "0008-schema-registry",
    "0009-digest-algorithms",
    "0010-differential-n-tuple-omit-prefix-storage-layout",
    "0011-direct-clean-path-layout",
    "0012-hash-and-no-prefix-id-n-tuple-storage-layout",
    "initial"};

bool is_sidecar(std::string_view name) {
  return name.starts_with("inventory.json.");
}

/// The part of a Result that the disk is to blame for; what the folder's contents are to blame for
/// is a finding of the caller's.
template <typename T>
bool is_of_content(const Result<T>& result) {
  const auto code = result.error().code;
  return code == ErrorCode::not_found || code == ErrorCode::bad_input ||
         code == ErrorCode::too_large;
}

/// The digest of a sidecar's one line; empty when it is no such line.
std::string_view sidecar_digest(std::string_view line) {
  constexpr std::string_view name = "inventory.json";
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!line.ends_with(name)) return {};
  line.remove_suffix(name.size());
  const auto end = line.find_last_not_of(" \t");
  if (end == std::string_view::npos || end + 1 == line.size()) return {};
  const auto digest = line.substr(0, end + 1);
  const bool is_hex = digest.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  return is_hex ? digest : std::string_view();
}

/// Path to its digest in lower case.
std::map<std::string, std::string> digest_by_path(const OcflPathsByDigest& block) {
  std::map<std::string, std::string> found;
  for (const auto& [digest, paths] : block) {
    for (const auto& path : paths) found.emplace(path, lower_hex(digest));
  }
  return found;
}

const std::vector<std::string>* paths_of(const OcflPathsByDigest& block,
                                         const std::string& digest) {
  const auto exact = block.find(digest);
  if (exact != block.end()) return &exact->second;
  for (const auto& [other, paths] : block) {
    if (lower_hex(other) == digest) return &paths;
  }
  return nullptr;
}

}  // namespace

int ocfl_minor_version(std::string_view text) {
  if (text == "1.0") return 0;
  return text == "1.1" ? 1 : -1;
}

Result<std::string> read_ocfl_declaration(const ForeignFolder& folder, const std::string& at,
                                          const std::vector<FolderEntry>& entries,
                                          std::string_view prefix,
                                          const OcflDeclarationCodes& codes, OcflReport& report) {
  std::string found;
  std::size_t count = 0;
  for (const auto& entry : entries) {
    if (!entry.name.starts_with("0=ocfl") || entry.kind != FolderEntry::Kind::file) continue;
    ++count;
    const std::string_view name = entry.name;
    if (!name.starts_with(prefix) || ocfl_minor_version(name.substr(prefix.size())) < 0) {
      report.add(codes.pattern, name, "not the declaration of a version that we know");
      continue;
    }
    found = name.substr(prefix.size());
    const auto path = at.empty() ? entry.name : at + "/" + entry.name;
    const auto text = folder.read_file(path, max_small_file_bytes);
    if (!text && !is_of_content(text)) return fail(text.error());
    if (!text || *text != std::string(name.substr(2)) + "\n") {
      report.add(codes.content, name, "its text is not that of its name");
    }
  }
  if (count == 0) report.add(codes.missing, "", "no declaration of the specification's version");
  if (count > 1) report.add(codes.several, "", "more than one declaration");
  return found;
}

Result<void> judge_ocfl_extensions(const ForeignFolder& folder, const std::string& at,
                                   std::string_view unregistered, OcflReport& report) {
  const auto path = at.empty() ? std::string("extensions") : at + "/extensions";
  for (const auto& entry : KHOCHUNG_TRY(folder.list(path))) {
    const auto where = "extensions/" + entry.name;
    if (entry.kind == FolderEntry::Kind::link) continue;  // told of where links are looked for
    if (entry.kind != FolderEntry::Kind::folder) {
      report.add("E067", where, "not the folder of an extension");
      report.add("E112", where, "not the folder of an extension");
    } else if (std::ranges::find(registered_extensions, entry.name) ==
               registered_extensions.end()) {
      report.add(unregistered, where, "not the name of a registered extension");
    }
  }
  return {};
}

Result<void> OcflObjectValidator::run() {
  const auto entries = KHOCHUNG_TRY(folder_.list(at_));
  judge_root_entries(entries);
  KHOCHUNG_CHECK(judge_links());
  declared_ = KHOCHUNG_TRY(read_ocfl_declaration(folder_, at_, entries, "0=ocfl_object_",
                                                 {"E003", "E003", "E004", "E007"}, report_));
  if (std::ranges::find(entries, "extensions", &FolderEntry::name) != entries.end()) {
    const auto judged = judge_ocfl_extensions(folder_, at_, "W013", report_);
    if (!judged && !is_of_content(judged)) return fail(judged.error());
  }
  root_text_ = KHOCHUNG_TRY(read_inventory("inventory.json"));
  if (!has_inventory_) return {};
  if (auto read = read_ocfl_inventory(root_text_, "inventory.json", OcflWarnings::all, report_)) {
    root_ = std::move(*read);
  } else {
    return {};
  }
  judge_type(root_, "inventory.json");
  KHOCHUNG_CHECK(judge_sidecar("inventory.json", root_text_, root_.algorithm));
  for (const auto& entry : entries) {
    if (is_sidecar(entry.name) && entry.name != "inventory.json." + root_.algorithm) {
      say("E001", entry.name, "a digest of another algorithm than the inventory's");
    }
  }
  judge_version_folders();
  want_digests(root_);
  // By number: an inventory is held against the files of the versions up to its own.
  std::vector<std::string> versions(version_folders_.begin(), version_folders_.end());
  std::ranges::sort(versions, {}, ocfl_version_number);
  for (const auto& version : versions) KHOCHUNG_CHECK(judge_version(version));
  if (root_.type < newest_type_) say("E103", "inventory.json", "of an earlier specification");
  judge_unlisted(root_, std::numeric_limits<int>::max(), "inventory.json");
  return judge_digests();
}

void OcflObjectValidator::judge_root_entries(const std::vector<FolderEntry>& entries) {
  for (const auto& [name, kind] : entries) {
    const bool is_folder = kind == FolderEntry::Kind::folder;
    const bool is_file = kind == FolderEntry::Kind::file;
    const bool belongs =
        (is_folder && (name == "logs" || name == "extensions")) ||
        (is_file && (name.starts_with("0=ocfl") || name == "inventory.json" || is_sidecar(name)));
    if (is_folder && ocfl_version_number(name) > 0) {
      version_folders_.insert(name);
    } else if (!belongs && kind != FolderEntry::Kind::link) {
      say("E001", name, "does not belong into an object");
      if (is_folder && name.find_first_not_of("0123456789") == std::string_view::npos) {
        say("E104", name, "the name of a version begins with v");
      }
    }
  }
}

Result<void> OcflObjectValidator::judge_links() {
  return folder_.walk(at_, [&](const std::string& path, FolderEntry::Kind kind) -> Result<void> {
    const auto inside = at_.empty() ? path : path.substr(at_.size() + 1);
    if (kind == FolderEntry::Kind::link) say("E090", inside, "a symbolic link");
    if (kind == FolderEntry::Kind::other) say("E089", inside, "neither a file nor a folder");
    return {};
  });
}

/// The text of an inventory; has_inventory_ says whether there is one.
Result<std::string> OcflObjectValidator::read_inventory(const std::string& path) {
  auto text = folder_.read_file(below(path), max_inventory_bytes);
  has_inventory_ = text.has_value();
  if (text) return std::move(*text);
  if (!is_of_content(text)) return fail(text.error());
  if (text.error().code == ErrorCode::too_large) {
    say("E033", path, "larger than any inventory that we read");
  } else if (path == "inventory.json") {
    say("E063", path, "no inventory");
  } else {
    say("W010", path.substr(0, path.find('/')), "a version without an inventory");
  }
  return std::string();
}

Result<void> OcflObjectValidator::judge_sidecar(const std::string& path, const std::string& text,
                                                const std::string& algorithm) {
  if (algorithm.empty()) return {};
  const auto sidecar = path + "." + algorithm;
  const auto line = folder_.read_file(below(sidecar), max_small_file_bytes);
  if (!line && !is_of_content(line)) return fail(line.error());
  if (!line) {
    say("E058", sidecar, "no digest beside the inventory");
    return {};
  }
  const auto digest = sidecar_digest(*line);
  if (digest.empty()) {
    say("E061", sidecar, "not of the form: digest, blanks, inventory.json");
  } else if (can_digest(algorithm) && lower_hex(digest) != digest_of(text, algorithm)) {
    say("E060", sidecar, "not the digest of the inventory");
  }
  return {};
}

void OcflObjectValidator::judge_type(const OcflInventory& inventory, const std::string& path) {
  constexpr std::string_view begin = "https://ocfl.io/";
  constexpr std::string_view end = "/spec/#inventory";
  if (inventory.type.empty()) return;
  std::string_view number = inventory.type;
  const bool fits = number.starts_with(begin) && number.ends_with(end) &&
                    number.size() > begin.size() + end.size();
  if (fits) number = number.substr(begin.size(), number.size() - begin.size() - end.size());
  if (!fits || ocfl_minor_version(number) < 0) {
    say("E038", path, "the type is not that of an inventory of a version that we know");
  } else if (path == "inventory.json" && !declared_.empty() && number != declared_) {
    say("E038", path, "the type is of another version than the declaration");
  }
}

/// Folders against the versions that the inventory knows.
void OcflObjectValidator::judge_version_folders() {
  for (const auto& name : version_folders_) {
    if (!root_.versions.contains(name)) say("E046", name, "the inventory has no such version");
  }
  for (const auto& [name, version] : root_.versions) {
    if (!version_folders_.contains(name)) {
      say("E046", name, "there is no folder of this version");
      say("E010", name, "there is no folder of this version");
    }
  }
}

Result<void> OcflObjectValidator::judge_version(const std::string& version) {
  const auto content = root_.content_folder();
  for (const auto& [name, kind] : KHOCHUNG_TRY(folder_.list(below(version)))) {
    const auto where = version + "/" + name;
    if (kind == FolderEntry::Kind::folder) {
      if (name != content) say("W002", where, "a folder beside the content folder");
    } else if (kind != FolderEntry::Kind::link && name != "inventory.json" && !is_sidecar(name)) {
      say("E015", where, "does not belong into the folder of a version");
    }
    if (name == content && kind == FolderEntry::Kind::folder) {
      KHOCHUNG_CHECK(walk_content(version));
    }
  }
  judge_content(version);
  return judge_version_inventory(version);
}

Result<void> OcflObjectValidator::walk_content(const std::string& version) {
  const auto number = ocfl_version_number(version);
  const auto content = version + "/" + root_.content_folder();
  content_folders_.insert(version);
  std::set<std::string> empty_folders;
  bool has_any = false;
  KHOCHUNG_CHECK(folder_.walk(below(content), [&](const std::string& path, FolderEntry::Kind kind) {
    const auto inside = at_.empty() ? path : path.substr(at_.size() + 1);
    has_any = true;
    empty_folders.erase(inside.substr(0, inside.rfind('/')));
    if (kind == FolderEntry::Kind::folder) empty_folders.insert(inside);
    if (kind == FolderEntry::Kind::file) files_[inside] = number;
    return files_.size() > max_content_files
               ? Result<void>(fail(ErrorCode::too_large, "too many files in " + content))
               : Result<void>();
  }));
  for (const auto& folder : empty_folders) say("E024", folder, "an empty folder");
  if (!has_any) say("W003", content, "an empty content folder");
  return {};
}

void OcflObjectValidator::judge_content(const std::string& version) {
  if (content_folders_.contains(version)) return;
  const auto prefix = version + "/" + root_.content_folder() + "/";
  for (const auto& [digest, paths] : root_.manifest) {
    if (std::ranges::any_of(paths, [&](const auto& path) { return path.starts_with(prefix); })) {
      say("E016", version, "the manifest names content that has no content folder");
      return;
    }
  }
}

Result<void> OcflObjectValidator::judge_version_inventory(const std::string& version) {
  const auto path = version + "/inventory.json";
  const auto text = KHOCHUNG_TRY(read_inventory(path));
  if (!has_inventory_) return {};
  const bool is_newest = version == root_.head;
  if (is_newest && text == root_text_) return judge_sidecar(path, text, root_.algorithm);
  if (is_newest) say("E064", path, "not the same as the object's inventory");
  const auto inventory = read_ocfl_inventory(text, path, OcflWarnings::algorithm, report_);
  if (!inventory) return {};
  KHOCHUNG_CHECK(judge_sidecar(path, text, inventory->algorithm));
  judge_type(*inventory, path);
  if (!inventory->head.empty() && inventory->head != version) {
    say("E040", path, "head is not the version in whose folder it stands");
  }
  judge_older(version, *inventory);
  judge_unlisted(*inventory, ocfl_version_number(version), path);
  want_digests(*inventory);
  return {};
}

void OcflObjectValidator::judge_older(const std::string& version, const OcflInventory& older) {
  const auto path = version + "/inventory.json";
  if (older.type < newest_type_) {
    say("E103", path, "of an earlier specification than the version before");
  }
  newest_type_ = std::max(newest_type_, older.type);
  if (older.id != root_.id) {
    say("E037", path, "another id than the object's");
    say("E110", path, "another id than the object's");
  }
  if (older.content_folder() != root_.content_folder()) {
    say("E019", path, "another content folder than the object's");
    say("E020", path, "another content folder than the object's");
  }
  const auto number = ocfl_version_number(version);
  for (const auto& [name, block] : older.versions) {
    const auto known = root_.versions.find(name);
    if (known == root_.versions.end() || ocfl_version_number(name) > number) {
      say("E066", path, "tells of a version that is not before it: " + name);
      continue;
    }
    const auto& now = known->second;
    if (!is_same_state(older, block.state, now.state)) {
      say("E066", path, "another state than the newest inventory tells of " + name);
    }
    if (now.created != block.created || now.message != block.message || now.user != block.user) {
      say("W011", path, "created, message or user differ from the newest inventory: " + name);
    }
  }
  for (const auto& [name, block] : root_.versions) {
    if (ocfl_version_number(name) <= number && !older.versions.contains(name)) {
      say("E066", path, "does not tell of " + name);
    }
  }
}

/// A state is the same when every logical path leads to the same bytes: the same digest, or, where
/// the algorithm has changed, to a content path in common.
bool OcflObjectValidator::is_same_state(const OcflInventory& older,
                                        const OcflPathsByDigest& old_state,
                                        const OcflPathsByDigest& new_state) const {
  const auto then = digest_by_path(old_state);
  const auto now = digest_by_path(new_state);
  const auto is_same = [&](const auto& one, const auto& other) {
    if (one.first != other.first) return false;
    if (older.algorithm == root_.algorithm) return one.second == other.second;
    const auto* old_paths = paths_of(older.manifest, one.second);
    const auto* new_paths = paths_of(root_.manifest, other.second);
    return old_paths != nullptr && new_paths != nullptr &&
           std::ranges::find_first_of(*old_paths, *new_paths) != old_paths->end();
  };
  return std::equal(then.begin(), then.end(), now.begin(), now.end(), is_same);
}

/// Files that an inventory had to name: the object's all, a version's those up to it.
void OcflObjectValidator::judge_unlisted(const OcflInventory& inventory, int number,
                                         const std::string& where) {
  std::set<std::string_view> listed;
  for (const auto& [digest, paths] : inventory.manifest) listed.insert(paths.begin(), paths.end());
  for (const auto& [path, version] : files_) {
    if (version <= number && !listed.contains(path)) {
      say("E023", path, "not in the manifest of " + where);
    }
  }
}

void OcflObjectValidator::want_digests(const OcflInventory& inventory) {
  const auto want = [&](const OcflPathsByDigest& block, const std::string& algorithm,
                        const std::string& code) {
    if (!can_digest(algorithm)) return;
    for (const auto& [digest, paths] : block) {
      for (const auto& path : paths) wanted_[path].insert({algorithm, lower_hex(digest), code});
    }
  };
  want(inventory.manifest, inventory.algorithm, "E092");
  for (const auto& [algorithm, block] : inventory.fixity) want(block, algorithm, "E093");
}

/// Every file is read once, whatever number of inventories and algorithms name it.
Result<void> OcflObjectValidator::judge_digests() {
  for (const auto& [path, digests] : wanted_) {
    std::vector<std::string> algorithms;
    for (const auto& one : digests) {
      if (algorithms.empty() || algorithms.back() != one.algorithm) {
        algorithms.push_back(one.algorithm);
      }
    }
    const auto file = is_plain_path(path) ? folder_.open_file(below(path))
                                          : fail(ErrorCode::bad_input, "no plain path");
    if (!file && !is_of_content(file)) return fail(file.error());
    if (!file) {
      for (const auto& one : digests) say(one.code, path, "there is no such file");
      continue;
    }
    const auto found = KHOCHUNG_TRY(digests_of(*file, algorithms));
    for (const auto& one : digests) {
      if (found.at(one.algorithm) != one.digest) {
        say(one.code, path, "does not have its " + one.algorithm + " digest");
      }
    }
  }
  return {};
}

}  // namespace khochung::storage

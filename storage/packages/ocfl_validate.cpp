#include "storage/packages/ocfl_validate.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>

#include "schemas/digest.hpp"
#include "storage/packages/foreign_folder.hpp"
#include "storage/packages/ocfl_object_validator.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t max_layout_bytes = 65'536;

/// Judges a storage root; what objects are in it is found by walking.
class RootValidator {
 public:
  explicit RootValidator(const ForeignFolder& folder) : folder_(folder) {}

  Result<OcflReport> run() {
    const auto entries = KHOCHUNG_TRY(folder_.list(""));
    declared_ = KHOCHUNG_TRY(read_ocfl_declaration(folder_, "", entries, "0=ocfl_",
                                                   {"E069", "E076", "E077", "E080"}, report_));
    KHOCHUNG_CHECK(judge_layout(entries));
    for (const auto& entry : entries) {
      if (entry.kind == FolderEntry::Kind::link) report_.add("E090", entry.name, "a symbolic link");
      if (entry.kind != FolderEntry::Kind::folder) continue;
      if (entry.name == "extensions") {
        KHOCHUNG_CHECK(judge_ocfl_extensions(folder_, "", "W016", report_));
        KHOCHUNG_CHECK(folder_.walk("extensions", [&](const std::string& path, auto kind) {
          if (kind == FolderEntry::Kind::link) report_.add("E090", path, "a symbolic link");
          return Result<void>();
        }));
      } else {
        KHOCHUNG_CHECK(judge_folder(entry.name, 1));
      }
    }
    if (has_top_objects_ && has_deep_objects_) {
      report_.add("W015", "", "objects both directly in the root and in folders beneath it");
    }
    return report_;
  }

 private:
  Result<void> judge_layout(const std::vector<FolderEntry>& entries) {
    constexpr std::string_view name = "ocfl_layout.json";
    if (std::ranges::find(entries, name, &FolderEntry::name) == entries.end()) return {};
    const auto text = folder_.read_file(name, max_layout_bytes);
    if (!text && text.error().code == ErrorCode::unavailable) return fail(text.error());
    boost::json::error_code error;
    const auto value = text ? boost::json::parse(*text, error) : boost::json::value();
    const auto* object = error ? nullptr : value.if_object();
    for (const auto* key : {"extension", "description"}) {
      const auto* member = object == nullptr ? nullptr : object->if_contains(key);
      if (member == nullptr || !member->is_string()) {
        report_.add("E070", name, std::string("no text under the key ") + key);
      }
    }
    return {};
  }

  Result<void> judge_folder(const std::string& path, std::size_t depth) {
    if (depth > ForeignFolder::max_depth) {
      return fail(ErrorCode::too_large, "folders too deep: " + path);
    }
    const auto entries = KHOCHUNG_TRY(folder_.list(path));
    const bool is_object = std::ranges::any_of(
        entries, [](const auto& entry) { return entry.name.starts_with("0=ocfl_object"); });
    if (is_object) return judge_object(path, depth);
    if (entries.empty()) report_.add("E073", path, "an empty folder");
    bool has_folder = false;
    for (const auto& entry : entries) {
      const auto below = path + "/" + entry.name;
      if (entry.kind == FolderEntry::Kind::folder) {
        has_folder = true;
        KHOCHUNG_CHECK(judge_folder(below, depth + 1));
      } else if (entry.kind == FolderEntry::Kind::link) {
        report_.add("E090", below, "a symbolic link");
      } else {
        report_.add("E072", below, "a file that is not part of an object");
        report_.add("E084", below, "a file in a folder between root and objects");
      }
    }
    if (!has_folder && !entries.empty()) report_.add("E085", path, "ends in no object");
    return {};
  }

  Result<void> judge_object(const std::string& path, std::size_t depth) {
    (depth == 1 ? has_top_objects_ : has_deep_objects_) = true;
    OcflObjectValidator validator(folder_, path);
    KHOCHUNG_CHECK(validator.run());
    report_.add(path, validator.report());
    if (ocfl_minor_version(validator.declared()) > ocfl_minor_version(declared_)) {
      report_.add("E081", path, "of a later version of the specification than the root");
    }
    if (!validator.id().empty() && !ids_.insert(short_digest(validator.id())).second) {
      report_.add("E037", path, "another object has the same id");
    }
    return {};
  }

  /// 128 bits of an id's digest: a million ids are 16 MB instead of what their texts take.
  static std::array<std::uint8_t, 16> short_digest(const std::string& id) {
    std::array<std::uint8_t, 16> bytes{};
    std::copy_n(Digest::of(id).bytes().begin(), bytes.size(), bytes.begin());
    return bytes;
  }

  const ForeignFolder& folder_;
  OcflReport report_;
  std::string declared_;
  bool has_top_objects_ = false;
  bool has_deep_objects_ = false;
  std::set<std::array<std::uint8_t, 16>> ids_;
};

}  // namespace

Result<OcflReport> validate_ocfl_object(const std::filesystem::path& path) {
  const auto folder = KHOCHUNG_TRY(ForeignFolder::open(path));
  OcflObjectValidator validator(folder, "");
  KHOCHUNG_CHECK(validator.run());
  return validator.report();
}

Result<OcflReport> validate_ocfl_root(const std::filesystem::path& path) {
  const auto folder = KHOCHUNG_TRY(ForeignFolder::open(path));
  return RootValidator(folder).run();
}

}  // namespace khochung::storage

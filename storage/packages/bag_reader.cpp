#include "storage/packages/bag_reader.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "schemas/utf8.hpp"
#include "storage/packages/digests.hpp"
#include "storage/packages/package_names.hpp"
#include "storage/packages/path_set.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t max_tag_file_bytes = 16U << 20U;
constexpr std::size_t max_line_bytes = 65'536;

bool is_of_disk(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::disk_full;
}

/// Calls `use` with each line of a file of any length, without its line feed.
Result<void> for_each_line(const BlobReader& reader,
                           const std::function<Result<void>(std::string_view)>& use) {
  std::string rest;
  const auto take = [&](std::span<const std::byte> bytes) -> Result<void> {
    rest.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::size_t from = 0;
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', from)) {
      KHOCHUNG_CHECK(use(std::string_view(rest).substr(from, end - from)));
      from = end + 1;
    }
    rest.erase(0, from);
    if (rest.size() > max_line_bytes) return fail(ErrorCode::corrupt, "a line without an end");
    return {};
  };
  KHOCHUNG_TRY(for_each_step(reader, take));
  return rest.empty() ? Result<void>() : use(rest);
}

/// Whether a manifest may name `path`: beneath data/ for the payload, never out of the bag.
bool is_bag_path(std::string_view path, bool is_payload) {
  return is_plain_path(path) && is_utf8(path) && path.front() != '~' &&
         path.find('\\') == std::string_view::npos && path.starts_with("data/") == is_payload;
}

/// The algorithm of "manifest-sha256.txt", as digests.hpp spells it; empty for another name.
std::string algorithm_of(std::string_view name, std::string_view prefix) {
  constexpr std::string_view ending = ".txt";
  if (!name.starts_with(prefix) || !name.ends_with(ending)) return {};
  if (name.size() <= prefix.size() + ending.size()) return {};
  return std::string(name.substr(prefix.size(), name.size() - prefix.size() - ending.size()));
}

std::string_view without_blanks_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// "Label: value" lines; a line that begins with a blank goes on with the one before.
std::vector<std::pair<std::string, std::string>> labelled_lines(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> found;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && (line[0] == ' ' || line[0] == '\t') && !found.empty()) {
      found.back().second += " " + std::string(without_blanks_before(line));
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    found.emplace_back(line.substr(0, colon), without_blanks_before(line.substr(colon + 1)));
  }
  return found;
}

}  // namespace

std::string_view to_text(BagFault fault) {
  switch (fault) {
    case BagFault::declaration: return "declaration";
    case BagFault::structure: return "structure";
    case BagFault::fetch: return "fetch";
    case BagFault::manifest_line: return "manifest_line";
    case BagFault::path: return "path";
    case BagFault::listed_twice: return "listed_twice";
    case BagFault::collision: return "collision";
    case BagFault::missing: return "missing";
    case BagFault::extra: return "extra";
    case BagFault::digest: return "digest_mismatch";
    case BagFault::oxum: return "oxum";
    case BagFault::link: return "link";
  }
  return "";
}

Result<BagReader> BagReader::open(const std::filesystem::path& folder) {
  return BagReader(KHOCHUNG_TRY(ForeignFolder::open(folder)));
}

std::optional<BagVersion> BagReader::version(std::string& what_is_wrong) const {
  const auto text = folder_.read_file("bagit.txt", max_tag_file_bytes);
  if (!text) {
    what_is_wrong = "there is no bagit.txt";
    return std::nullopt;
  }
  if (text->starts_with("\xEF\xBB\xBF")) {
    what_is_wrong = "it begins with a byte order mark";
    return std::nullopt;
  }
  const auto lines = labelled_lines(*text);
  if (lines.size() != 2 || lines[0].first != "BagIt-Version" ||
      lines[1].first != "Tag-File-Character-Encoding") {
    what_is_wrong = "it is not the two lines BagIt-Version and Tag-File-Character-Encoding";
    return std::nullopt;
  }
  if (lines[1].second != "UTF-8" && lines[1].second != "utf-8") {
    what_is_wrong = "tag files are in another encoding than UTF-8";
    return std::nullopt;
  }
  if (lines[0].second == "1.0") return BagVersion::v1_0;
  if (lines[0].second == "0.97") return BagVersion::v0_97;
  what_is_wrong = "a version of BagIt that is neither 0.97 nor 1.0";
  return std::nullopt;
}

/// One check of one bag.
class BagReader::Check {
 public:
  explicit Check(const BagReader& bag) : bag_(bag), folder_(bag.folder_) {}

  Result<BagReport> run() {
    std::string what;
    const auto declared = bag_.version(what);
    if (!declared) {
      say(BagFault::declaration, "bagit.txt", what);
      return report_;
    }
    version_ = *declared;
    KHOCHUNG_CHECK(look_at_root());
    if (payload_manifests_.empty()) {
      say(BagFault::structure, "", "no manifest of an algorithm that we can check");
      return report_;
    }
    bool is_first = true;
    for (const auto& [name, algorithm] : payload_manifests_) {
      KHOCHUNG_CHECK(check_manifest(name, algorithm, true));
      KHOCHUNG_CHECK(check_against_folder(name, is_first));
      is_first = false;
    }
    if (version_ == BagVersion::v0_97) report_unlisted();
    for (const auto& [name, algorithm] : tag_manifests_) {
      KHOCHUNG_CHECK(check_manifest(name, algorithm, false));
    }
    check_info();
    return report_;
  }

 private:
  void say(BagFault fault, std::string_view where, std::string_view what) {
    ++report_.faults;
    if (report_.findings.size() < BagReport::max_findings) {
      report_.findings.push_back({fault, std::string(where), std::string(what)});
    }
  }

  Result<void> look_at_root() {
    bool has_data = false;
    for (const auto& [name, kind] : KHOCHUNG_TRY(folder_.list(""))) {
      has_data = has_data || (name == "data" && kind == FolderEntry::Kind::folder);
      if (name == "fetch.txt") {
        say(BagFault::fetch, name,
            "the bag names files that would have to be fetched; send a bag that holds them");
      }
      look_at_manifest(name, "manifest-", payload_manifests_);
      look_at_manifest(name, "tagmanifest-", tag_manifests_);
    }
    if (!has_data) say(BagFault::structure, "data", "there is no payload folder");
    return folder_.walk("", [&](const std::string& path, FolderEntry::Kind kind) {
      if (kind == FolderEntry::Kind::link) say(BagFault::link, path, "a symbolic link");
      if (kind == FolderEntry::Kind::other) say(BagFault::link, path, "neither file nor folder");
      return Result<void>();
    });
  }

  void look_at_manifest(const std::string& name, std::string_view prefix,
                        std::map<std::string, std::string>& manifests) {
    const auto algorithm = algorithm_of(name, prefix);
    if (can_digest(algorithm)) manifests[name] = algorithm;
  }

  Result<void> check_manifest(const std::string& name, const std::string& algorithm,
                              bool is_payload) {
    listed_ = {};
    folded_ = {};
    files_ = 0;
    size_bytes_ = 0;
    const auto manifest = folder_.open_file(name);
    if (!manifest) {
      if (is_of_disk(manifest.error())) return fail(manifest.error());
      say(BagFault::structure, name, "it cannot be read");
      return {};
    }
    const auto read = for_each_line(*manifest, [&](std::string_view text) -> Result<void> {
      if (text.empty() || text == "\r") return {};
      const auto line = bag_line(text, version_);
      if (!line) {
        say(BagFault::manifest_line, name, text.substr(0, 200));
        return {};
      }
      return check_file(name, *line, algorithm, is_payload);
    });
    if (!read && is_of_disk(read.error())) return fail(read.error());
    if (!read) say(BagFault::manifest_line, name, read.error().message);
    return name_repeated(name, *manifest);
  }

  Result<void> check_file(const std::string& manifest, const BagLine& line,
                          const std::string& algorithm, bool is_payload) {
    if (!is_bag_path(line.path, is_payload)) {
      say(BagFault::path, manifest, "not a path of this bag: " + line.path.substr(0, 200));
      return {};
    }
    listed_.add(line.path);
    folded_.add(folded_name(line.path));
    const auto file = folder_.open_file(line.path);
    if (!file) {
      if (is_of_disk(file.error())) return fail(file.error());
      say(BagFault::missing, line.path, "listed in " + manifest + " and not there");
      return {};
    }
    const auto found = KHOCHUNG_TRY(digests_of(*file, {algorithm}));
    if (found.at(algorithm) != line.digest) {
      say(BagFault::digest, line.path, "its bytes do not have the digest of " + manifest);
    }
    ++files_;
    size_bytes_ += file->size_bytes();
    return {};
  }

  /// Only where the sets say that something stands twice are the lines read again for its name.
  Result<void> name_repeated(const std::string& name, const BlobReader& manifest) {
    listed_.sort();
    folded_.sort();
    const auto same = listed_.twice();
    const auto alike = folded_.twice();
    if (alike.size() == 0) return {};
    return for_each_line(manifest, [&](std::string_view text) -> Result<void> {
      const auto line = bag_line(text, version_);
      if (!line) return {};
      if (same.contains(line->path)) {
        say(BagFault::listed_twice, line->path, "more than once in " + name);
      } else if (alike.contains(folded_name(line->path))) {
        say(BagFault::collision, line->path,
            "another path differs only in capitals or in how its letters are composed");
      }
      return {};
    });
  }

  /// What lies beneath data/ against what the manifest just read lists. Version 1.0 wants every
  /// file in every manifest, 0.97 in at least one.
  Result<void> check_against_folder(const std::string& manifest, bool is_first) {
    std::set<std::string> unlisted;
    std::uint64_t extra_bytes = 0;
    const auto walked =
        folder_.walk("data", [&](const std::string& path, FolderEntry::Kind kind) -> Result<void> {
          if (kind != FolderEntry::Kind::file || listed_.contains(path)) return {};
          if (const auto file = folder_.open_file(path)) extra_bytes += file->size_bytes();
          if (unlisted.size() < BagReport::max_findings) unlisted.insert(path);
          if (version_ == BagVersion::v1_0) {
            say(BagFault::extra, path, "not listed in " + manifest);
          }
          return {};
        });
    if (!walked && walked.error().code != ErrorCode::not_found &&
        walked.error().code != ErrorCode::bad_input) {
      return fail(walked.error());
    }
    if (is_first) {
      report_.files = files_ + unlisted.size();
      report_.size_bytes = size_bytes_ + extra_bytes;
      unlisted_ = std::move(unlisted);
    } else {
      std::erase_if(unlisted_, [&](const auto& path) { return !unlisted.contains(path); });
    }
    return {};
  }

  void report_unlisted() {
    for (const auto& path : unlisted_) say(BagFault::extra, path, "listed in no manifest");
  }

  void check_info() {
    const auto info = bag_.info();
    if (!info) {
      if (info.error().code != ErrorCode::not_found) {
        say(BagFault::structure, "bag-info.txt", "it is no text that we read");
      }
      return;
    }
    for (const auto& [label, value] : *info) {
      const auto expected =
          std::to_string(report_.size_bytes) + "." + std::to_string(report_.files);
      if (label == "Payload-Oxum" && value != expected) {
        say(BagFault::oxum, "bag-info.txt",
            "it states " + value.substr(0, 60) + ", the payload is " + expected);
      }
    }
  }

  const BagReader& bag_;
  const ForeignFolder& folder_;
  BagReport report_;
  BagVersion version_ = BagVersion::v1_0;
  std::map<std::string, std::string> payload_manifests_;
  std::map<std::string, std::string> tag_manifests_;
  std::set<std::string> unlisted_;
  /// Of the manifest that is being read.
  PathSet listed_;
  PathSet folded_;
  std::uint64_t files_ = 0;
  std::uint64_t size_bytes_ = 0;
};

Result<BagReport> BagReader::check() {
  return Check(*this).run();
}

Result<void> BagReader::for_each_file(const Visit& visit) const {
  std::string what;
  const auto declared = version(what);
  if (!declared) return fail(ErrorCode::corrupt, "bagit.txt: " + what);
  const auto manifest = KHOCHUNG_TRY(folder_.open_file("manifest-sha256.txt"));
  return for_each_line(manifest, [&](std::string_view text) -> Result<void> {
    if (text.empty()) return {};
    const auto line = bag_line(text, *declared);
    if (!line || !is_bag_path(line->path, true)) {
      return fail(ErrorCode::corrupt, "a line of manifest-sha256.txt is none");
    }
    return visit(*line);
  });
}

Result<std::vector<std::pair<std::string, std::string>>> BagReader::info() const {
  const auto text = KHOCHUNG_TRY(folder_.read_file("bag-info.txt", max_tag_file_bytes));
  if (!is_utf8(text)) return fail(ErrorCode::corrupt, "bag-info.txt is not UTF-8");
  return labelled_lines(text);
}

}  // namespace khochung::storage

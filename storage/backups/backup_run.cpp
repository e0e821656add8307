#include "storage/backups/backup_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "schemas/canonical_json.hpp"
#include "schemas/json_reader.hpp"

namespace khochung::storage {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view format = "khochung/backup/1";
constexpr std::size_t number_digits = 6;
constexpr std::size_t hex_digits = 2 * Digest::size_bytes;

/// Plain steps between single slashes: nothing that leads elsewhere.
bool is_plain(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/') return false;
  const auto padded = "/" + std::string(path) + "/";
  return padded.find("//") == std::string::npos && padded.find("/./") == std::string::npos &&
         padded.find("/../") == std::string::npos &&
         std::ranges::none_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

std::string BackupRun::id() const {
  auto time = to_rfc3339(at).substr(0, 19);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{:06}-{}Z", number, time);
}

std::string BackupRun::folder() const {
  return "runs/" + id() + "/";
}

const BackupFile* BackupRun::find(std::string_view path) const {
  const auto found = std::ranges::find(files, path, &BackupFile::path);
  return found == files.end() ? nullptr : &*found;
}

std::string to_json_text(const BackupRun& run) {
  array files;
  for (const auto& file : run.files) {
    files.push_back(object{
        {"path", file.path}, {"sha256", file.sha256.hex()}, {"size_bytes", file.size_bytes}});
  }
  array missing(run.missing.begin(), run.missing.end());
  return canonical_json(object{{"format", format},
                               {"number", run.number},
                               {"at", to_rfc3339(run.at)},
                               {"archive", run.archive},
                               {"materials", run.materials},
                               {"blobs", run.blobs},
                               {"records", run.records},
                               {"bytes", run.bytes},
                               {"audit_seq", run.audit_seq},
                               {"files", std::move(files)},
                               {"missing", std::move(missing)}});
}

Result<BackupRun> backup_run_from(std::string_view text) {
  boost::json::error_code error;
  const auto json = boost::json::parse(text, error);
  if (error) return fail(ErrorCode::corrupt, "backup_damaged", "run.json of a backup is not JSON");
  const JsonReader read(json);
  if (read.string("format") != format)
    return fail(ErrorCode::unsupported, "a backup of the format " + read.string("format"));
  BackupRun run;
  run.number = static_cast<int>(read.integer("number"));
  run.at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("at")));
  run.archive = read.string("archive");
  run.materials = read.integer("materials");
  run.blobs = read.integer("blobs");
  run.records = read.integer("records");
  run.bytes = read.integer("bytes");
  run.audit_seq = read.integer("audit_seq");
  run.missing = read.strings("missing");
  const auto* files = read.find("files");
  if (files == nullptr || !files->is_array())
    return fail(ErrorCode::corrupt, "backup_damaged", "run.json of a backup names no files");
  for (const auto& one : files->get_array()) {
    const JsonReader file(one);
    if (!is_plain(file.string("path")))
      return fail(ErrorCode::corrupt, "backup_damaged", "a path in run.json");
    run.files.push_back({file.string("path"), KHOCHUNG_TRY(Digest::parse(file.string("sha256"))),
                         static_cast<std::uint64_t>(file.integer("size_bytes"))});
  }
  return run;
}

std::string backup_path_of_content(const Digest& sha256) {
  const auto hex = sha256.hex();
  return "files/" + hex.substr(0, 2) + "/" + hex;
}

std::string checksum_line(const Digest& sha256, std::string_view path) {
  return sha256.hex() + "  " + std::string(path) + "\n";
}

Result<BackupFile> from_checksum_line(std::string_view line) {
  const bool has_form = line.size() > hex_digits + 2 && line.substr(hex_digits, 2) == "  ";
  if (!has_form || !is_plain(line.substr(hex_digits + 2)))
    return fail(ErrorCode::corrupt, "backup_damaged",
                "a line of a manifest: " + std::string(line.substr(0, 200)));
  const auto sha256 = Digest::parse(line.substr(0, hex_digits));
  if (!sha256) return fail(ErrorCode::corrupt, "backup_damaged", "a digest in a manifest");
  return BackupFile{std::string(line.substr(hex_digits + 2)), *sha256, 0};
}

int run_number_of(std::string_view id) {
  int number = 0;
  if (id.size() < number_digits + 2 || id[number_digits] != '-') return 0;
  const auto* end = id.data() + number_digits;
  const auto parsed = std::from_chars(id.data(), end, number);
  return parsed.ptr == end ? number : 0;
}

}  // namespace khochung::storage

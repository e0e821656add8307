#include "storage/backups/backup_set.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "storage/backups/in_parallel.hpp"
#include "storage/blobs/verify.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t longest_manifest_bytes = std::uint64_t{4} << 30U;
constexpr std::string_view last_file = "tagmanifest-sha256.txt";
constexpr std::string_view manifest_name = "manifest-sha256.txt";
constexpr std::string_view destroyed_name = "destroyed.txt";
constexpr std::string_view run_name = "run.json";

template <typename Visit>
Result<void> for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
      return fail(ErrorCode::corrupt, "backup_damaged", "a list of a backup ends within a line");
    KHOCHUNG_CHECK(visit(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  return {};
}

/// The digest that a blob's or record's path in a set ends with, if it is one.
Result<Digest> digest_in(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(".json")) name.remove_suffix(5);
  return Digest::parse(name.substr(name.rfind('.') + 1));
}

}  // namespace

Result<BackupSet> BackupSet::open(const std::string& address, BackupPlace::Use use) {
  return BackupSet(KHOCHUNG_TRY(BackupPlace::open(address, use)));
}

Result<std::vector<std::string>> BackupSet::run_ids() const {
  std::vector<std::string> ids;
  KHOCHUNG_CHECK(place_->for_each_in("runs", [&](const std::string& path, std::uint64_t) {
    const auto id = path.substr(5, path.rfind('/') - 5);
    if (path == "runs/" + id + "/" + std::string(last_file) && run_number_of(id) > 0)
      ids.push_back(id);
    return true;
  }));
  std::ranges::sort(ids);
  return ids;
}

Result<std::string> BackupSet::find(const std::string& wanted) const {
  const auto ids = KHOCHUNG_TRY(run_ids());
  if (wanted.empty() && !ids.empty()) return ids.back();
  const auto found = std::ranges::find_if(ids, [&](const std::string& id) {
    return id == wanted || std::to_string(run_number_of(id)) == wanted;
  });
  if (found != ids.end()) return *found;
  return fail(ErrorCode::not_found, "no_backup", place_->name() + " has no whole backup " + wanted);
}

/// A file of a run, after it was held against the run's last file.
Result<std::string> BackupSet::text_of(const std::string& id, const std::string& name) const {
  const auto folder = "runs/" + id + "/";
  const auto read = [&](const std::string& path) -> Result<std::string> {
    const auto reader = KHOCHUNG_TRY(place_->open(path));
    return reader.read_all(longest_manifest_bytes);
  };
  const auto seals = KHOCHUNG_TRY(read(folder + std::string(last_file)));
  auto text = KHOCHUNG_TRY(read(folder + name));
  bool fits = false;
  const auto looked = for_each_line(seals, [&](std::string_view line) -> Result<void> {
    const auto file = KHOCHUNG_TRY(from_checksum_line(line));
    if (file.path == folder + name) fits = file.sha256 == Digest::of(text);
    return {};
  });
  KHOCHUNG_CHECK(looked);
  if (!fits)
    return fail(ErrorCode::corrupt, "backup_damaged", folder + name + " does not have its digest");
  return text;
}

Result<BackupRun> BackupSet::run(const std::string& id) const {
  const auto text = KHOCHUNG_TRY(text_of(id, std::string(run_name)));
  auto run = KHOCHUNG_TRY(backup_run_from(text));
  if (run.id() != id)
    return fail(ErrorCode::corrupt, "backup_damaged", "the run " + id + " says that it is another");
  return run;
}

Result<std::vector<BackupFile>> BackupSet::things(const std::string& id) const {
  const auto text = KHOCHUNG_TRY(text_of(id, std::string(manifest_name)));
  std::vector<BackupFile> things;
  const auto read = for_each_line(text, [&](std::string_view line) -> Result<void> {
    things.push_back(KHOCHUNG_TRY(from_checksum_line(line)));
    return {};
  });
  KHOCHUNG_CHECK(read);
  return things;
}

Result<DigestSet> BackupSet::destroyed(const std::string& id) const {
  const auto text = KHOCHUNG_TRY(text_of(id, std::string(destroyed_name)));
  DigestSet digests;
  const auto read = for_each_line(text, [&](std::string_view line) -> Result<void> {
    digests.insert(KHOCHUNG_TRY(Digest::parse(line)));
    return {};
  });
  KHOCHUNG_CHECK(read);
  return digests;
}

Result<void> BackupSet::commit(const BackupRun& run, TemporaryFile manifest,
                               const DigestSet& destroyed) {
  std::vector<std::string> lines;
  for (const auto& digest : destroyed) lines.push_back(digest.hex() + "\n");
  std::ranges::sort(lines);
  std::string list;
  for (const auto& line : lines) list += line;

  const auto folder = run.folder();
  std::string seals;
  const auto seal = [&](const BackupFile& file) { seals += checksum_line(file.sha256, file.path); };
  seal(KHOCHUNG_TRY(keep_text(*place_, folder + std::string(destroyed_name), list)));
  const auto as = KHOCHUNG_TRY(taken(manifest, folder + std::string(manifest_name)));
  KHOCHUNG_CHECK(place_->keep(std::move(manifest), as));
  seal(as);
  seal(KHOCHUNG_TRY(keep_text(*place_, folder + std::string(run_name), to_json_text(run))));
  KHOCHUNG_CHECK(place_->sync());
  KHOCHUNG_TRY(keep_text(*place_, folder + std::string(last_file), seals));
  return place_->sync();
}

Result<Digest> BackupSet::seal(const std::string& id) const {
  const auto file = KHOCHUNG_TRY(place_->open("runs/" + id + "/" + std::string(last_file)));
  return KHOCHUNG_TRY(reread(file)).found;
}

Result<void> BackupSet::drop(const std::string& id) {
  const auto folder = "runs/" + id + "/";
  KHOCHUNG_CHECK(place_->remove(folder + std::string(last_file)));
  KHOCHUNG_CHECK(place_->sync());
  for (const auto name : {run_name, manifest_name, destroyed_name})
    KHOCHUNG_CHECK(place_->remove(folder + std::string(name)));
  return {};
}

Result<std::int64_t> BackupSet::sweep(const DigestSet& destroyed) {
  DigestSet named;
  for (const auto& id : KHOCHUNG_TRY(run_ids())) {
    const auto kept = KHOCHUNG_TRY(run(id));
    for (const auto& file : kept.files) named.insert(file.sha256);
  }
  std::vector<std::string> goes;
  KHOCHUNG_CHECK(place_->for_each_in("files", [&](const std::string& path, std::uint64_t) {
    const auto digest = digest_in(path);
    if (!digest || !named.contains(*digest)) goes.push_back(path);
    return true;
  }));
  const auto whole = KHOCHUNG_TRY(run_ids());
  KHOCHUNG_CHECK(place_->for_each_in("runs", [&](const std::string& path, std::uint64_t) {
    const auto id = path.substr(5, path.rfind('/') - 5);
    if (std::ranges::find(whole, id) == whole.end()) goes.push_back(path);
    return true;
  }));
  std::int64_t things = 0;
  if (!destroyed.empty()) {
    KHOCHUNG_CHECK(place_->for_each_in("store", [&](const std::string& path, std::uint64_t) {
      const auto digest = digest_in(path);
      if (digest && destroyed.contains(*digest)) {
        goes.push_back(path);
        ++things;
      }
      return true;
    }));
  }
  for (const auto& path : goes) KHOCHUNG_CHECK(place_->remove(path));
  KHOCHUNG_CHECK(place_->sync());
  return things;
}

Result<BackupSet::Report> BackupSet::check(const std::string& id, const Progress& progress) const {
  KHOCHUNG_TRY(run(id));
  const auto named = KHOCHUNG_TRY(things(id));
  const auto gone = KHOCHUNG_TRY(destroyed(id));
  Report report;
  std::mutex mutex;
  std::size_t done = 0;
  const auto all = in_parallel(named.size(), backup_threads, [&](std::size_t at) -> Result<void> {
    const auto& thing = named[at];
    const auto reader = place_->open(thing.path);
    const bool is_missing = !reader && reader.error().code == ErrorCode::not_found;
    if (!reader && !is_missing) return fail(reader.error());
    const auto fixity = is_missing ? Fixity{} : KHOCHUNG_TRY(reread(*reader));
    const std::scoped_lock lock(mutex);
    ++report.checked;
    report.bytes += static_cast<std::int64_t>(fixity.size_bytes);
    if (is_missing && !gone.contains(thing.sha256)) report.missing.push_back(thing.path);
    if (!is_missing && !fixity.is_intact(thing.sha256)) report.corrupt.push_back(thing.path);
    if (progress) progress(++done, named.size(), report.bytes);
    return {};
  });
  KHOCHUNG_CHECK(all);
  std::ranges::sort(report.corrupt);
  std::ranges::sort(report.missing);
  return report;
}

}  // namespace khochung::storage

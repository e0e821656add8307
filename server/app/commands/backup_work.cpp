#include "server/app/commands/backup_work.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "indexer/pipeline/garbage.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/record.hpp"
#include "schemas/unit.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"
#include "storage/audit/chain_files.hpp"
#include "storage/backups/in_parallel.hpp"
#include "storage/blobs/verify.hpp"
#include "storage/records/record_name.hpp"

namespace khochung::app {
namespace {

namespace fs = std::filesystem;
using boost::json::object;
using storage::BackupFile;
using storage::TemporaryFile;

constexpr int slices = 256;
constexpr int materials_at_once = 1'000;
/// New things are made durable and read again so many at a time.
constexpr std::size_t proved_at_once = 4'096;
constexpr std::uint64_t longest_record_bytes = 64U << 20U;

std::string hex_of_slice(int slice) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned>(slice);
  return {digits[byte >> 4U], digits[byte & 15U]};
}

/// Errors that say something of one thing, not of the archive as a whole.
bool is_of_this_thing(const Error& error) {
  return error.code == ErrorCode::not_found || error.code == ErrorCode::corrupt ||
         error.code == ErrorCode::gone;
}

Result<void> unless_interrupted() {
  if (is_interrupted()) return fail(ErrorCode::unavailable, "the backup was interrupted");
  return {};
}

}  // namespace

BackupWork::~BackupWork() {
  catalogue_.reset();
  std::error_code ignored;
  for (const auto* part : {"", "-wal", "-shm"})
    fs::remove(catalogue_copy_.string() + part, ignored);
}

Result<object> BackupWork::run() {
  manifest_.emplace(KHOCHUNG_TRY(set_.place().begin()));
  KHOCHUNG_CHECK(look_at_runs_before());
  KHOCHUNG_CHECK(take_snapshots());
  KHOCHUNG_CHECK(take_store());
  KHOCHUNG_CHECK(take_audit_chain());
  KHOCHUNG_CHECK(settle_destroyed());
  KHOCHUNG_CHECK(commit());
  KHOCHUNG_CHECK(let_go());
  if (run_.missing.empty()) KHOCHUNG_CHECK(note_it());
  boost::json::array missing(run_.missing.begin(), run_.missing.end());
  return object{{"set", set_.place().name()},
                {"run", run_.id()},
                {"at", to_rfc3339(run_.at)},
                {"sha256", seal_.hex()},
                {"materials", run_.materials},
                {"blobs", run_.blobs},
                {"records", run_.records},
                {"bytes", run_.bytes},
                {"new", fetched_},
                {"new_bytes", fetched_bytes_},
                {"removed", removed_},
                {"missing", std::move(missing)}};
}

Result<void> BackupWork::look_at_runs_before() {
  const auto ids = KHOCHUNG_TRY(set_.run_ids());
  if (ids.empty()) return {};
  run_.number = storage::run_number_of(ids.back()) + 1;
  before_ = KHOCHUNG_TRY(set_.run(ids.back()));
  const auto things = KHOCHUNG_TRY(set_.things(ids.back()));
  for (const auto& thing : things) trusted_.insert(thing.sha256);
  destroyed_ = KHOCHUNG_TRY(set_.destroyed(ids.back()));
  return {};
}

// -- what changes

Result<void> BackupWork::take_snapshots() {
  run_.at = now();
  auto catalogue = KHOCHUNG_TRY(set_.place().begin());
  KHOCHUNG_CHECK(source_.snapshot("catalogue.sqlite", catalogue));
  KHOCHUNG_CHECK(open_catalogue(catalogue));
  KHOCHUNG_CHECK(keep_content("catalogue.sqlite", std::move(catalogue)));
  auto accounts = KHOCHUNG_TRY(set_.place().begin());
  KHOCHUNG_CHECK(source_.snapshot("accounts.sqlite", accounts));
  KHOCHUNG_CHECK(keep_content("accounts.sqlite", std::move(accounts)));
  if (!options_.takes_audit_key) return {};
  auto key = KHOCHUNG_TRY(set_.place().begin());
  KHOCHUNG_CHECK(source_.snapshot("audit-key.pem", key));
  return keep_content("audit-key.pem", std::move(key));
}

/// Opens a copy: to open a catalogue is to write to it.
Result<void> BackupWork::open_catalogue(const TemporaryFile& snapshot) {
  catalogue_copy_ = snapshot.path().string() + ".sqlite";
  std::error_code error;
  fs::copy_file(snapshot.path(), catalogue_copy_, fs::copy_options::overwrite_existing, error);
  if (!error)
    fs::permissions(catalogue_copy_, fs::perms::owner_read | fs::perms::owner_write, error);
  if (error) return fail(storage::error_of_errno(error.value(), "copy the catalogue"));
  catalogue_ = KHOCHUNG_TRY(storage::Catalogue::open(catalogue_copy_.string()));
  const auto units = KHOCHUNG_TRY(catalogue_->units());
  const auto root = std::ranges::find_if(units, [](const Unit& unit) { return !unit.parent; });
  if (root != units.end()) run_.archive = root->id.text();
  run_.audit_seq = KHOCHUNG_TRY(catalogue_->audit_seq());
  if (before_ && before_->archive != run_.archive) {
    return fail(ErrorCode::conflict, "another_archive",
                set_.place().name() + " holds backups of the archive " + before_->archive);
  }
  std::optional<MaterialId> after;
  while (true) {
    const auto entries = KHOCHUNG_TRY(catalogue_->materials_after(after, materials_at_once));
    if (entries.empty()) break;
    for (const auto& [material, seal, pages, is_searchable] : entries) {
      materials_.emplace(material.id.uuid(), std::pair(material.revision, seal));
      revisions_.emplace(material.id.uuid(), material.revision);
      ++run_.materials;
    }
    after = entries.back().material.id;
  }
  return {};
}

Result<void> BackupWork::keep_content(std::string path, TemporaryFile file) {
  auto as = KHOCHUNG_TRY(storage::taken(file, ""));
  as.path = storage::backup_path_of_content(as.sha256);
  KHOCHUNG_CHECK(set_.place().keep(std::move(file), as));
  run_.bytes += static_cast<std::int64_t>(as.size_bytes);
  run_.files.push_back({std::move(path), as.sha256, as.size_bytes});
  new_things_.push_back(std::move(as));
  return {};
}

// -- what is named by its content

Result<void> BackupWork::take_store() {
  ProgressBar bar("Sao lưu");
  for (int slice = 0; slice < slices; ++slice) {
    KHOCHUNG_CHECK(unless_interrupted());
    KHOCHUNG_CHECK(take_slice(slice));
    if (new_things_.size() >= proved_at_once) KHOCHUNG_CHECK(prove_new());
    bar.show({static_cast<std::uint64_t>(slice + 1), slices, 0,
              static_cast<std::uint64_t>(fetched_bytes_)});
  }
  return look_for_absent_records();
}

Result<void> BackupWork::take_slice(int slice) {
  Listing there;
  for (const auto* folder : {"store/blobs/sha256/", "store/records/"}) {
    KHOCHUNG_CHECK(set_.place().for_each_in(folder + hex_of_slice(slice),
                                            [&](const std::string& path, std::uint64_t size_bytes) {
                                              there.emplace(path, size_bytes);
                                              return true;
                                            }));
  }
  const auto things = KHOCHUNG_TRY(things_of(slice, there));
  std::vector<char> is_good(things.size(), 0);
  const auto all = storage::in_parallel(
      things.size(), storage::backup_threads, [&](std::size_t at) -> Result<void> {
        KHOCHUNG_CHECK(unless_interrupted());
        const bool is_there = KHOCHUNG_TRY(has(things[at], there));
        is_good[at] = is_there || KHOCHUNG_TRY(fetch(things[at])) ? 1 : 0;
        return {};
      });
  KHOCHUNG_CHECK(all);
  for (std::size_t at = 0; at < things.size(); ++at) {
    if (is_good[at] != 0) {
      KHOCHUNG_CHECK(name(things[at]));
    } else {
      absent_.push_back(things[at]);
    }
  }
  return {};
}

/// What belongs to this run of a 256th of the store. A record that the archive has lost and the set
/// still has is one of these.
Result<std::vector<BackupWork::Thing>> BackupWork::things_of(int slice, const Listing& there) {
  std::vector<Thing> things;
  const auto blobs = KHOCHUNG_TRY(catalogue_->fixity_in(static_cast<std::uint8_t>(slice)));
  for (const auto& blob : blobs) {
    things.push_back(
        {{storage::backup_path_of_blob(blob.sha256), blob.sha256, blob.size_bytes}, ""});
    run_.bytes += static_cast<std::int64_t>(blob.size_bytes);
  }
  auto names = KHOCHUNG_TRY(source_.records(slice));
  for (const auto& [path, size_bytes] : there) {
    const auto name = path.substr(path.rfind('/') + 1);
    const auto record = storage::RecordName::parse(name);
    if (record && trusted_.contains(record->seal)) names.push_back(name);
  }
  std::ranges::sort(names);
  const auto [first, last] = std::ranges::unique(names);
  names.erase(first, last);
  for (const auto& name : names) {
    Thing record;
    if (KHOCHUNG_TRY(belongs(name, record))) things.push_back(std::move(record));
  }
  return things;
}

/// Records that came after the snapshot are for the next run: with them, a restored archive would
/// have revisions that its catalogue knows nothing of.
Result<bool> BackupWork::belongs(const std::string& name, Thing& record) {
  const auto found = storage::RecordName::parse(name);
  if (!found) return false;
  const auto known = revisions_.find(found->id);
  if (known != revisions_.end() && found->revision > known->second) return false;
  record.file.sha256 = found->seal;
  record.file.path = "store/records/" + found->place().string();
  record.record = name;
  if (known == revisions_.end() && !trusted_.contains(found->seal))
    return KHOCHUNG_TRY(is_material(name)) ? false : true;
  const auto waiting = materials_.find(found->id);
  if (waiting != materials_.end() && waiting->second == std::pair(found->revision, found->seal))
    materials_.erase(waiting);
  return true;
}

Result<bool> BackupWork::is_material(const std::string& name) const {
  auto file = KHOCHUNG_TRY(set_.place().begin());
  KHOCHUNG_CHECK(source_.record(name, file));
  const auto text = KHOCHUNG_TRY(storage::read_small_file(file.path(), longest_record_bytes));
  const auto record = record_from_json(text);
  return record && record->kind == RecordKind::material;
}

/// What the run before names was proved when it was taken; whatever else lies there was left by a
/// run that did not come to its end, and is read before it counts.
Result<bool> BackupWork::has(const Thing& thing, const Listing& there) const {
  const auto found = there.find(thing.file.path);
  const bool has_length = found != there.end() && found->second > 0 &&
                          (!thing.record.empty() || found->second == thing.file.size_bytes);
  const bool is_empty_blob = found != there.end() && thing.record.empty() &&
                             thing.file.size_bytes == 0 && found->second == 0;
  if (!has_length && !is_empty_blob) return false;
  if (trusted_.contains(thing.file.sha256)) return true;
  const auto reader = KHOCHUNG_TRY(set_.place().open(thing.file.path));
  return KHOCHUNG_TRY(storage::reread(reader)).is_intact(thing.file.sha256);
}

/// False: the archive has no good copy of it.
Result<bool> BackupWork::fetch(const Thing& thing) {
  auto file = KHOCHUNG_TRY(set_.place().begin());
  const auto got = thing.record.empty() ? source_.blob(thing.file.sha256, file)
                                        : source_.record(thing.record, file);
  if (!got && is_of_this_thing(got.error())) return false;
  if (!got) return fail(got.error());
  auto as = KHOCHUNG_TRY(storage::taken(file, thing.file.path));
  if (as.sha256 != thing.file.sha256) return false;
  KHOCHUNG_CHECK(set_.place().keep(std::move(file), as));
  const std::scoped_lock lock(mutex_);
  ++fetched_;
  fetched_bytes_ += static_cast<std::int64_t>(as.size_bytes);
  new_things_.push_back(std::move(as));
  return true;
}

Result<void> BackupWork::name(const Thing& thing) {
  ++(thing.record.empty() ? run_.blobs : run_.records);
  const auto line = storage::checksum_line(thing.file.sha256, thing.file.path);
  return manifest_->write(std::as_bytes(std::span(line)));
}

/// What was written is made durable and read again, from the disk as far as the kernel lets it go.
Result<void> BackupWork::prove_new() {
  KHOCHUNG_CHECK(set_.place().sync());
  if (set_.place().is_to_be_reread()) {
    const auto all = storage::in_parallel(
        new_things_.size(), storage::backup_threads, [&](std::size_t at) -> Result<void> {
          const auto reader = KHOCHUNG_TRY(set_.place().open(new_things_[at].path));
          const auto fixity = KHOCHUNG_TRY(storage::reread(reader));
          if (fixity.is_intact(new_things_[at].sha256)) return {};
          return fail(ErrorCode::corrupt, "backup_damaged",
                      "the disk of the set gave back other bytes for " + new_things_[at].path);
        });
    KHOCHUNG_CHECK(all);
  }
  new_things_.clear();
  return {};
}

/// Every material of the snapshot has its newest record in the set, or in the snapshot itself, from
/// where the start writes it.
Result<void> BackupWork::look_for_absent_records() {
  if (materials_.empty()) return {};
  const auto owed = KHOCHUNG_TRY(catalogue_->owed_records(std::numeric_limits<int>::max()));
  for (const auto& text : owed) {
    const auto record = record_from_json(text);
    if (record) materials_.erase(record->id);
  }
  for (const auto& [id, newest] : materials_)
    run_.missing.push_back("record " + id.text() + " r" + std::to_string(newest.first));
  return {};
}

// -- the audit chain, and what it says was destroyed

Result<void> BackupWork::take_audit_chain() {
  const auto files = KHOCHUNG_TRY(source_.audit_files());
  for (const auto& [name, size_bytes] : files) {
    const auto path = "store/audit/" + std::string(name.ends_with(".pem") ? "keys/" : "") + name;
    const auto* earlier = before_ ? before_->find(path) : nullptr;
    // Lines are only ever added, so a file of the same length is the same.
    const bool is_known = earlier != nullptr && earlier->size_bytes == size_bytes &&
                          set_.place().open(storage::backup_path_of_content(earlier->sha256));
    if (is_known) {
      run_.bytes += static_cast<std::int64_t>(size_bytes);
      run_.files.push_back(*earlier);
      continue;
    }
    auto file = KHOCHUNG_TRY(set_.place().begin());
    KHOCHUNG_CHECK(source_.audit_file(name, file));
    if (storage::AuditFileName::parse(name)) KHOCHUNG_CHECK(read_evidence(file));
    KHOCHUNG_CHECK(keep_content(path, std::move(file)));
  }
  return {};
}

/// Nothing leaves the set but what the archive says it has destroyed.
Result<void> BackupWork::read_evidence(const TemporaryFile& file) {
  auto lines = KHOCHUNG_TRY(storage::LineReader::open(file.path()));
  while (KHOCHUNG_TRY(lines.next())) {
    if (lines.line().find(".destroy\"") == std::string_view::npos) continue;
    boost::json::error_code error;
    const auto json = boost::json::parse(lines.line(), error);
    const JsonReader read(json);
    const auto action = read.string("action");
    const auto digest = Digest::parse(read.string("object"));
    if (error || !digest ||
        (action != pipeline::blob_destroyed && action != pipeline::record_destroyed))
      continue;
    if (action == pipeline::record_destroyed && !destroyed_.contains(*digest)) was_erased_ = true;
    evidence_[*digest] = read.integer("seq");
  }
  return {};
}

/// What was destroyed and then brought in again is not destroyed; what went after the snapshot is,
/// though the snapshot expects it.
Result<void> BackupWork::settle_destroyed() {
  for (const auto& [digest, seq] : evidence_) destroyed_.insert(digest);
  for (auto at = destroyed_.begin(); at != destroyed_.end();) {
    const auto seen = evidence_.find(*at);
    const bool is_later = seen != evidence_.end() && seen->second > run_.audit_seq;
    at = !is_later && catalogue_->fixity(*at) ? destroyed_.erase(at) : std::next(at);
  }
  for (const auto& thing : absent_) {
    if (destroyed_.contains(thing.file.sha256)) continue;
    run_.missing.push_back(thing.record.empty() ? "blob " + thing.file.sha256.hex()
                                                : "record " + thing.record);
  }
  return {};
}

// -- the end

Result<void> BackupWork::commit() {
  KHOCHUNG_CHECK(prove_new());
  auto files = run_.files;
  std::ranges::sort(files, {}, &BackupFile::sha256);
  const auto [first, last] = std::ranges::unique(files, {}, &BackupFile::sha256);
  files.erase(first, last);
  for (const auto& file : files) {
    const auto line =
        storage::checksum_line(file.sha256, storage::backup_path_of_content(file.sha256));
    KHOCHUNG_CHECK(manifest_->write(std::as_bytes(std::span(line))));
  }
  KHOCHUNG_CHECK(set_.commit(run_, *std::move(manifest_), destroyed_));
  seal_ = KHOCHUNG_TRY(set_.seal(run_.id()));
  return {};
}

/// Runs that are too many, runs that tell of what was erased, and what nothing needs any more.
Result<void> BackupWork::let_go() {
  auto ids = KHOCHUNG_TRY(set_.run_ids());
  const auto kept = was_erased_ ? 1 : static_cast<std::size_t>(std::max(1, options_.kept_runs));
  for (std::size_t at = 0; at + kept < ids.size(); ++at) KHOCHUNG_CHECK(set_.drop(ids[at]));
  removed_ = KHOCHUNG_TRY(set_.sweep(destroyed_));
  return {};
}

Result<void> BackupWork::note_it() {
  KHOCHUNG_TRY(json_of(client_, post("/api/v1/backups", object{{"target", set_.place().name()},
                                                               {"run", run_.id()},
                                                               {"at", to_rfc3339(run_.at)},
                                                               {"sha256", seal_.hex()},
                                                               {"blobs", run_.blobs},
                                                               {"records", run_.records},
                                                               {"bytes", run_.bytes}})));
  return {};
}

}  // namespace khochung::app

#include "server/app/commands/restore_work.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>

#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/catalogue_rebuild.hpp"
#include "schemas/json_reader.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"
#include "storage/audit/chain_files.hpp"
#include "storage/backups/in_parallel.hpp"
#include "storage/blobs/verify.hpp"

namespace khochung::app {
namespace {

namespace fs = std::filesystem;
using boost::json::object;
using storage::error_of_errno;

constexpr std::size_t step_bytes = 1U << 20U;
constexpr mode_t only_read = 0444;
constexpr mode_t only_its_owner = 0600;
constexpr std::string_view temporary_name = "restore.tmp";
constexpr std::uint64_t longest_marker_bytes = 1U << 16U;

/// Copies bytes and gives what they hash to.
Result<Digest> copy(const storage::BlobReader& from, storage::TemporaryFile& to) {
  Hasher hasher;
  std::vector<std::byte> step(std::min<std::uint64_t>(step_bytes, from.size_bytes() + 1));
  for (std::uint64_t done = 0; done < from.size_bytes();) {
    const auto count = KHOCHUNG_TRY(from.read(done, step));
    if (count == 0) break;
    const auto piece = std::span(step).first(count);
    hasher.update(piece);
    KHOCHUNG_CHECK(to.write(piece));
    done += count;
  }
  return hasher.finish();
}

Result<storage::BlobReader> open_file(const fs::path& path) {
  storage::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info{};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0)
    return fail(error_of_errno(errno, "open " + path.string()));
  return storage::BlobReader(file.release(), static_cast<std::uint64_t>(info.st_size));
}

Result<void> sync_file_system_of(const fs::path& folder) {
  const storage::FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.is_open() || ::syncfs(descriptor.get()) != 0)
    return fail(error_of_errno(errno, "sync " + folder.string()));
  return {};
}

Result<void> take_away(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(error_of_errno(error.value(), "remove " + path.string()));
  return {};
}

bool has_anything(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder, error) && !fs::is_empty(folder, error);
}

}  // namespace

Result<RestoreWork::Outcome> RestoreWork::run() {
  // An owner's lock would make the folder: it is looked at before.
  std::error_code error;
  if (has_anything(paths_.root) && !fs::exists(paths_.unfinished_restore(), error))
    return fail(ErrorCode::conflict, "not_empty", paths_.root.string() + " is not empty");
  const auto all = KHOCHUNG_TRY(targets());
  // The newest run knows what was destroyed since the one that comes back.
  const auto newest = KHOCHUNG_TRY(set_.find(""));
  destroyed_ = KHOCHUNG_TRY(set_.destroyed(newest));
  const auto lock = KHOCHUNG_TRY(DataFolderLock::acquire_for_restore(paths_));
  KHOCHUNG_CHECK(begin());
  KHOCHUNG_CHECK(put_all(all));
  KHOCHUNG_CHECK(settle_catalogue());
  KHOCHUNG_CHECK(finish());
  return outcome_;
}

/// From here on nobody else opens the folder.
Result<void> RestoreWork::begin() {
  std::error_code error;
  const auto marker = boost::json::serialize(object{
      {"format", "khochung/unfinished-restore/1"}, {"run", run_.id()}, {"archive", run_.archive}});
  if (fs::exists(paths_.unfinished_restore(), error)) {
    const auto before =
        KHOCHUNG_TRY(storage::read_small_file(paths_.unfinished_restore(), longest_marker_bytes));
    // A marker that a power cut left empty was followed by nothing else.
    if (!before.empty() && before != marker)
      return fail(ErrorCode::conflict, "not_empty", "another restore was begun there: " + before);
  }
  const auto folder = paths_.root / temporary_name;
  KHOCHUNG_CHECK(take_away(folder));
  // They belong to a database that a try before had opened and that comes anew.
  for (const auto* part : {"-wal", "-shm"})
    KHOCHUNG_CHECK(take_away(paths_.catalogue().string() + part));
  fs::create_directories(folder, error);
  if (error) return fail(error_of_errno(error.value(), "make " + folder.string()));
  auto file = KHOCHUNG_TRY(storage::TemporaryFile::make(folder));
  KHOCHUNG_CHECK(file.write(std::as_bytes(std::span(marker))));
  if (::fsync(file.descriptor()) != 0 ||
      ::rename(file.path().c_str(), paths_.unfinished_restore().c_str()) != 0)
    return fail(error_of_errno(errno, "begin in " + paths_.root.string()));
  file.forget();
  return sync_file_system_of(paths_.root);
}

Result<void> RestoreWork::put_all(const std::vector<Target>& all) {
  ProgressBar bar("Khôi phục");
  const auto copied = storage::in_parallel(
      all.size(), storage::backup_threads, [&](std::size_t at) -> Result<void> {
        if (is_interrupted()) return fail(ErrorCode::unavailable, "the restore was interrupted");
        KHOCHUNG_CHECK(put(all[at]));
        const std::scoped_lock one(mutex_);
        ++outcome_.files;
        bar.show({static_cast<std::uint64_t>(outcome_.files), all.size(), 0,
                  static_cast<std::uint64_t>(outcome_.bytes)});
        return {};
      });
  KHOCHUNG_CHECK(copied);
  if (!damaged_.empty()) {
    std::ranges::sort(damaged_);
    return fail(ErrorCode::corrupt, "backup_damaged",
                std::to_string(damaged_.size()) + " damaged or missing in " + set_.place().name() +
                    ", first " + damaged_.front());
  }
  return sync_file_system_of(paths_.root);
}

Result<std::vector<RestoreWork::Target>> RestoreWork::targets() const {
  std::vector<Target> all;
  const auto things = KHOCHUNG_TRY(set_.things(run_.id()));
  for (const auto& thing : things) {
    if (thing.path.starts_with("store/")) all.push_back({thing.path, thing.path, thing.sha256});
  }
  for (const auto& file : run_.files)
    all.push_back({storage::backup_path_of_content(file.sha256), file.path, file.sha256});
  return all;
}

/// What is damaged is noted, so that one try names everything.
Result<void> RestoreWork::put(const Target& target) {
  if (KHOCHUNG_TRY(is_there(target))) return {};
  const auto reader = set_.place().open(target.from);
  const bool is_missing = !reader && reader.error().code == ErrorCode::not_found;
  if (!reader && !is_missing) return fail(reader.error());
  if (is_missing) {
    const std::scoped_lock lock(mutex_);
    if (destroyed_.contains(target.sha256)) {
      ++outcome_.destroyed;
    } else {
      damaged_.push_back(target.from);
    }
    return {};
  }
  auto file = KHOCHUNG_TRY(storage::TemporaryFile::make(paths_.root / temporary_name));
  const auto found = KHOCHUNG_TRY(copy(*reader, file));
  if (found != target.sha256) {
    const std::scoped_lock lock(mutex_);
    damaged_.push_back(target.from);
    return {};
  }
  const auto path = paths_.root / target.to;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return fail(error_of_errno(error.value(), "make the folder of " + path.string()));
  const bool changes = target.from != target.to;
  const bool is_named = ::fchmod(file.descriptor(), changes ? only_its_owner : only_read) == 0 &&
                        ::rename(file.path().c_str(), path.c_str()) == 0;
  if (!is_named) return fail(error_of_errno(errno, "name " + path.string()));
  file.forget();
  const std::scoped_lock lock(mutex_);
  outcome_.bytes += static_cast<std::int64_t>(reader->size_bytes());
  return {};
}

/// Put there by a try before, and still as it should be.
Result<bool> RestoreWork::is_there(const Target& target) const {
  const auto reader = open_file(paths_.root / target.to);
  if (!reader && reader.error().code == ErrorCode::not_found) return false;
  if (!reader) return fail(reader.error());
  return KHOCHUNG_TRY(storage::reread(*reader)).is_intact(target.sha256);
}

/// A catalogue of a newer program, or one that is not sound, is no loss: the records say the same,
/// but for receipts and jobs.
Result<void> RestoreWork::settle_catalogue() {
  const auto used = use_catalogue();
  if (used) return {};
  const bool is_hopeless =
      used.error().code == ErrorCode::corrupt || used.error().code == ErrorCode::unsupported;
  if (!is_hopeless) return used;
  outcome_.fits = false;
  std::error_code error;
  for (const auto* part : {"-wal", "-shm"}) fs::remove(paths_.catalogue().string() + part, error);
  fs::rename(paths_.catalogue(), paths_.root / "catalogue.sqlite.unfit", error);
  return {};
}

Result<void> RestoreWork::use_catalogue() {
  std::error_code error;
  if (!fs::exists(paths_.catalogue(), error))
    return fail(ErrorCode::corrupt, "the run has no catalogue");
  const auto catalogue = KHOCHUNG_TRY(storage::Catalogue::open(paths_.catalogue().string()));
  for (const auto& digest : destroyed_) {
    const auto path = paths_.root / storage::backup_path_of_blob(digest);
    if (!fs::exists(path, error) && catalogue->fixity(digest))
      KHOCHUNG_CHECK(catalogue->forget_blob(digest));
  }
  const storage::DerivativeStore derivatives(paths_.derived());
  outcome_.to_read = KHOCHUNG_TRY(pipeline::queue_missing_derivatives(*catalogue, derivatives));
  pipeline::AuditTrail audit(paths_.audit(), paths_.audit_key(), *catalogue);
  KHOCHUNG_CHECK(audit.open());
  storage::AuditEvent event;
  event.by = "local";
  event.from = "cli";
  event.action = "backup.restore";
  event.object = run_.id();
  event.detail = {{"set", set_.place().name()}, {"at", to_rfc3339(run_.at)}};
  return audit.note(std::move(event));
}

Result<void> RestoreWork::finish() {
  KHOCHUNG_CHECK(take_away(paths_.root / temporary_name));
  KHOCHUNG_CHECK(sync_file_system_of(paths_.root));
  KHOCHUNG_CHECK(take_away(paths_.unfinished_restore()));
  return sync_file_system_of(paths_.root);
}

}  // namespace khochung::app

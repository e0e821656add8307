#include "storage/records/record_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "storage/blobs/blob_store.hpp"
#include "storage/durable_file.hpp"
#include "storage/records/record_name.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_record_bytes = 64U << 20U;
/// What a file's name says, if it is a record's name.
std::optional<RecordStore::Found> found_from(const fs::path& path) {
  const auto name = RecordName::parse(path.filename().native());
  if (!name) return {};
  return RecordStore::Found{path, name->id, name->revision, name->seal};
}

Result<std::string> read_file(const fs::path& path) {
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0) {
    return fail(error_of_errno(errno, "open " + path.string()));
  }
  const BlobReader reader(descriptor.release(), static_cast<std::uint64_t>(info.st_size));
  return reader.read_all(max_record_bytes);
}

Error corrupt(const fs::path& path, std::string_view what) {
  return {ErrorCode::corrupt, path.filename().string() + ": " + std::string(what)};
}

}  // namespace

/// The right to write the next revision of one id; given back when it goes.
class RecordStore::Turn {
 public:
  Turn(RecordStore& store, const Uuid& id) : store_(store), id_(id) {
    const std::scoped_lock lock(store_.mutex_);
    is_ours_ = store_.being_written_.insert(id).second;
  }
  ~Turn() {
    if (!is_ours_) return;
    const std::scoped_lock lock(store_.mutex_);
    store_.being_written_.erase(id_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool is_ours() const { return is_ours_; }

 private:
  RecordStore& store_;
  Uuid id_;
  bool is_ours_ = false;
};

RecordStore::RecordStore(fs::path folder, SyncGroup& sync)
    : folder_(std::move(folder)), sync_(sync) {}

Result<void> RecordStore::prepare() {
  const std::scoped_lock lock(mutex_);
  if (is_prepared_) return {};
  KHOCHUNG_CHECK(sync_.make_folder(folder_ / "tmp"));
  KHOCHUNG_TRY(sweep_temporary_files(folder_ / "tmp"));
  is_prepared_ = true;
  return {};
}

Result<Digest> RecordStore::append(const Record& record) {
  KHOCHUNG_CHECK(prepare());
  const Turn turn(*this, record.id);
  if (!turn.is_ours()) return fail(ErrorCode::conflict, "this id is being written");
  const auto before = KHOCHUNG_TRY(revisions_of(record.id));
  const int last = before.empty() ? 0 : before.back().revision;
  const auto text = to_canonical_json(record);
  const auto seal = Digest::of(text);
  const bool is_there = std::ranges::any_of(before, [&](const Found& found) {
    return found.revision == record.revision && found.seal == seal;
  });
  // What was erased elsewhere begins with its skeleton.
  const bool fits = before.empty()
                        ? may_begin_history(record, record)
                        : record.revision == last + 1 && record.previous == before.back().seal;
  if (!fits && !is_there) {
    return fail(ErrorCode::conflict, "revision " + std::to_string(record.revision) +
                                         " does not follow revision " + std::to_string(last));
  }
  auto file = KHOCHUNG_TRY(TemporaryFile::make(folder_ / "tmp"));
  KHOCHUNG_CHECK(file.write(std::as_bytes(std::span(text))));
  const auto name = RecordName{record.id, record.revision, seal}.place();
  KHOCHUNG_TRY(sync_.place(std::move(file), folder_, name));
  return seal;
}

Result<std::vector<Digest>> RecordStore::erase_below(const Uuid& id, int revision) {
  std::vector<Digest> erased;
  // What a crash left of an erasure may have gaps.
  for (const auto& found : KHOCHUNG_TRY(files_of(id))) {
    if (found.revision >= revision) break;
    if (::unlink(found.path.c_str()) != 0 && errno != ENOENT)
      return fail(error_of_errno(errno, "erase " + found.path.string()));
    erased.push_back(found.seal);
  }
  if (!erased.empty()) KHOCHUNG_CHECK(sync_.sync_folder(folder_of(id)));
  return erased;
}

Result<Record> RecordStore::newest(const Uuid& id) const {
  const auto revisions = KHOCHUNG_TRY(revisions_of(id));
  if (revisions.empty()) return fail(ErrorCode::not_found, "no record of " + id.text());
  auto record = KHOCHUNG_TRY(read(revisions.back()));
  const bool is_alone = revisions.size() == 1;
  if (is_alone ? !may_begin_history(record, record)
               : record.previous != revisions[revisions.size() - 2].seal) {
    return fail(corrupt(revisions.back().path, "the chain is broken"));
  }
  return record;
}

Result<std::vector<Record>> RecordStore::history(const Uuid& id) const {
  const auto revisions = KHOCHUNG_TRY(revisions_of(id));
  if (revisions.empty()) return fail(ErrorCode::not_found, "no record of " + id.text());
  std::vector<Record> records;
  std::optional<Digest> previous;
  for (const auto& found : revisions) {
    auto record = KHOCHUNG_TRY(read(found));
    if (previous && record.previous != previous)
      return fail(corrupt(found.path, "the chain is broken"));
    previous = found.seal;
    records.push_back(std::move(record));
  }
  if (!may_begin_history(records.front(), records.back()))
    return fail(corrupt(revisions.front().path, "revisions before it are missing"));
  return records;
}

Result<Record> RecordStore::read(const Found& found) {
  const auto text = KHOCHUNG_TRY(read_file(found.path));
  if (Digest::of(text) != found.seal) {
    return fail(corrupt(found.path, "its bytes do not have its seal"));
  }
  auto record = KHOCHUNG_TRY(record_from_json(text));
  if (record.id != found.id || record.revision != found.revision) {
    return fail(corrupt(found.path, "it tells of another id or revision"));
  }
  return record;
}

Result<void> RecordStore::for_each(const std::function<bool(const Found&)>& visit) const {
  bool goes_on = true;
  for (unsigned slice = 0; slice < 256 && goes_on; ++slice) {
    KHOCHUNG_CHECK(for_each_in(static_cast<std::uint8_t>(slice),
                               [&](const Found& found) { return goes_on = visit(found); }));
  }
  return {};
}

Result<void> RecordStore::for_each_in(std::uint8_t slice,
                                      const std::function<bool(const Found&)>& visit) const {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string name{digits[slice >> 4U], digits[slice & 15U]};
  std::error_code error;
  fs::recursive_directory_iterator entries(folder_ / name, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const auto found = found_from(entries->path());
    if (found && !visit(*found)) return {};
  }
  if (error) return fail(error_of_errno(error.value(), "list records"));
  return {};
}

Result<void> RecordStore::for_each_id_in(
    std::uint8_t slice, const std::function<bool(const std::vector<Found>&)>& visit) const {
  // All files of an id lie in one folder, and a folder's files come one after another.
  fs::path folder;
  std::map<Uuid, std::vector<Found>> ids;
  bool goes_on = true;
  const auto hand_over = [&] {
    for (auto& [id, revisions] : ids) {
      std::ranges::sort(revisions, {}, &Found::revision);
      if (goes_on) goes_on = visit(revisions);
    }
    ids.clear();
    return goes_on;
  };
  KHOCHUNG_CHECK(for_each_in(slice, [&](const Found& found) {
    if (found.path.parent_path() != folder) {
      if (!hand_over()) return false;
      folder = found.path.parent_path();
    }
    ids[found.id].push_back(found);
    return true;
  }));
  hand_over();
  return {};
}

Result<bool> RecordStore::has_any() const {
  bool has_any = false;
  KHOCHUNG_CHECK(for_each([&](const Found&) {
    has_any = true;
    return false;
  }));
  return has_any;
}

fs::path RecordStore::folder_of(const Uuid& id) const {
  return folder_ / RecordName{id, 1, {}}.place().parent_path();
}

Result<std::vector<RecordStore::Found>> RecordStore::files_of(const Uuid& id) const {
  std::vector<Found> revisions;
  std::error_code error;
  fs::directory_iterator entries(folder_of(id), error);
  if (error == std::errc::no_such_file_or_directory) return revisions;
  const auto prefix = id.text() + ".r";
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (!entries->path().filename().native().starts_with(prefix)) continue;
    if (auto found = found_from(entries->path())) revisions.push_back(std::move(*found));
  }
  if (error) return fail(error_of_errno(error.value(), "list the records of " + id.text()));
  std::ranges::sort(revisions, {}, &Found::revision);
  return revisions;
}

Result<std::vector<RecordStore::Found>> RecordStore::revisions_of(const Uuid& id) const {
  auto revisions = KHOCHUNG_TRY(files_of(id));
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    if (i > 0 && revisions[i].revision != revisions[i - 1].revision + 1) {
      return fail(corrupt(revisions[i].path, "a revision is missing or stands twice"));
    }
  }
  return revisions;
}

}  // namespace khochung::storage

#include "storage/uploads/upload_store.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/durable_file.hpp"

namespace khochung::storage {

extern const std::vector<std::string_view> upload_migrations;

namespace {

/// How much may have come that a power cut or a kill could take.
constexpr std::uint64_t checkpoint_bytes = 16U << 20U;
constexpr std::int64_t removed_at_once = 64;
/// Beyond so many open files those that rest are closed.
constexpr std::size_t most_open = 512;
constexpr std::string_view part_suffix = ".part";

#define KHOCHUNG_UPLOAD_COLUMNS                                                         \
  "SELECT id, creator, unit, length_bytes, offset_bytes, metadata, state, created_at, " \
  "expires_at, material, outcome FROM upload "

constexpr auto state_names = std::to_array<std::pair<UploadState, std::string_view>>({
    {UploadState::receiving, "receiving"},
    {UploadState::taken, "taken"},
    {UploadState::refused, "refused"},
});

Result<UploadState> state_from(std::string_view text) {
  const auto* found =
      std::ranges::find(state_names, text, [](const auto& row) { return row.second; });
  if (found == state_names.end()) return fail(ErrorCode::corrupt, "an upload's state");
  return found->first;
}

std::int64_t milliseconds_of(Instant instant) {
  return instant.time_since_epoch().count();
}

Instant instant_of(std::int64_t milliseconds) {
  return Instant(std::chrono::milliseconds(milliseconds));
}

Result<std::vector<Upload>> uploads_of(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<Upload> found;
  while (KHOCHUNG_TRY(rows.next())) {
    Upload upload;
    upload.id = KHOCHUNG_TRY(UploadId::parse(rows.text(0)));
    upload.creator = rows.text(1);
    upload.unit = KHOCHUNG_TRY(UnitId::parse(rows.text(2)));
    upload.length_bytes = static_cast<std::uint64_t>(rows.integer(3));
    upload.offset_bytes = static_cast<std::uint64_t>(rows.integer(4));
    upload.metadata = rows.text(5);
    upload.state = KHOCHUNG_TRY(state_from(rows.text(6)));
    upload.created_at = instant_of(rows.integer(7));
    upload.expires_at = instant_of(rows.integer(8));
    if (const auto material = rows.text(9); !material.empty())
      upload.material = KHOCHUNG_TRY(MaterialId::parse(material));
    upload.outcome = rows.text(10);
    found.push_back(std::move(upload));
  }
  return found;
}

tl::unexpected<Error> no_such_upload() {
  return fail(ErrorCode::not_found, "no such upload");
}

tl::unexpected<Error> being_taken() {
  return fail(ErrorCode::locked, "upload_taking", "the upload is being taken in");
}

}  // namespace

std::string_view to_text(UploadState state) {
  return std::ranges::find(state_names, state, [](const auto& row) { return row.first; })->second;
}

/// An upload whose file is open.
struct UploadStore::Open {
  Open(Upload row, PartFile part) : upload(std::move(row)), file(std::move(part)) {}

  std::mutex mutex;
  Upload upload;  ///< as it was last noted
  PartFile file;
  std::uint64_t turn = 0;  ///< grows with each sender that comes
  /// What the present sender has brought counts from its finish() on; before it stands this.
  std::optional<std::uint64_t> pending_from;
  bool is_staged = false;
  bool is_removed = false;
};

UploadStore::UploadStore(std::filesystem::path folder, Settings settings, Clock clock,
                         std::unique_ptr<Database> database)
    : folder_(std::move(folder)),
      settings_(settings),
      clock_(std::move(clock)),
      database_(std::move(database)) {}

Result<std::unique_ptr<UploadStore>> UploadStore::open(std::filesystem::path folder,
                                                       Settings settings, Clock clock) {
  SyncGroup sync;
  KHOCHUNG_CHECK(sync.make_folder(folder));
  auto database = KHOCHUNG_TRY(Database::open(folder / "uploads.sqlite", upload_migrations));
  std::unique_ptr<UploadStore> store(new UploadStore(
      std::move(folder), settings, clock ? std::move(clock) : Clock(now), std::move(database)));
  KHOCHUNG_CHECK(store->sweep_strangers());
  return store;
}

std::filesystem::path UploadStore::path_of(UploadId id) const {
  return folder_ / (id.text() + std::string(part_suffix));
}

/// A file is made before its row and goes after it: one without a row is nobody's.
Result<void> UploadStore::sweep_strangers() {
  KHOCHUNG_CHECK(remove_expired());
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder_, error);
  if (error) return fail(error_of_errno(error.value(), "sweep " + folder_.string()));
  for (const auto& entry : entries) {
    const auto& path = entry.path();
    if (path.extension() != part_suffix) continue;
    const auto id = UploadId::parse(path.stem().string());
    const auto known = id ? row(*id) : Result<Upload>(no_such_upload());
    const bool is_wanted =
        known ? known->state == UploadState::receiving : known.error().code != ErrorCode::not_found;
    if (!is_wanted) std::filesystem::remove(path, error);
  }
  return {};
}

Result<void> UploadStore::remove_expired() {
  const auto expired = KHOCHUNG_TRY(database_->read([&](Connection& connection) {
    return uploads_of(connection.query(KHOCHUNG_UPLOAD_COLUMNS
                                       "WHERE expires_at < ? ORDER BY expires_at LIMIT ?",
                                       {milliseconds_of(clock_()), removed_at_once}));
  }));
  for (const auto& upload : expired) {
    const auto removed = remove(upload.id);
    if (!removed && removed.error().code == ErrorCode::unavailable) return removed;
  }
  return {};
}

Result<void> UploadStore::change(std::string_view sql, std::initializer_list<SqlValue> values) {
  return database_->write([&](Connection& connection) {
    return connection.change(sql, values).map([](std::int64_t) {});
  });
}

Result<Upload> UploadStore::row(UploadId id) {
  const auto text = id.text();
  auto found = KHOCHUNG_TRY(database_->read([&](Connection& connection) {
    return uploads_of(
        connection.query(KHOCHUNG_UPLOAD_COLUMNS "WHERE id = ?", {std::string_view(text)}));
  }));
  if (found.empty()) return no_such_upload();
  return std::move(found.front());
}

Result<void> UploadStore::check_room(std::uint64_t wanted_bytes) const {
  const auto free = KHOCHUNG_TRY(free_bytes(folder_));
  if (free >= settings_.head_room_bytes && free - settings_.head_room_bytes >= wanted_bytes)
    return {};
  return fail(ErrorCode::disk_full, "an upload does not fit in " + folder_.string());
}

Result<Upload> UploadStore::create(const std::string& creator, UnitId unit,
                                   std::uint64_t length_bytes, std::string metadata) {
  if (length_bytes > settings_.max_file_bytes)
    return fail(ErrorCode::too_large, "upload_too_large", "the file is larger than uploads may be");
  KHOCHUNG_CHECK(remove_expired());
  KHOCHUNG_CHECK(check_room(length_bytes));
  Upload upload;
  upload.id = UploadId::make();
  upload.creator = creator;
  upload.unit = unit;
  upload.length_bytes = length_bytes;
  upload.metadata = std::move(metadata);
  upload.created_at = clock_();
  upload.expires_at = upload.created_at + settings_.lifetime;
  auto file = KHOCHUNG_TRY(PartFile::make(path_of(upload.id)));
  const auto id = upload.id.text();
  const auto owner = unit.text();
  const auto length = static_cast<std::int64_t>(length_bytes);
  const auto written = database_->write([&](Connection& connection) -> Result<void> {
    const auto open = KHOCHUNG_TRY(
        connection.number("SELECT COUNT(*) FROM upload WHERE creator = ? AND state = 'receiving'",
                          {std::string_view(creator)}));
    if (open.value_or(0) >= settings_.max_open_per_creator)
      return fail(ErrorCode::conflict, "too_many_uploads", "too many uploads are under way");
    const auto under_way = KHOCHUNG_TRY(connection.number(
        "SELECT COALESCE(SUM(length_bytes), 0) FROM upload WHERE unit = ? AND state = 'receiving'",
        {std::string_view(owner)}));
    if (static_cast<std::uint64_t>(under_way.value_or(0)) + length_bytes > settings_.max_unit_bytes)
      return fail(ErrorCode::too_large, "unit_quota", "the unit's uploads under way are too large");
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO upload (id, creator, unit, length_bytes, offset_bytes, metadata, state, "
        "created_at, expires_at, material, outcome) VALUES (?, ?, ?, ?, 0, ?, 'receiving', ?, ?, "
        "'', '')",
        {std::string_view(id), std::string_view(creator), std::string_view(owner), length,
         std::string_view(upload.metadata), milliseconds_of(upload.created_at),
         milliseconds_of(upload.expires_at)}));
    return {};
  });
  if (!written) {
    std::error_code ignored;
    std::filesystem::remove(path_of(upload.id), ignored);
    return fail(written.error());
  }
  const std::lock_guard lock(mutex_);
  open_.insert_or_assign(upload.id, std::make_shared<Open>(upload, std::move(file)));
  return upload;
}

Result<std::shared_ptr<UploadStore::Open>> UploadStore::open_one(const Upload& upload) {
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(upload.id); found != open_.end()) return found->second;
  // A file that rests is opened again when its sender comes; what was not noted comes again then.
  if (open_.size() >= most_open) {
    std::erase_if(open_, [](const auto& entry) { return entry.second.use_count() == 1; });
  }
  auto file = KHOCHUNG_TRY(PartFile::open(path_of(upload.id), upload.offset_bytes,
                                          upload.offset_bytes == upload.length_bytes));
  auto open = std::make_shared<Open>(upload, std::move(file));
  open_.emplace(upload.id, open);
  return open;
}

void UploadStore::forget(UploadId id) {
  const std::lock_guard lock(mutex_);
  open_.erase(id);
}

/// Ends whoever else is sending; his unfinished bytes go where they count only whole.
Result<void> UploadStore::begin_turn(Open& open) {
  if (open.is_removed) return no_such_upload();
  if (open.is_staged) return being_taken();
  ++open.turn;
  if (open.pending_from) KHOCHUNG_CHECK(open.file.cut(*open.pending_from));
  open.pending_from.reset();
  return note(open);
}

/// Makes durable what counts of the bytes that are there.
Result<void> UploadStore::note(Open& open) {
  const auto offset = open.pending_from.value_or(open.file.size_bytes());
  if (offset == open.upload.offset_bytes) return {};
  if (const auto synced = open.file.sync(); !synced) {
    // The kernel takes pages that it failed to write for written: they come again.
    KHOCHUNG_CHECK(open.file.cut(open.upload.offset_bytes));
    return fail(synced.error());
  }
  const auto expires_at = clock_() + settings_.lifetime;
  const auto id = open.upload.id.text();
  KHOCHUNG_CHECK(change(
      "UPDATE upload SET offset_bytes = ?, expires_at = ? WHERE id = ?",
      {static_cast<std::int64_t>(offset), milliseconds_of(expires_at), std::string_view(id)}));
  open.upload.offset_bytes = offset;
  open.upload.expires_at = expires_at;
  return {};
}

Result<Upload> UploadStore::find(UploadId id) {
  auto upload = KHOCHUNG_TRY(row(id));
  if (upload.state != UploadState::receiving) return upload;
  if (upload.expires_at < clock_()) return no_such_upload();
  const auto open = KHOCHUNG_TRY(open_one(upload));
  const std::lock_guard lock(open->mutex);
  if (open->is_staged) return open->upload;
  KHOCHUNG_CHECK(begin_turn(*open));
  return open->upload;
}

Result<std::vector<Upload>> UploadStore::receiving(const std::string& creator) {
  return database_->read([&](Connection& connection) {
    return uploads_of(connection.query(
        KHOCHUNG_UPLOAD_COLUMNS
        "WHERE creator = ? AND state = 'receiving' AND expires_at >= ? ORDER BY id DESC LIMIT 1000",
        {std::string_view(creator), milliseconds_of(clock_())}));
  });
}

Result<void> UploadStore::remove(UploadId id) {
  const auto upload = KHOCHUNG_TRY(row(id));
  std::shared_ptr<Open> open;
  if (upload.state == UploadState::receiving) {
    // One whose file is not what was noted goes, too.
    if (auto opened = open_one(upload)) open = *std::move(opened);
  }
  std::unique_lock<std::mutex> lock;
  if (open) {
    lock = std::unique_lock(open->mutex);
    if (open->is_staged) return being_taken();
    ++open->turn;
    open->is_removed = true;
  }
  const auto text = id.text();
  KHOCHUNG_CHECK(change("DELETE FROM upload WHERE id = ?", {std::string_view(text)}));
  std::error_code ignored;
  std::filesystem::remove(path_of(id), ignored);
  forget(id);
  return {};
}

Result<std::unique_ptr<UploadStore::Appender>> UploadStore::append(UploadId id,
                                                                   std::uint64_t offset_bytes,
                                                                   std::uint64_t length_bytes,
                                                                   bool is_all_or_nothing) {
  const auto upload = KHOCHUNG_TRY(row(id));
  if (upload.state == UploadState::refused)
    return fail(ErrorCode::gone, "upload_refused", "the upload was refused");
  if (upload.state == UploadState::taken)
    return fail(ErrorCode::conflict, "upload_offset", "the upload is whole");
  if (upload.expires_at < clock_()) return no_such_upload();
  const auto open = KHOCHUNG_TRY(open_one(upload));
  const std::lock_guard lock(open->mutex);
  KHOCHUNG_CHECK(begin_turn(*open));
  if (offset_bytes != open->upload.offset_bytes)
    return fail(ErrorCode::conflict, "upload_offset", "the upload stands elsewhere");
  if (length_bytes > upload.length_bytes - offset_bytes)
    return fail(ErrorCode::too_large, "upload_too_long", "more bytes than the upload's length");
  if (is_all_or_nothing) open->pending_from = offset_bytes;
  return std::make_unique<Appender>(*this, open, open->turn);
}

Result<void> UploadStore::Appender::write(std::span<const std::byte> bytes) {
  const std::lock_guard lock(open_->mutex);
  if (open_->turn != turn_)
    return fail(ErrorCode::conflict, "upload_offset", "another connection has taken over");
  auto& file = open_->file;
  if (bytes.size() > open_->upload.length_bytes - file.size_bytes())
    return fail(ErrorCode::too_large, "upload_too_long", "more bytes than the upload's length");
  KHOCHUNG_CHECK(file.append(bytes));
  if (open_->pending_from || file.size_bytes() - open_->upload.offset_bytes < checkpoint_bytes)
    return {};
  KHOCHUNG_CHECK(store_.note(*open_));
  return store_.check_room(0);
}

Result<Upload> UploadStore::Appender::finish() {
  const std::lock_guard lock(open_->mutex);
  if (open_->turn != turn_)
    return fail(ErrorCode::conflict, "upload_offset", "another connection has taken over");
  open_->pending_from.reset();
  KHOCHUNG_CHECK(store_.note(*open_));
  return open_->upload;
}

Result<std::unique_ptr<UploadStore::Staged>> UploadStore::stage(UploadId id, BlobStore& blobs) {
  const auto upload = KHOCHUNG_TRY(row(id));
  if (upload.state != UploadState::receiving)
    return fail(ErrorCode::conflict, "upload_offset", "the upload was taken in or refused");
  const auto open = KHOCHUNG_TRY(open_one(upload));
  const std::lock_guard lock(open->mutex);
  KHOCHUNG_CHECK(begin_turn(*open));
  if (!open->upload.is_whole())
    return fail(ErrorCode::conflict, "upload_not_whole", "bytes of the upload are missing");
  auto staged = KHOCHUNG_TRY(open->file.stage());
  return std::make_unique<Staged>(blobs, open, std::move(staged));
}

Result<void> UploadStore::settle(UploadId id, UploadState state, std::optional<MaterialId> material,
                                 std::string_view outcome) {
  const auto text = id.text();
  const auto named = material ? material->text() : std::string();
  const auto expires_at = milliseconds_of(clock_() + settings_.lifetime);
  KHOCHUNG_CHECK(change(
      "UPDATE upload SET state = ?, material = ?, outcome = ?, expires_at = ? WHERE id = ?",
      {to_text(state), std::string_view(named), outcome, expires_at, std::string_view(text)}));
  std::error_code ignored;
  std::filesystem::remove(path_of(id), ignored);
  forget(id);
  return {};
}

UploadStore::Staged::Staged(BlobStore& blobs, std::shared_ptr<Open> open, StagedFile file)
    : blobs_(blobs), open_(std::move(open)), file_(std::move(file)) {
  open_->is_staged = true;
  claim_ = std::shared_ptr<const void>(nullptr, [staged = open_](const void*) {
    const std::lock_guard lock(staged->mutex);
    staged->is_staged = false;
  });
}

Result<void> UploadStore::Staged::write(std::span<const std::byte> /*bytes*/) {
  return fail(ErrorCode::internal, "a staged upload takes no more bytes");
}

Result<BlobReader> UploadStore::Staged::preview() {
  const std::lock_guard lock(open_->mutex);
  return open_->file.reader();
}

Result<BlobInfo> UploadStore::Staged::finish() {
  return blobs_.keep_file(file_);
}

}  // namespace khochung::storage

#include "storage/catalogue/sqlite_connection.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "storage/catalogue/checked_pages.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

constexpr int busy_timeout_ms = 10'000;
/// Statements with a varying number of placeholders must not fill the memory.
constexpr std::size_t prepared_at_most = 200;

ErrorCode code_of(int result) {
  if (result == SQLITE_IOERR_DATA) return ErrorCode::corrupt;
  switch (result & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupt;
    case SQLITE_FULL: return ErrorCode::disk_full;
    case SQLITE_CONSTRAINT: return ErrorCode::conflict;
    default: return ErrorCode::unavailable;
  }
}

tl::unexpected<Error> failure(sqlite3* handle, int result, std::string_view what) {
  const auto message = std::string(what) + ": " + sqlite3_errmsg(handle) + " (" +
                       std::to_string(sqlite3_extended_errcode(handle)) + ")";
  const auto code = code_of(result);
  return code == ErrorCode::corrupt ? fail(code, "damaged_database", message) : fail(code, message);
}

int bind_value(sqlite3_stmt* statement, int place, const SqlValue& value) {
  struct Visitor {
    sqlite3_stmt* statement;
    int place;
    int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, place); }
    int operator()(std::int64_t number) const {
      return sqlite3_bind_int64(statement, place, number);
    }
    int operator()(std::string_view text) const {
      return sqlite3_bind_text64(statement, place, text.data() == nullptr ? "" : text.data(),
                                 text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(const Digest& digest) const {
      return sqlite3_bind_blob(statement, place, digest.bytes().data(), Digest::size_bytes,
                               SQLITE_TRANSIENT);
    }
  };
  return std::visit(Visitor{statement, place}, value);
}

/// The time of the job queue: goes on evenly whatever happens to the system's clock.
void queue_time(sqlite3_context* context, int /*count*/, sqlite3_value** /*values*/) {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  static const auto offset =
      std::chrono::system_clock::now().time_since_epoch() - steady_clock::now().time_since_epoch();
  const auto now = steady_clock::now().time_since_epoch() + offset;
  sqlite3_result_int64(context, std::chrono::duration_cast<milliseconds>(now).count());
}

/// An empty file that only those may read who may read `file`.
Result<void> copy_permissions(const std::filesystem::path& file,
                              const std::filesystem::path& empty) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0)
    return fail(error_of_errno(errno, "look at " + file.string()));
  const FileDescriptor made(
      ::open(empty.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, status.st_mode & 0777U));
  if (!made.is_open()) return fail(error_of_errno(errno, "make " + empty.string()));
  return {};
}

Result<void> sync(const std::filesystem::path& path) {
  const FileDescriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.get()) != 0)
    return fail(error_of_errno(errno, "fsync " + path.string()));
  return {};
}

}  // namespace

// -- SqliteStatement

SqliteStatement::~SqliteStatement() {
  sqlite3_finalize(statement_);
}

Result<void> SqliteStatement::bind(std::span<const SqlValue> values) {
  is_running_ = true;
  int place = 0;
  for (const auto& value : values) {
    const int result = bind_value(statement_, ++place, value);
    if (result == SQLITE_OK) continue;
    return failure(sqlite3_db_handle(statement_), result, sqlite3_sql(statement_));
  }
  return {};
}

Result<bool> SqliteStatement::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(statement_), result, sqlite3_sql(statement_));
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteStatement::text(int column) const {
  const void* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {static_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<Digest> SqliteStatement::digest(int column) const {
  const void* raw = sqlite3_column_blob(statement_, column);
  if (raw == nullptr || sqlite3_column_bytes(statement_, column) != Digest::size_bytes) {
    return fail(ErrorCode::corrupt, "a digest in the catalogue has not 32 bytes");
  }
  std::array<std::uint8_t, Digest::size_bytes> bytes{};
  std::memcpy(bytes.data(), raw, bytes.size());
  return Digest(bytes);
}

std::int64_t SqliteStatement::changed() const {
  return sqlite3_changes64(sqlite3_db_handle(statement_));
}

void SqliteStatement::end() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  is_running_ = false;
}

// -- SqliteConnection

Result<std::unique_ptr<Connection>> SqliteConnection::open(const std::filesystem::path& file,
                                                           Mode mode) {
  const auto* layer = KHOCHUNG_TRY(checked_pages::layer());
  auto connection = KHOCHUNG_TRY(open_through(layer, file, mode));
  if (checked_pages::has_sums(connection->handle_)) return connection;
  // The layer would put sums into a copy, where an older program expects data.
  connection.reset();
  return open_through(nullptr, file, mode);
}

/// `layer`: the name of a VFS; null for SQLite's own.
Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open_through(
    const char* layer, const std::filesystem::path& file, Mode mode) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::writing ? SQLITE_OPEN_CREATE : 0);
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags, layer);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, mode));
  if (result != SQLITE_OK) return failure(handle, result, "open " + file.string());
  // Closing a connection that could not read the log of a process that died deletes that log, and
  // all that was committed there: seen with a disk that was full while the log's index was made.
  connection->set_keeps_log(true);
  KHOCHUNG_CHECK(connection->set_up());
  KHOCHUNG_TRY(connection->version());  // for this the log was read
  connection->set_keeps_log(false);
  return connection;
}

void SqliteConnection::set_keeps_log(bool keeps) {
  int value = keeps ? 1 : 0;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_PERSIST_WAL, &value);
}

SqliteConnection::~SqliteConnection() {
  prepared_.clear();
  sqlite3_close_v2(handle_);
}

Result<void> SqliteConnection::set_up() {
  sqlite3_busy_timeout(handle_, busy_timeout_ms);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (mode_ == Mode::reading) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  sqlite3_create_function_v2(handle_, "queue_time", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr,
                             queue_time, nullptr, nullptr, nullptr);
  KHOCHUNG_CHECK(
      execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
              // What was deleted is not to be found in free pages.
              "PRAGMA secure_delete=ON;"
              "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;"));
  if (mode_ == Mode::writing && checked_pages::has_sums(handle_))
    KHOCHUNG_CHECK(leave_room_for_sums());
  return execute(mode_ == Mode::writing ? "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=4000;"
                                          "PRAGMA journal_size_limit=67108864;"
                                        : "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0;");
}

/// Of a file that has pages nothing changes.
Result<void> SqliteConnection::leave_room_for_sums() {
  KHOCHUNG_CHECK(execute("PRAGMA page_size=" + std::to_string(checked_pages::page_bytes)));
  KHOCHUNG_CHECK(checked_pages::leave_room(handle_));
  if (KHOCHUNG_TRY(number("PRAGMA application_id")).value_or(0) == checked_pages::application_id)
    return {};
  return execute("PRAGMA application_id=" + std::to_string(checked_pages::application_id));
}

Result<void> SqliteConnection::add_sums(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path copy = file.string() + ".with-sums";
  for (const auto* left_by_a_crash : {"", "-wal", "-shm"})
    std::filesystem::remove(copy.string() + left_by_a_crash, error);
  if (!std::filesystem::exists(file, error)) return {};
  {
    const auto* layer = KHOCHUNG_TRY(checked_pages::layer());
    const auto connection = KHOCHUNG_TRY(open_through(layer, file, Mode::writing));
    if (checked_pages::has_sums(connection->handle_)) return {};
    KHOCHUNG_CHECK(copy_permissions(file, copy));
    KHOCHUNG_CHECK(connection->copy_with_sums(copy));
  }
  KHOCHUNG_CHECK(open(copy, Mode::writing).map([](const auto&) {}));
  KHOCHUNG_CHECK(sync(copy));
  std::filesystem::rename(copy, file, error);
  if (error) return fail(error_of_errno(error.value(), "rename " + copy.string()));
  return sync(file.parent_path());
}

/// Without a write-ahead log at the end, which must not be taken for that of the copy.
Result<void> SqliteConnection::copy_with_sums(const std::filesystem::path& copy) {
  KHOCHUNG_CHECK(execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE"));
  KHOCHUNG_CHECK(checked_pages::leave_room(handle_));
  const auto name = copy.string();
  KHOCHUNG_TRY(change("VACUUM INTO ?", {std::string_view(name)}));
  return {};
}

Result<CheckedPages> SqliteConnection::check_pages(std::uint8_t slice) {
  auto checked = KHOCHUNG_TRY(checked_pages::check(handle_, slice));
  checked.file = sqlite3_db_filename(handle_, "main");
  return checked;
}

Result<void> SqliteConnection::begin() {
  KHOCHUNG_TRY(change(mode_ == Mode::writing ? "BEGIN IMMEDIATE" : "BEGIN"));
  return {};
}

Result<void> SqliteConnection::commit() {
  KHOCHUNG_TRY(change("COMMIT"));
  return {};
}

Result<void> SqliteConnection::execute(std::string_view script) {
  const std::string text(script);
  const int result = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return failure(handle_, result, text.substr(0, 60));
  return {};
}

Result<SqliteStatement*> SqliteConnection::prepared(std::string_view sql) {
  if (const auto found = prepared_.find(sql); found != prepared_.end()) return found->second.get();
  if (prepared_.size() >= prepared_at_most) {
    std::erase_if(prepared_, [](const auto& kept) { return !kept.second->is_running(); });
  }
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return failure(handle_, result, sql);
  return prepared_.emplace(sql, std::make_unique<SqliteStatement>(statement)).first->second.get();
}

Result<Rows> SqliteConnection::query(std::string_view sql, std::span<const SqlValue> values) {
  auto* statement = KHOCHUNG_TRY(prepared(sql));
  Rows rows(*statement);
  KHOCHUNG_CHECK(statement->bind(values));
  return rows;
}

Result<std::int64_t> SqliteConnection::version() {
  return KHOCHUNG_TRY(number("PRAGMA user_version")).value_or(0);
}

Result<void> SqliteConnection::migrate(std::string_view script, std::int64_t to_version) {
  KHOCHUNG_CHECK(execute(script));
  return execute("PRAGMA user_version=" + std::to_string(to_version));
}

}  // namespace khochung::storage

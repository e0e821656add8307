#include "storage/catalogue/sqlite_connection.hpp"

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstring>

namespace khochung::storage {
namespace {

constexpr int busy_timeout_ms = 10'000;
/// Statements with a varying number of placeholders must not fill the memory.
constexpr std::size_t prepared_at_most = 200;

ErrorCode code_of(int result) {
  switch (result & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::corrupt;
    case SQLITE_FULL: return ErrorCode::disk_full;
    case SQLITE_CONSTRAINT: return ErrorCode::conflict;
    default: return ErrorCode::unavailable;
  }
}

tl::unexpected<Error> failure(sqlite3* handle, int result, std::string_view what) {
  return fail(code_of(result), std::string(what) + ": " + sqlite3_errmsg(handle) + " (" +
                                   std::to_string(sqlite3_extended_errcode(handle)) + ")");
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
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::writing ? SQLITE_OPEN_CREATE : 0);
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, mode));
  if (result != SQLITE_OK) return failure(handle, result, "open " + file.string());
  KHOCHUNG_CHECK(connection->set_up());
  return connection;
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
              "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;"));
  return execute(mode_ == Mode::writing ? "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=4000;"
                                          "PRAGMA journal_size_limit=67108864;"
                                        : "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0;");
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

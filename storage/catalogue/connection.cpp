#include "storage/catalogue/connection.hpp"

#include <sqlite3.h>

#include <cstring>
#include <utility>

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

int bind(sqlite3_stmt* statement, int place, const SqlValue& value) {
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

template <typename Values>
int bind_all(sqlite3_stmt* statement, const Values& values) {
  int place = 0;
  for (const auto& value : values) {
    if (const int result = bind(statement, ++place, value); result != SQLITE_OK) return result;
  }
  return SQLITE_OK;
}

}  // namespace

// -- Rows

Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<bool> Rows::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(statement_), result, sqlite3_sql(statement_));
}

std::int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Rows::text(int column) const {
  const void* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {static_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Rows::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<Digest> Rows::digest(int column) const {
  const void* raw = sqlite3_column_blob(statement_, column);
  if (raw == nullptr || sqlite3_column_bytes(statement_, column) != Digest::size_bytes) {
    return fail(ErrorCode::corrupt, "a digest in the catalogue has not 32 bytes");
  }
  std::array<std::uint8_t, Digest::size_bytes> bytes{};
  std::memcpy(bytes.data(), raw, bytes.size());
  return Digest(bytes);
}

// -- Connection

Result<Connection> Connection::open(const std::filesystem::path& file, Mode mode) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::writing ? SQLITE_OPEN_CREATE : 0);
  const int result = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  Connection connection(handle);
  if (result != SQLITE_OK) return failure(handle, result, "open " + file.string());
  KHOCHUNG_CHECK(connection.set_up(mode));
  return connection;
}

Connection::Connection(Connection&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      prepared_(std::exchange(other.prepared_, {})) {}

Connection::~Connection() {
  for (const auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Result<void> Connection::set_up(Mode mode) {
  sqlite3_busy_timeout(handle_, busy_timeout_ms);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (mode == Mode::reading) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  KHOCHUNG_CHECK(
      execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
              "PRAGMA secure_delete=ON;"
              "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;"));
  return execute(mode == Mode::writing ? "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=4000;"
                                         "PRAGMA journal_size_limit=67108864;"
                                       : "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0;");
}

Result<void> Connection::execute(std::string_view script) {
  const std::string text(script);
  const int result = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return failure(handle_, result, text.substr(0, 60));
  return {};
}

Result<sqlite3_stmt*> Connection::prepared(std::string_view sql) {
  if (const auto found = prepared_.find(sql); found != prepared_.end()) return found->second;
  if (prepared_.size() >= prepared_at_most) {
    for (auto kept = prepared_.begin(); kept != prepared_.end();) {
      const bool is_running = sqlite3_stmt_busy(kept->second) != 0;
      if (!is_running) sqlite3_finalize(kept->second);
      kept = is_running ? std::next(kept) : prepared_.erase(kept);
    }
  }
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return failure(handle_, result, sql);
  prepared_.emplace(sql, statement);
  return statement;
}

Result<Rows> Connection::query(std::string_view sql, std::initializer_list<SqlValue> values) {
  auto* statement = KHOCHUNG_TRY(prepared(sql));
  Rows rows(statement);
  const int result = bind_all(statement, values);
  if (result != SQLITE_OK) return failure(handle_, result, sql);
  return rows;
}

Result<Rows> Connection::query(std::string_view sql, const std::vector<SqlValue>& values) {
  auto* statement = KHOCHUNG_TRY(prepared(sql));
  Rows rows(statement);
  const int result = bind_all(statement, values);
  if (result != SQLITE_OK) return failure(handle_, result, sql);
  return rows;
}

Result<std::int64_t> Connection::change(std::string_view sql,
                                        std::initializer_list<SqlValue> values) {
  auto rows = KHOCHUNG_TRY(query(sql, values));
  while (KHOCHUNG_TRY(rows.next())) {
  }
  return sqlite3_changes64(handle_);
}

Result<std::optional<std::int64_t>> Connection::number(std::string_view sql,
                                                       std::initializer_list<SqlValue> values) {
  auto rows = KHOCHUNG_TRY(query(sql, values));
  if (!KHOCHUNG_TRY(rows.next()) || rows.is_null(0)) return std::nullopt;
  return rows.integer(0);
}

std::int64_t Connection::last_row_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

}  // namespace khochung::storage

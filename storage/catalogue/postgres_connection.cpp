#include "storage/catalogue/postgres_connection.hpp"

#include <array>
#include <charconv>

#include "storage/catalogue/postgres_schema.hpp"

namespace khochung::storage {
namespace {

constexpr int oldest_server = 150'000;
/// As on SQLite: statements with a varying number of placeholders must not fill the memory.
constexpr std::size_t prepared_at_most = 200;

/// What every session is told. A server that hangs within a transaction must not hold up the
/// others.
constexpr std::string_view session_settings =
    "SET synchronous_commit = on; SET bytea_output = hex; SET standard_conforming_strings = on; "
    "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; "
    "SET idle_session_timeout = 0";

bool begins_with(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  for (const auto beginning : beginnings) {
    if (text.starts_with(beginning)) return true;
  }
  return false;
}

/// Source: PostgreSQL 15, appendix A (error codes).
ErrorCode code_of(std::string_view state) {
  if (begins_with(state, {"23"})) return ErrorCode::conflict;
  if (begins_with(state, {"XX001", "XX002"})) return ErrorCode::corrupt;
  if (begins_with(state, {"53100"})) return ErrorCode::disk_full;
  if (begins_with(state, {"22021"})) return ErrorCode::bad_input;
  if (begins_with(state, {"42"})) return ErrorCode::internal;
  return ErrorCode::unavailable;
}

/// An error without a code is libpq's own: it did not get through to the server. PQstatus() may
/// tell that only with the next call.
Fault fault_of(std::string_view state) {
  if (state.empty() || begins_with(state, {"08", "57P", "25P03"})) return Fault::lost;
  if (begins_with(state, {"40001", "40P01"})) return Fault::collision;
  return Fault::none;
}

/// Values as libpq takes them: numbers as text, text and digests as their bytes.
class Parameters {
 public:
  explicit Parameters(std::span<const SqlValue> values) {
    numbers_.reserve(values.size());
    for (const auto& value : values) std::visit(*this, value);
  }

  void operator()(std::nullptr_t) { add(nullptr, 0, 0); }
  void operator()(std::int64_t number) {
    numbers_.push_back(std::to_string(number));
    add(numbers_.back().c_str(), 0, 0);
  }
  void operator()(std::string_view text) {
    add(text.data() == nullptr ? "" : text.data(), text.size(), 1);
  }
  void operator()(const Digest& digest) {
    add(reinterpret_cast<const char*>(digest.bytes().data()), Digest::size_bytes, 1);
  }

  PGresult* run(PGconn* handle, const std::string& statement) const {
    return PQexecPrepared(handle, statement.c_str(), static_cast<int>(places_.size()),
                          places_.data(), lengths_.data(), forms_.data(), 0);
  }

 private:
  void add(const char* place, std::size_t length, int form) {
    places_.push_back(place);
    lengths_.push_back(static_cast<int>(length));
    forms_.push_back(form);
  }

  std::vector<std::string> numbers_;
  std::vector<const char*> places_;
  std::vector<int> lengths_;
  std::vector<int> forms_;
};

std::int64_t number_from(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string numbered_placeholders(std::string_view sql) {
  std::string numbered;
  int place = 0;
  bool is_quoted = false;
  for (const char letter : sql) {
    if (letter == '\'') is_quoted = !is_quoted;
    if (letter == '?' && !is_quoted) {
      numbered += "$" + std::to_string(++place);
    } else {
      numbered += letter;
    }
  }
  return numbered;
}

// -- PostgresStatement

void PostgresStatement::begin(PostgresResult result) {
  result_ = std::move(result);
  row_ = -1;
}

Result<bool> PostgresStatement::next() {
  return ++row_ < PQntuples(result_.get());
}

std::int64_t PostgresStatement::integer(int column) const {
  return number_from(text(column));
}

std::string_view PostgresStatement::text(int column) const {
  return {PQgetvalue(result_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

bool PostgresStatement::is_null(int column) const {
  return PQgetisnull(result_.get(), row_, column) == 1;
}

Result<Digest> PostgresStatement::digest(int column) const {
  auto hex = text(column);
  if (hex.starts_with("\\x")) hex.remove_prefix(2);
  const auto digest = Digest::parse(hex);
  if (!digest) return fail(ErrorCode::corrupt, "a digest in the catalogue has not 32 bytes");
  return *digest;
}

std::int64_t PostgresStatement::changed() const {
  return number_from(PQcmdTuples(result_.get()));
}

// -- PostgresConnection

Result<std::unique_ptr<Connection>> PostgresConnection::open(const std::string& location,
                                                             Mode mode) {
  // What the location says goes before what stands above it. A machine that is gone is noticed
  // within half a minute.
  constexpr std::array keys{"application_name",
                            "connect_timeout",
                            "keepalives_idle",
                            "keepalives_interval",
                            "keepalives_count",
                            "tcp_user_timeout",
                            "dbname",
                            "client_encoding",
                            static_cast<const char*>(nullptr)};
  const std::array values{"khochung",
                          "10",
                          "10",
                          "5",
                          "3",
                          "30000",
                          location.c_str(),
                          "UTF8",
                          static_cast<const char*>(nullptr)};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(keys.data(), values.data(), 1), mode));
  KHOCHUNG_CHECK(connection->set_up());
  return connection;
}

Result<void> PostgresConnection::set_up() {
  auto* handle = handle_.get();
  if (PQstatus(handle) != CONNECTION_OK) {
    fault_ = Fault::lost;
    return fail(ErrorCode::unavailable, std::string("PostgreSQL: ") + PQerrorMessage(handle));
  }
  const auto* encoding = PQparameterStatus(handle, "server_encoding");
  if (PQserverVersion(handle) < oldest_server || encoding == nullptr ||
      std::string_view(encoding) != "UTF8") {
    return fail(ErrorCode::unsupported, "the catalogue needs PostgreSQL 15 or later with UTF-8");
  }
  PQsetNoticeProcessor(handle, [](void*, const char*) {}, nullptr);
  KHOCHUNG_CHECK(execute(session_settings));
  // A claim that is forgotten with a crash of the server is made again.
  if (mode_ == Mode::claiming) return execute("SET synchronous_commit = off");
  if (mode_ == Mode::reading) return execute("SET default_transaction_read_only = on");
  return {};
}

Result<void> PostgresConnection::begin() {
  if (fault_ == Fault::collision) fault_ = Fault::none;
  if (mode_ == Mode::reading) {
    return execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }
  // Read committed: what comes after the lock sees what the writer before has committed.
  static const auto begin_writing =
      "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(" +
      std::to_string(postgres_lock_number("khochung: the writer of the catalogue")) + ")";
  return execute(begin_writing);
}

/// COMMIT of a transaction that an error has broken is a ROLLBACK, and no error.
Result<void> PostgresConnection::commit() {
  const auto result = KHOCHUNG_TRY(checked(PQexec(handle_.get(), "COMMIT"), "COMMIT"));
  if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
    return fail(ErrorCode::unavailable, "the transaction was taken back");
  }
  return {};
}

Result<void> PostgresConnection::execute(std::string_view script) {
  const std::string text(script);
  KHOCHUNG_TRY(checked(PQexec(handle_.get(), text.c_str()), script.substr(0, 60)));
  return {};
}

Result<PostgresStatement*> PostgresConnection::prepared(std::string_view sql) {
  if (const auto found = prepared_.find(sql); found != prepared_.end()) return found->second.get();
  if (prepared_.size() >= prepared_at_most) KHOCHUNG_CHECK(forget_statements());
  auto statement = std::make_unique<PostgresStatement>("s" + std::to_string(++statements_named_));
  KHOCHUNG_TRY(checked(PQprepare(handle_.get(), statement->name().c_str(),
                                 numbered_placeholders(sql).c_str(), 0, nullptr),
                       sql));
  return prepared_.emplace(sql, std::move(statement)).first->second.get();
}

Result<void> PostgresConnection::forget_statements() {
  for (auto kept = prepared_.begin(); kept != prepared_.end();) {
    if (kept->second->is_running()) {
      ++kept;
      continue;
    }
    KHOCHUNG_CHECK(execute("DEALLOCATE " + kept->second->name()));
    kept = prepared_.erase(kept);
  }
  return {};
}

Result<Rows> PostgresConnection::query(std::string_view sql, std::span<const SqlValue> values) {
  auto* statement = KHOCHUNG_TRY(prepared(sql));
  auto* result = Parameters(values).run(handle_.get(), statement->name());
  statement->begin(KHOCHUNG_TRY(checked(result, sql)));
  return Rows(*statement);
}

Result<PostgresResult> PostgresConnection::checked(PGresult* raw, std::string_view what) {
  PostgresResult result(raw);
  const auto status = PQresultStatus(raw);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
    return result;
  }
  const auto* field = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
  const std::string_view state = field == nullptr ? "" : field;
  const auto fault = fault_of(state);
  if (fault_ != Fault::lost && fault != Fault::none) fault_ = fault;
  return fail(
      fault_ == Fault::none ? code_of(state) : ErrorCode::unavailable,
      std::string(what) + ": " + PQerrorMessage(handle_.get()) + " (" + std::string(state) + ")");
}

Result<std::int64_t> PostgresConnection::version() {
  KHOCHUNG_CHECK(execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"));
  return KHOCHUNG_TRY(number("SELECT version FROM schema_version")).value_or(0);
}

Result<void> PostgresConnection::migrate(std::string_view script, std::int64_t to_version) {
  KHOCHUNG_CHECK(execute(postgres_schema(script)));
  KHOCHUNG_TRY(change("DELETE FROM schema_version"));
  KHOCHUNG_TRY(change("INSERT INTO schema_version (version) VALUES (?)", {to_version}));
  return {};
}

}  // namespace khochung::storage

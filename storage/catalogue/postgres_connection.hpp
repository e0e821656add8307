#pragma once

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string>

#include "storage/catalogue/connection.hpp"

namespace khochung::storage {

/// The statement with `$1`, `$2` … for each `?` outside of quotes.
std::string numbered_placeholders(std::string_view sql);

/// A result of libpq's, freed with it.
struct PostgresResultFree {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, PostgresResultFree>;

/// A statement that the server has under a name; the rows of its run, which came all at once.
class PostgresStatement final : public Statement {
 public:
  explicit PostgresStatement(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_running() const { return result_ != nullptr; }
  void begin(PostgresResult result);

  Result<bool> next() override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] Result<Digest> digest(int column) const override;
  [[nodiscard]] std::int64_t changed() const override;
  void end() override { result_.reset(); }

 private:
  std::string name_;
  PostgresResult result_;
  int row_ = -1;
};

/// A connection to a PostgreSQL server (15 or later, UTF-8).
/// A transaction of Mode::writing first takes one lock of the database, so that of all servers one
/// writes at a time, as on SQLite: what it read stays true until it ends, marks are in the order of
/// their commits, and counters cannot make two writers wait for each other.
/// Errors: besides Connection's: bad_input for text that is not UTF-8 or has a NUL.
class PostgresConnection final : public Connection {
 public:
  /// Errors: unsupported for an older server or another encoding; unavailable.
  static Result<std::unique_ptr<Connection>> open(const std::string& location, Mode mode);

  [[nodiscard]] Engine engine() const override { return Engine::postgres; }
  [[nodiscard]] Fault fault() const override { return fault_; }

  Result<void> begin() override;
  Result<void> commit() override;
  Result<void> execute(std::string_view script) override;
  Result<Rows> query(std::string_view sql, std::span<const SqlValue> values) override;
  using Connection::query;

  Result<std::int64_t> version() override;
  Result<void> migrate(std::string_view script, std::int64_t to_version) override;

 private:
  struct Close {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  PostgresConnection(PGconn* handle, Mode mode) : handle_(handle), mode_(mode) {}
  Result<void> set_up();
  Result<PostgresStatement*> prepared(std::string_view sql);
  Result<void> forget_statements();
  Result<PostgresResult> checked(PGresult* result, std::string_view what);

  std::unique_ptr<PGconn, Close> handle_;
  Mode mode_;
  Fault fault_ = Fault::none;
  std::map<std::string, std::unique_ptr<PostgresStatement>, std::less<>> prepared_;
  int statements_named_ = 0;
};

}  // namespace khochung::storage

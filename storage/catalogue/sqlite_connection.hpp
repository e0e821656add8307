#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "storage/catalogue/connection.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace khochung::storage {

/// A prepared statement of SQLite.
class SqliteStatement final : public Statement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  ~SqliteStatement() override;

  /// Binds the values for a new run.
  Result<void> bind(std::span<const SqlValue> values);
  [[nodiscard]] bool is_running() const { return is_running_; }

  Result<bool> next() override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] Result<Digest> digest(int column) const override;
  [[nodiscard]] std::int64_t changed() const override;
  void end() override;

 private:
  sqlite3_stmt* statement_;
  bool is_running_ = false;
};

/// A connection to an SQLite file: WAL, synchronous=FULL, nothing trusted in the file.
class SqliteConnection final : public Connection {
 public:
  /// Exactly one connection of a file writes and checkpoints: SQLite 3.7.0 to 3.51.2 can damage a
  /// WAL that two connections checkpoint at once.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Mode mode);
  /// Gives the pages of a file sums where an older program made it without: a copy that has them
  /// takes its place. Nobody may have it open.
  /// Errors: those of Connection.
  static Result<void> add_sums(const std::filesystem::path& file);
  ~SqliteConnection() override;

  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  [[nodiscard]] Fault fault() const override { return Fault::none; }

  Result<void> begin() override;
  Result<void> commit() override;
  Result<void> execute(std::string_view script) override;
  Result<Rows> query(std::string_view sql, std::span<const SqlValue> values) override;
  using Connection::query;

  Result<std::int64_t> version() override;
  Result<CheckedPages> check_pages(std::uint8_t slice) override;
  Result<void> migrate(std::string_view script, std::int64_t to_version) override;

 private:
  SqliteConnection(sqlite3* handle, Mode mode) : handle_(handle), mode_(mode) {}
  static Result<std::unique_ptr<SqliteConnection>> open_through(const char* layer,
                                                                const std::filesystem::path& file,
                                                                Mode mode);
  /// Whether closing the last connection leaves the write-ahead log where it is.
  void set_keeps_log(bool keeps);
  Result<void> set_up();
  Result<void> leave_room_for_sums();
  Result<void> copy_with_sums(const std::filesystem::path& copy);
  Result<SqliteStatement*> prepared(std::string_view sql);

  sqlite3* handle_;
  Mode mode_;
  std::map<std::string, std::unique_ptr<SqliteStatement>, std::less<>> prepared_;
};

}  // namespace khochung::storage

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace khochung::storage {

/// A value on its way into a statement; text and bytes are borrowed until the statement has run.
using SqlValue = std::variant<std::nullptr_t, std::int64_t, std::string_view, Digest>;

/// A statement that is running: its rows, one after the other. Lives shorter than its connection,
/// and a statement of the same text is not begun before it ends.
/// Threads: one at a time.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  /// Goes to the next row; false: there is none. Errors: as Connection.
  Result<bool> next();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] int small(int column) const { return static_cast<int>(integer(column)); }
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// Errors: corrupt when the column does not hold 32 bytes.
  [[nodiscard]] Result<Digest> digest(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// A connection to an SQLite file: WAL, synchronous=FULL, nothing trusted in the file.
/// Errors: corrupt; disk_full; conflict for a broken constraint; otherwise unavailable.
/// Threads: one at a time.
class Connection {
 public:
  /// Exactly one connection of a file writes and checkpoints: SQLite 3.7.0 to 3.51.2 can damage a
  /// WAL that two connections checkpoint at once.
  enum class Mode { writing, reading };
  static Result<Connection> open(const std::filesystem::path& file, Mode mode);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// Runs statements that give no rows, from one text.
  Result<void> execute(std::string_view script);
  /// Begins a statement; it is prepared once and kept.
  Result<Rows> query(std::string_view sql, std::initializer_list<SqlValue> values = {});
  Result<Rows> query(std::string_view sql, const std::vector<SqlValue>& values);
  /// Runs a statement to its end and tells how many rows it changed.
  Result<std::int64_t> change(std::string_view sql, std::initializer_list<SqlValue> values = {});
  /// The first column of the first row, if there is one.
  Result<std::optional<std::int64_t>> number(std::string_view sql,
                                             std::initializer_list<SqlValue> values = {});
  [[nodiscard]] std::int64_t last_row_id() const;

 private:
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  Result<void> set_up(Mode mode);
  Result<sqlite3_stmt*> prepared(std::string_view sql);

  sqlite3* handle_ = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> prepared_;
};

}  // namespace khochung::storage

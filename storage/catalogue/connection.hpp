#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/checked_pages.hpp"

namespace khochung::storage {

/// A value on its way into a statement; text and bytes are borrowed until the statement has run.
using SqlValue = std::variant<std::nullptr_t, std::int64_t, std::string_view, Digest>;

enum class Engine { sqlite, postgres };

/// Which engine a location names: `postgresql://…` (or `postgres://…`), else the path of an SQLite
/// file.
Engine engine_of(std::string_view location);

/// What a connection is for.
enum class Mode {
  /// Its transactions are the only ones that write: of this program on SQLite, of all on
  /// PostgreSQL.
  writing,
  /// Takes jobs beside the writers, each statement a transaction of its own. PostgreSQL alone.
  claiming,
  /// Cannot write; all that one of its transactions reads is of one moment.
  reading,
};

/// What befell a connection since its transaction began.
enum class Fault {
  none,
  collision,  ///< the engine chose it to give way; the same work may succeed if run again
  lost,       ///< the connection is of no more use
};

/// A statement as an engine keeps it, with the rows of its present run.
class Statement {
 public:
  Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  virtual ~Statement() = default;

  virtual Result<bool> next() = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual Result<Digest> digest(int column) const = 0;
  /// How many rows the run changed.
  [[nodiscard]] virtual std::int64_t changed() const = 0;
  virtual void end() = 0;
};

/// A statement that is running: its rows, one after the other. Lives shorter than its connection,
/// and a statement of the same text is not begun before it ends.
/// Threads: one at a time.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(&statement) {}
  Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows() {
    if (statement_ != nullptr) statement_->end();
  }

  /// Goes to the next row; false: there is none. Errors: as Connection.
  Result<bool> next() { return statement_->next(); }

  [[nodiscard]] std::int64_t integer(int column) const { return statement_->integer(column); }
  [[nodiscard]] int small(int column) const { return static_cast<int>(integer(column)); }
  [[nodiscard]] std::string text(int column) const { return std::string(statement_->text(column)); }
  [[nodiscard]] bool is_null(int column) const { return statement_->is_null(column); }
  /// Errors: corrupt when the column does not hold 32 bytes.
  [[nodiscard]] Result<Digest> digest(int column) const { return statement_->digest(column); }
  /// How many rows it changed; known once next() has given false.
  [[nodiscard]] std::int64_t changed() const { return statement_->changed(); }

 private:
  Statement* statement_;
};

/// A connection to an SQL database, on either engine.
/// Statements are written once, in what both engines understand: `?` for each value, ids given back
/// by RETURNING, `queue_time()` for the time of the job queue in milliseconds.
/// Errors: corrupt; disk_full; conflict for a broken constraint; otherwise unavailable.
/// Threads: one at a time.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  [[nodiscard]] virtual Engine engine() const = 0;
  [[nodiscard]] virtual Fault fault() const = 0;

  /// Begins a transaction of the connection's mode.
  virtual Result<void> begin() = 0;
  /// What the transaction wrote is durable when it returns.
  virtual Result<void> commit() = 0;
  /// Runs statements that give no rows and take no values, from one text.
  virtual Result<void> execute(std::string_view script) = 0;
  /// Begins a statement; it is prepared once and kept.
  virtual Result<Rows> query(std::string_view sql, std::span<const SqlValue> values) = 0;
  Result<Rows> query(std::string_view sql, std::initializer_list<SqlValue> values = {}) {
    return query(sql, std::span(values.begin(), values.size()));
  }
  Result<Rows> query(std::string_view sql, const std::vector<SqlValue>& values) {
    return query(sql, std::span(values));
  }
  /// Runs a statement to its end and tells how many rows it changed.
  Result<std::int64_t> change(std::string_view sql, std::initializer_list<SqlValue> values = {});
  /// The first column of the first row, if there is one.
  Result<std::optional<std::int64_t>> number(std::string_view sql,
                                             std::initializer_list<SqlValue> values = {});

  /// The number of the last migration; 0 for a new database.
  virtual Result<std::int64_t> version() = 0;
  /// Holds a 256th of the file's pages against their sums, within a transaction that writes. None
  /// on PostgreSQL, whose server keeps sums of its own.
  virtual Result<CheckedPages> check_pages(std::uint8_t /*slice*/) { return CheckedPages(); }
  /// Applies a migration of schemas/sql within the present transaction.
  virtual Result<void> migrate(std::string_view script, std::int64_t to_version) = 0;
};

}  // namespace khochung::storage

#include "storage/catalogue/database.hpp"

#include <filesystem>
#include <utility>

#include "storage/catalogue/postgres_connection.hpp"
#include "storage/catalogue/sqlite_connection.hpp"

namespace khochung::storage {
namespace {
constexpr std::size_t idle_readers_at_most = 8;
constexpr int tries_at_most = 4;

/// The file as it is before it is migrated, for the day when someone must go back. PostgreSQL takes
/// back a migration that fails, and its server has backups of its own.
Result<void> keep_older_version(const std::string& file, std::size_t newest) {
  const auto connection = KHOCHUNG_TRY(SqliteConnection::open(file, Mode::writing));
  const auto version = KHOCHUNG_TRY(connection->version());
  if (version <= 0 || std::cmp_greater_equal(version, newest)) return {};
  const auto copy = file + ".version-" + std::to_string(version);
  std::error_code error;
  std::filesystem::remove(copy, error);
  KHOCHUNG_TRY(connection->change("VACUUM INTO ?", {std::string_view(copy)}));
  return {};
}

}  // namespace

/// One caller's work on its way into a transaction.
struct Database::Request {
  const std::function<Result<void>(Connection&)>& work;
  Result<void> outcome;
  bool is_ended = false;
};

// The readers close first: the last connection to close checkpoints an SQLite file, and that is the
// writer's.
Database::~Database() {
  idle_readers_.clear();
}

Result<std::unique_ptr<Database>> Database::open(const std::string& location,
                                                 const std::vector<std::string_view>& migrations) {
  const auto engine = engine_of(location);
  const auto connect = [location, engine](Mode mode) {
    return engine == Engine::postgres ? PostgresConnection::open(location, mode)
                                      : SqliteConnection::open(location, mode);
  };
  if (engine == Engine::sqlite) {
    KHOCHUNG_CHECK(keep_older_version(location, migrations.size()));
    KHOCHUNG_CHECK(SqliteConnection::add_sums(location));
  }
  std::unique_ptr<Database> database(new Database(engine, connect));
  KHOCHUNG_CHECK(database->migrate(migrations));
  return database;
}

// -- migrations

Result<void> Database::migrate(const std::vector<std::string_view>& migrations) {
  for (bool is_newest = false; !is_newest;) {
    auto migrated = [&]() -> Result<bool> {
      KHOCHUNG_CHECK(begin_writing());
      return migrate_one(migrations);
    }();
    if (!migrated) {
      static_cast<void>(roll_back());
      return fail(migrated.error());
    }
    is_newest = *migrated;
  }
  return {};
}

/// Applies the next migration and ends the transaction; true: there was none.
Result<bool> Database::migrate_one(const std::vector<std::string_view>& migrations) {
  const auto version = KHOCHUNG_TRY(writer_->version());
  if (version < 0 || std::cmp_greater(version, migrations.size())) {
    return fail(
        ErrorCode::unsupported, "newer_folder",
        "the database was made by a newer program (version " + std::to_string(version) + ")");
  }
  const bool is_newest = std::cmp_equal(version, migrations.size());
  if (!is_newest) {
    KHOCHUNG_CHECK(writer_->migrate(migrations[static_cast<std::size_t>(version)], version + 1));
  }
  KHOCHUNG_CHECK(writer_->commit());
  return is_newest;
}

// -- writing

Result<void> Database::write(const std::function<Result<void>(Connection&)>& work) {
  Request request{work, {}};
  rounds_.join(request, [this](const auto& requests) { run(requests); });
  return request.outcome;
}

void Database::run(const std::vector<Request*>& requests) {
  auto left = requests;
  Result<void> outcome;
  for (int collisions = 0; !left.empty() && collisions < tries_at_most;) {
    for (auto* request : left) request->outcome = {};
    outcome = run_in_transaction(left);
    if (outcome) return;
    if (roll_back() == Fault::collision) {
      ++collisions;
      continue;
    }
    // Some errors end the whole transaction: who had them does not take the others along.
    if (std::erase_if(left, [](const auto* request) { return !request->outcome; }) == 0) break;
  }
  for (auto* request : left) {
    if (request->outcome) request->outcome = outcome;
  }
}

Result<void> Database::run_in_transaction(const std::vector<Request*>& requests) {
  KHOCHUNG_CHECK(begin_writing());
  for (auto* request : requests) KHOCHUNG_CHECK(run_one(*request));
  return writer_->commit();
}

/// An error of the work is the caller's; an error of this function ends the whole transaction.
Result<void> Database::run_one(Request& request) {
  KHOCHUNG_TRY(writer_->change("SAVEPOINT one"));
  const auto outcome = request.work(*writer_);
  if (writer_->fault() != Fault::none) {
    return fail(ErrorCode::unavailable, "the transaction was broken off");
  }
  if (!outcome) {
    request.outcome = outcome;
    KHOCHUNG_TRY(writer_->change("ROLLBACK TO one"));
  }
  KHOCHUNG_TRY(writer_->change("RELEASE one"));
  return {};
}

/// A connection that was lost while nobody used it is made anew at once.
Result<void> Database::begin_writing() {
  if (writer_) {
    const auto begun = writer_->begin();
    if (begun || writer_->fault() != Fault::lost) return begun;
  }
  writer_ = KHOCHUNG_TRY(connect_(Mode::writing));
  return writer_->begin();
}

/// Takes back what is left of a transaction and says what befell it.
Fault Database::roll_back() {
  if (!writer_) return Fault::lost;
  const auto fault = writer_->fault();
  // Refused when the failure has already ended the transaction.
  if (fault != Fault::lost) static_cast<void>(writer_->execute("ROLLBACK"));
  if (writer_->fault() == Fault::lost) writer_.reset();
  return fault;
}

Result<void> Database::claim(const std::function<Result<void>(Connection&)>& work) {
  if (engine_ == Engine::sqlite) return write(work);
  const std::scoped_lock lock(claiming_);
  for (;;) {
    const bool is_fresh = claimer_ == nullptr;
    if (is_fresh) claimer_ = KHOCHUNG_TRY(connect_(Mode::claiming));
    const auto outcome = work(*claimer_);
    if (claimer_->fault() == Fault::none) return outcome;
    claimer_.reset();
    if (is_fresh) return outcome;
  }
}

Result<CheckedPages> Database::check_pages(std::uint8_t slice) {
  return write_giving<CheckedPages>([&](Connection& c) { return c.check_pages(slice); });
}

// -- reading

/// Connections that were lost while nobody used them are passed over.
Result<std::unique_ptr<Connection>> Database::begin_reading() {
  while (auto idle = idle_reader()) {
    const auto begun = idle->begin();
    if (begun) return idle;
    if (idle->fault() != Fault::lost) return fail(begun.error());
  }
  auto connection = KHOCHUNG_TRY(connect_(Mode::reading));
  KHOCHUNG_CHECK(connection->begin());
  return connection;
}

std::unique_ptr<Connection> Database::idle_reader() {
  const std::scoped_lock lock(reading_);
  if (idle_readers_.empty()) return nullptr;
  auto connection = std::move(idle_readers_.back());
  idle_readers_.pop_back();
  return connection;
}

void Database::end_reading(std::unique_ptr<Connection> connection) {
  if (!connection->commit()) return;
  const std::scoped_lock lock(reading_);
  if (idle_readers_.size() < idle_readers_at_most) idle_readers_.push_back(std::move(connection));
}

}  // namespace khochung::storage

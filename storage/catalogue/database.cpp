#include "storage/catalogue/database.hpp"

#include <utility>

namespace khochung::storage {
namespace {
constexpr std::size_t idle_readers_at_most = 8;
}

/// One caller's work on its way into a transaction.
struct Database::Request {
  const std::function<Result<void>(Connection&)>& work;
  /// Whoever runs the round writes it, without the lock.
  Result<void> outcome;
  /// Set under the lock; only then does the caller look at the outcome.
  bool is_ended = false;
};

Database::Database(std::filesystem::path file, Connection writer)
    : file_(std::move(file)), writer_(std::move(writer)) {}

// The readers close first: the last connection to close checkpoints, and that is the writer's.
Database::~Database() {
  idle_readers_.clear();
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file,
                                                 const std::vector<std::string_view>& migrations) {
  auto writer = KHOCHUNG_TRY(Connection::open(file, Connection::Mode::writing));
  std::unique_ptr<Database> database(new Database(file, std::move(writer)));
  KHOCHUNG_CHECK(database->migrate(migrations));
  return database;
}

Result<void> Database::migrate(const std::vector<std::string_view>& migrations) {
  const auto version = KHOCHUNG_TRY(writer_.number("PRAGMA user_version")).value_or(0);
  if (version < 0 || std::cmp_greater(version, migrations.size())) {
    return fail(ErrorCode::unsupported, "newer_folder",
                file_.filename().string() + " was made by a newer program (version " +
                    std::to_string(version) + ")");
  }
  if (version > 0 && std::cmp_less(version, migrations.size()))
    KHOCHUNG_CHECK(keep_copy(file_.string() + ".version-" + std::to_string(version)));
  for (auto next = static_cast<std::size_t>(version); next < migrations.size(); ++next) {
    const auto script = "BEGIN IMMEDIATE;" + std::string(migrations[next]) +
                        "; PRAGMA user_version=" + std::to_string(next + 1) + "; COMMIT;";
    if (auto done = writer_.execute(script); !done) {
      static_cast<void>(writer_.execute("ROLLBACK"));
      return done;
    }
  }
  return {};
}

/// The database as it is, for the day when someone must go back.
Result<void> Database::keep_copy(const std::filesystem::path& copy) {
  std::error_code error;
  std::filesystem::remove(copy, error);
  const auto name = copy.string();
  KHOCHUNG_TRY(writer_.change("VACUUM INTO ?", {std::string_view(name)}));
  return {};
}

Result<void> Database::write(const std::function<Result<void>(Connection&)>& work) {
  Request request{work, {}};
  std::unique_lock lock(writing_);
  waiting_.push_back(&request);
  while (!request.is_ended) {
    if (is_running_) {
      round_ended_.wait(lock);
      continue;
    }
    is_running_ = true;
    const auto requests = std::exchange(waiting_, {});
    lock.unlock();
    run(requests);
    lock.lock();
    for (auto* ended : requests) ended->is_ended = true;
    is_running_ = false;
    round_ended_.notify_all();
  }
  return request.outcome;
}

void Database::run(const std::vector<Request*>& requests) {
  const auto outcome = run_in_transaction(requests);
  if (outcome) return;
  // Refused when the failure has already ended the transaction.
  static_cast<void>(writer_.execute("ROLLBACK"));
  for (auto* request : requests) {
    if (request->outcome) request->outcome = outcome;
  }
}

Result<void> Database::run_in_transaction(const std::vector<Request*>& requests) {
  KHOCHUNG_TRY(writer_.change("BEGIN IMMEDIATE"));
  for (auto* request : requests) KHOCHUNG_CHECK(run_one(*request));
  KHOCHUNG_TRY(writer_.change("COMMIT"));
  return {};
}

/// An error of the work is the caller's; an error of this function ends the whole transaction.
Result<void> Database::run_one(Request& request) {
  KHOCHUNG_TRY(writer_.change("SAVEPOINT one"));
  const auto outcome = request.work(writer_);
  if (!outcome) {
    request.outcome = outcome;
    KHOCHUNG_TRY(writer_.change("ROLLBACK TO one"));
  }
  KHOCHUNG_TRY(writer_.change("RELEASE one"));
  return {};
}

Result<std::unique_ptr<Connection>> Database::borrow() {
  {
    const std::scoped_lock lock(reading_);
    if (!idle_readers_.empty()) {
      auto connection = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return connection;
    }
  }
  return std::make_unique<Connection>(
      KHOCHUNG_TRY(Connection::open(file_, Connection::Mode::reading)));
}

void Database::give_back(std::unique_ptr<Connection> connection) {
  const std::scoped_lock lock(reading_);
  if (idle_readers_.size() < idle_readers_at_most) idle_readers_.push_back(std::move(connection));
}

}  // namespace khochung::storage

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "storage/catalogue/connection.hpp"

namespace khochung::storage {

/// One database with its migrations applied, on SQLite or PostgreSQL: one connection that writes, a
/// few that read. A lost connection is an error of the calls that needed it and is made anew by the
/// next.
/// Threads: safe from many threads.
class Database {
 public:
  /// Opens the database and brings it up to the last of `migrations`; an SQLite file of an older
  /// version is kept beside it as <file>.version-<N>.
  /// `location`: the path of an SQLite file, made if there is none, or `postgresql://…` as libpq
  /// reads it.
  /// Errors: unsupported (made by a newer program); corrupt; disk_full; unavailable.
  static Result<std::unique_ptr<Database>> open(const std::string& location,
                                                const std::vector<std::string_view>& migrations);
  ~Database();

  [[nodiscard]] Engine engine() const { return engine_; }

  /// Runs `work` in a transaction that calls at the same time share; what fails is taken back
  /// alone. Durable when it returns. Work may be run more than once, so all that it changes it
  /// changes through the connection.
  /// Errors: those of `work`; of the transaction. After `unavailable` the work may nevertheless be
  /// done, if the connection was lost while it was being made durable.
  Result<void> write(const std::function<Result<void>(Connection&)>& work);
  /// The same for work that gives a value.
  template <typename T>
  Result<T> write_giving(const std::function<Result<T>(Connection&)>& work) {
    Result<T> value = fail(ErrorCode::internal, "nothing was written");
    const auto written = write([&](Connection& connection) -> Result<void> {
      value = work(connection);
      return value.map([](const T&) {});
    });
    if (!written) return fail(written.error());
    return value;
  }
  /// Runs `work`, one statement that locks the rows it takes: beside the writers on PostgreSQL,
  /// where it need not be durable; as write() on SQLite.
  Result<void> claim(const std::function<Result<void>(Connection&)>& work);
  /// As Connection::check_pages. Errors: corrupt when it does not come to that; unavailable.
  Result<CheckedPages> check_pages(std::uint8_t slice);
  /// Runs `work` with a connection that reads; all it reads is of one moment.
  template <typename Work>
  auto read(const Work& work) -> decltype(work(std::declval<Connection&>())) {
    auto connection = KHOCHUNG_TRY(begin_reading());
    auto outcome = work(*connection);
    end_reading(std::move(connection));
    return outcome;
  }

 private:
  struct Request;
  using Connect = std::function<Result<std::unique_ptr<Connection>>(Mode)>;
  Database(Engine engine, Connect connect) : engine_(engine), connect_(std::move(connect)) {}
  Result<void> migrate(const std::vector<std::string_view>& migrations);
  Result<bool> migrate_one(const std::vector<std::string_view>& migrations);
  void run(const std::vector<Request*>& requests);
  Result<void> run_in_transaction(const std::vector<Request*>& requests);
  Result<void> run_one(Request& request);
  Result<void> begin_writing();
  Fault roll_back();
  Result<std::unique_ptr<Connection>> begin_reading();
  std::unique_ptr<Connection> idle_reader();
  void end_reading(std::unique_ptr<Connection> connection);

  Engine engine_;
  Connect connect_;
  /// Null when it was lost; used by whoever runs a round.
  std::unique_ptr<Connection> writer_;

  std::mutex writing_;
  std::condition_variable round_ended_;
  std::vector<Request*> waiting_;
  bool is_running_ = false;

  std::mutex claiming_;
  std::unique_ptr<Connection> claimer_;

  std::mutex reading_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
};

}  // namespace khochung::storage

#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/catalogue/connection.hpp"

namespace khochung::storage {

/// One SQLite file with its migrations applied: one connection that writes, a few that read.
/// Threads: safe from many threads.
class Database {
 public:
  /// Opens or makes the file and brings it up to the last of `migrations`; a file of an older
  /// version is kept beside it as <file>.version-<N>. Errors: unsupported (made by a newer
  /// program); corrupt; disk_full; unavailable.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                const std::vector<std::string_view>& migrations);
  ~Database();

  /// Runs `work` in a transaction that calls at the same time share; what fails is taken back
  /// alone. Durable when it returns.
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
  /// Runs `work` with a connection that reads; all it reads is of one moment.
  template <typename Work>
  auto read(const Work& work) -> decltype(work(std::declval<Connection&>())) {
    auto connection = KHOCHUNG_TRY(borrow());
    KHOCHUNG_CHECK(connection->execute("BEGIN"));
    auto outcome = work(*connection);
    auto ended = connection->execute("COMMIT");
    if (ended) give_back(std::move(connection));
    return outcome;
  }

 private:
  struct Request;
  Database(std::filesystem::path file, Connection writer);
  Result<void> keep_copy(const std::filesystem::path& copy);
  Result<void> migrate(const std::vector<std::string_view>& migrations);
  void run(const std::vector<Request*>& requests);
  Result<void> run_in_transaction(const std::vector<Request*>& requests);
  Result<void> run_one(Request& request);
  Result<std::unique_ptr<Connection>> borrow();
  void give_back(std::unique_ptr<Connection> connection);

  std::filesystem::path file_;
  Connection writer_;

  std::mutex writing_;
  std::condition_variable round_ended_;
  std::vector<Request*> waiting_;
  bool is_running_ = false;

  std::mutex reading_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
};

}  // namespace khochung::storage

#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/file_descriptor.hpp"

namespace khochung::storage {

/// A PostgreSQL server of the tests' own: an ordinary user's, on a socket in a temporary folder,
/// and gone with the test however that ends.
class PostgresServer {
 public:
  /// The one that the suites share; begins with the first call.
  static PostgresServer& shared();

  PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  /// Where what stands in this schema is, as libpq reads it.
  [[nodiscard]] std::string location(const std::string& schema) const;
  /// Makes a schema and gives its name.
  std::string make_schema();
  void drop_schema(const std::string& name) const;

  enum class Sync { off, on };
  void start(Sync sync);
  void stop();
  /// Ends all its processes at once, as a power cut does, but for what the kernel still holds.
  void kill();

 private:
  bool try_to_start(Sync sync);
  void follow_log(FileDescriptor log);
  [[nodiscard]] std::filesystem::path data() const { return folder_ / "data"; }

  std::filesystem::path folder_;
  FileDescriptor alive_;  ///< closed when this process ends; the sweeper waits for that
  pid_t sweeper_ = 0;
  pid_t server_ = 0;
  int schemas_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string log_;
  bool is_log_ended_ = false;
  std::jthread log_reader_;
};

}  // namespace khochung::storage

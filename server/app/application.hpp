#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "server/api/services.hpp"
#include "server/app/client.hpp"
#include "server/app/data_folder.hpp"
#include "server/http/router.hpp"
#include "server/pages/site.hpp"

namespace khochung::app {

/// The archive of one data folder, built and running: the composition root. Everything is made
/// here, in the order in which it is needed, and ends in the other order.
class Application {
 public:
  using FirstUnit = pipeline::UnitDirectory::FirstUnit;
  struct Options {
    DataPaths paths;
    std::filesystem::path programs;  ///< where the worker programs lie
    std::string command;             ///< which command owns the folder, for those who come second
    pages::Site site;
    int ocr_threads = 2;
    FirstUnit first_unit = FirstUnit::is_made;
    /// Whether the store is read again and copied in the background; short commands do without.
    bool is_long_running = false;
    /// How often accounts may ask; none: as often as they like.
    std::shared_ptr<http::RateLimiter> limiter = {};
  };
  /// Takes the folder, opens everything, settles what a dead process left behind and starts the
  /// lanes. Errors: locked; corrupt; unsupported (made by a newer program); disk_full; unavailable.
  static Result<std::unique_ptr<Application>> start(Options options);
  /// Stops the lanes; jobs under way are put back.
  ~Application();

  /// Pages of scans begin to be read only while `is_busy` says no (a few seconds' wait at most).
  void let_readers_wait(std::function<bool()> is_busy);
  /// The path of a link to make the first account, new at each call; nothing where there is one.
  /// Errors: unavailable.
  Result<std::optional<std::string>> set_up_path();
  [[nodiscard]] const http::Router& router() const;
  /// What a server that serves the router keeps up to date.
  [[nodiscard]] http::Occupancy& occupancy();
  [[nodiscard]] const Options& options() const { return options_; }
  /// The API without a network: for commands when nobody else owns the folder.
  std::unique_ptr<Client> local_client();

 private:
  struct Parts;
  explicit Application(Options options);

  Options options_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace khochung::app

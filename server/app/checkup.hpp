#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/workers/worker_host.hpp"
#include "schemas/instant.hpp"
#include "server/app/config.hpp"
#include "server/app/data_folder.hpp"

namespace khochung::app {

/// One thing that was looked at.
struct Finding {
  enum class Level { good, warning, bad };
  std::string_view check;  ///< "disk_space": stays the same for ever
  Level level = Level::good;
  std::string what;  ///< in Vietnamese, for people
  std::string fix;   ///< what to do; empty where all is well
};
std::string_view to_text(Finding::Level level);

/// How quickly a disk says that a small write is safe: the median of a few tries.
/// Errors: those of the disk.
Result<std::chrono::microseconds> time_of_sync(const std::filesystem::path& folder);

/// What is mounted where a path lies.
struct Mount {
  std::string type;     ///< "ext4"
  std::string options;  ///< of the mount and of the file system, by commas
};
/// Reads the system's table of mounts, given as its text. Nothing: the device is not in it.
/// `device`: "8:1". Source: proc(5), mountinfo.
std::optional<Mount> mount_of(std::string_view mountinfo, std::string_view device);

/// This machine, as far as the archive depends on it: space, file system, permissions, whether the
/// disk's word can be trusted, clock, programs, certificate, replicas.
std::vector<Finding> check_machine(const DataPaths& paths, const Config& config,
                                   const std::vector<workers::WorkerProbe>& readers);

/// The archive itself: scrub, damage, copies, backup. `preservation`: what
/// /api/v1/preservation answers.
std::vector<Finding> check_archive(const boost::json::value& preservation, Instant at);

}  // namespace khochung::app

#include "server/app/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace khochung::app {

DataPaths data_paths(const std::string& option) {
  const char* from_environment = std::getenv("KHOCHUNG_DATA");
  std::filesystem::path root = "khochung-data";
  if (from_environment != nullptr && *from_environment != '\0') root = from_environment;
  if (!option.empty()) root = option;
  return {std::filesystem::absolute(root).lexically_normal()};
}

Result<DataFolderLock> DataFolderLock::acquire(const DataPaths& paths) {
  auto lock = KHOCHUNG_TRY(acquire_for_restore(paths));
  std::error_code error;
  if (!std::filesystem::exists(paths.unfinished_restore(), error)) return lock;
  return fail(ErrorCode::corrupt, "unfinished_restore",
              "a restore into " + paths.root.string() + " has not come to its end");
}

Result<DataFolderLock> DataFolderLock::acquire_for_restore(const DataPaths& paths) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(paths.root, error);
  // What is not published yet, accounts and keys are nobody's business on this machine.
  if (is_new && !error)
    std::filesystem::permissions(paths.root, std::filesystem::perms::owner_all, error);
  if (error) {
    const auto code =
        error == std::errc::permission_denied ? ErrorCode::forbidden : ErrorCode::unavailable;
    return fail(code, "cannot make " + paths.root.string() + ": " + error.message());
  }
  // The lock is on the folder itself: there is no lock file that could be left over or taken away.
  const int descriptor = ::open(paths.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(ErrorCode::unavailable,
                "cannot open " + paths.root.string() + ": " + std::strerror(errno));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const bool is_held = errno == EWOULDBLOCK;
    ::close(descriptor);
    if (is_held) return fail(ErrorCode::locked, "another process owns " + paths.root.string());
    return fail(ErrorCode::unavailable, "cannot lock " + paths.root.string());
  }
  return DataFolderLock(descriptor);
}

DataFolderLock::DataFolderLock(DataFolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DataFolderLock::~DataFolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace khochung::app

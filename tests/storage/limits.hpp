#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace khochung::storage {

/// While it lives, this process gets no more than `most` of a resource: RLIMIT_NOFILE refuses
/// further descriptors with EMFILE, RLIMIT_FSIZE what would lie behind that byte of a file.
class Limit {
 public:
  Limit(__rlimit_resource resource, rlim_t most) : resource_(resource) {
    // Without this the process ends where a file becomes too long.
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(resource_, &before_);
    const rlimit now{most, before_.rlim_max};
    ::setrlimit(resource_, &now);
  }
  ~Limit() {
    ::setrlimit(resource_, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  __rlimit_resource resource_;
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

/// No descriptor can be opened.
struct NoDescriptors : Limit {
  NoDescriptors() : Limit(RLIMIT_NOFILE, 0) {}
};

/// No file can have a byte.
struct NoRoom : Limit {
  NoRoom() : Limit(RLIMIT_FSIZE, 0) {}
};

/// $TMPDIR, as it was before when this ends.
struct TemporaryFiles {
  explicit TemporaryFiles(const std::filesystem::path& folder) {
    if (const char* found = std::getenv("TMPDIR")) before = found;
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  ~TemporaryFiles() { before ? ::setenv("TMPDIR", before->c_str(), 1) : ::unsetenv("TMPDIR"); }
  TemporaryFiles(const TemporaryFiles&) = delete;
  std::optional<std::string> before;
};

}  // namespace khochung::storage

#include "indexer/workers/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace khochung::workers {
namespace {

// Rights that came after ABI 1; the kernel headers of Debian 12 do not name all of them.
constexpr std::uint64_t rights_of_abi_1 = (std::uint64_t{1} << 13) - 1;
constexpr std::uint64_t refer = std::uint64_t{1} << 13;
constexpr std::uint64_t truncate = std::uint64_t{1} << 14;
constexpr std::uint64_t ioctl_device = std::uint64_t{1} << 15;
constexpr std::uint64_t network_tcp = 3;
constexpr std::uint64_t scope_sockets_and_signals = 3;

/// struct landlock_ruleset_attr as ABI 6 has it; older kernels take a shorter one.
struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

constexpr std::uint64_t may_read =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t may_read_a_file = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;

std::uint64_t rights_of(long abi) {
  return rights_of_abi_1 | (abi >= 2 ? refer : 0) | (abi >= 3 ? truncate : 0) |
         (abi >= 5 ? ioctl_device : 0);
}

bool allow(int ruleset, const char* path, std::uint64_t rights) {
  const int descriptor = ::open(path, O_PATH | O_CLOEXEC);
  if (descriptor < 0) return true;
  struct stat facts{};
  if (::fstat(descriptor, &facts) == 0 && !S_ISDIR(facts.st_mode)) rights &= may_read_a_file;
  const landlock_path_beneath_attr rule{rights, descriptor};
  const bool done =
      ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  ::close(descriptor);
  return done;
}

}  // namespace

int restrict_files(const SandboxProfile& profile) {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return 0;
  RulesetAttributes wanted{rights_of(abi), abi >= 4 ? network_tcp : 0,
                           abi >= 6 ? scope_sockets_and_signals : 0};
  const std::size_t size = abi >= 6 ? 24 : (abi >= 4 ? 16 : 8);
  const int ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &wanted, size, 0));
  if (ruleset < 0) return 0;
  bool done = std::ranges::all_of(profile.readable,
                                  [&](const char* path) { return allow(ruleset, path, may_read); });
  if (profile.scratch_file_bytes > 0) done = done && allow(ruleset, ".", wanted.files);
  done = done && ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  ::close(ruleset);
  return done ? static_cast<int>(abi) : 0;
}

}  // namespace khochung::workers

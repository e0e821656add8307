#include "indexer/workers/sandbox.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "indexer/workers/landlock.hpp"
#include "indexer/workers/system_call_filter.hpp"

namespace khochung::workers {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool address_space_can_be_limited = false;  // shadow memory is terabytes of it
#else
constexpr bool address_space_can_be_limited = true;
#endif

bool set_limit(__rlimit_resource resource, rlim_t value) {
  const rlimit limit{value, value};
  return ::setrlimit(resource, &limit) == 0;
}

bool set_limits(const SandboxProfile& profile) {
  const auto cpu = static_cast<rlim_t>(profile.cpu.count());
  const auto processes = static_cast<rlim_t>(profile.children == Children::none ? 1 : 4096);
  return (!address_space_can_be_limited || set_limit(RLIMIT_AS, profile.address_space_bytes)) &&
         set_limit(RLIMIT_CPU, cpu) && set_limit(RLIMIT_FSIZE, profile.scratch_file_bytes) &&
         set_limit(RLIMIT_NOFILE, profile.open_files) && set_limit(RLIMIT_CORE, 0) &&
         set_limit(RLIMIT_MEMLOCK, 0) && set_limit(RLIMIT_MSGQUEUE, 0) &&
         set_limit(RLIMIT_NPROC, processes);
}

/// Landlock does not keep anyone from the sockets of others: where those stand, /tmp is the scratch
/// folder and /run is empty.
bool furnish_private_room() {
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", "/run", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0") == 0 &&
         ::mount(".", "/tmp", nullptr, MS_BIND, nullptr) == 0 && ::chdir("/tmp") == 0 &&
         ::setenv("HOME", "/tmp", 1) == 0 && ::setenv("TMPDIR", "/tmp", 1) == 0;
}

/// A user namespace gives the others without privilege, and takes root's privilege from root.
bool enter_namespaces(Children children) {
  constexpr int for_all = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  if (children == Children::none) return ::unshare(for_all) == 0;
  return ::unshare(for_all | CLONE_NEWPID | CLONE_NEWNS) == 0 && furnish_private_room();
}

bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return ::syscall(SYS_capset, &header, none) == 0;
}

}  // namespace

Result<SandboxReport> enter_sandbox(const SandboxProfile& profile) {
  SandboxReport report;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(ErrorCode::unavailable, "worker_unusable", "no_new_privs cannot be set");
  }
  report.namespaces = enter_namespaces(profile.children);
  if (!report.namespaces) report.missing.emplace_back("namespaces");
  if (!drop_capabilities()) report.missing.emplace_back("capabilities");
  report.landlock = restrict_files(profile);
  if (report.landlock == 0) report.missing.emplace_back("landlock");
  report.limits = set_limits(profile);
  if (!report.limits) {
    return fail(ErrorCode::unavailable, "worker_unusable", "resource limits cannot be set");
  }
  report.seccomp = filter_system_calls(profile.children);
  if (!report.seccomp) {
    return fail(ErrorCode::unavailable, "worker_unusable", "the seccomp filter cannot be set");
  }
  return report;
}

}  // namespace khochung::workers

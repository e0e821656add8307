#include "indexer/workers/system_call_filter.hpp"

#include <asm/ioctls.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sched.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace khochung::workers {
namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

/// What reading a file, working in memory and writing frames needs.
constexpr auto harmless = std::to_array<int>({
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(preadv),
    SCMP_SYS(write),
    SCMP_SYS(pwrite64),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(statx),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(getrusage),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(getrlimit),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rmdir),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fadvise64),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(umask),
});

/// What no reader of a file has a reason to call: whoever does is stopped.
constexpr auto dangerous = std::to_array<int>({
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(modify_ldt),
    SCMP_SYS(vhangup),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(capset),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(syslog),
    SCMP_SYS(sethostname),
    SCMP_SYS(lookup_dcookie),
    SCMP_SYS(nfsservctl),
    SCMP_SYS(kcmp),
    SCMP_SYS(seccomp),
});

/// What only a worker with programs of its own may do.
constexpr auto for_programs = std::to_array<int>({
    SCMP_SYS(fork),    SCMP_SYS(vfork),    SCMP_SYS(clone),   SCMP_SYS(clone3),
    SCMP_SYS(execve),  SCMP_SYS(execveat), SCMP_SYS(socket),  SCMP_SYS(socketpair),
    SCMP_SYS(connect), SCMP_SYS(bind),     SCMP_SYS(listen),  SCMP_SYS(accept),
    SCMP_SYS(accept4), SCMP_SYS(sendto),   SCMP_SYS(sendmsg), SCMP_SYS(kill),
    SCMP_SYS(tkill),   SCMP_SYS(setsid),   SCMP_SYS(setpgid), SCMP_SYS(shmget),
    SCMP_SYS(msgget),  SCMP_SYS(semget),
});

/// What even a worker with programs of its own may not do; it is told so and goes on.
constexpr auto not_for_programs = std::to_array<int>({
    SCMP_SYS(connect),
    SCMP_SYS(setsid),
    SCMP_SYS(setpgid),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(shmget),
    SCMP_SYS(msgget),
    SCMP_SYS(semget),
});

/// The part of socket()'s type that says stream or datagram.
constexpr scmp_datum_t socket_kind = 0xF;

/// Calls that this machine does not have are passed over.
bool rule(const Filter& filter, std::uint32_t action, int call) {
  const int failed = seccomp_rule_add(filter.get(), action, call, 0);
  return failed == 0 || failed == -EDOM || failed == -EINVAL;
}

template <std::size_t n>
bool rules(const Filter& filter, std::uint32_t action, const std::array<int, n>& calls) {
  return std::ranges::all_of(calls, [&](int call) { return rule(filter, action, call); });
}

/// A reader: what is on the list, and nothing else.
bool add_reader_rules(const Filter& filter) {
  const auto self = static_cast<scmp_datum_t>(::getpid());
  return rules(filter, SCMP_ACT_ALLOW, harmless) &&
         rules(filter, SCMP_ACT_KILL_PROCESS, dangerous) &&
         rules(filter, SCMP_ACT_KILL_PROCESS, for_programs) &&
         // abort() signals itself; asking for a limit is not setting one; a stream asks what its
         // descriptor is.
         seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                          SCMP_A0(SCMP_CMP_EQ, self)) == 0 &&
         seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                          SCMP_A2(SCMP_CMP_EQ, 0)) == 0 &&
         seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                          SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, TCGETS)) == 0;
}

/// LibreOffice: it may listen for a second instance of itself, but reach nobody (the archive's own
/// control socket would take commands from the same user); it may not leave its session, so that
/// killing the group ends it whole; nothing dangerous.
bool add_program_rules(const Filter& filter) {
  const auto refused = SCMP_ACT_ERRNO(EPERM);
  const auto wrong_family = SCMP_ACT_ERRNO(EAFNOSUPPORT);
  const auto refuse_where = [&](std::uint32_t action, int call, scmp_arg_cmp argument) {
    return seccomp_rule_add(filter.get(), action, call, 1, argument) == 0;
  };
  return rules(filter, SCMP_ACT_KILL_PROCESS, dangerous) &&
         rules(filter, refused, not_for_programs) &&
         refuse_where(wrong_family, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_NE, AF_UNIX)) &&
         refuse_where(wrong_family, SCMP_SYS(socket),
                      SCMP_A1(SCMP_CMP_MASKED_EQ, socket_kind, SOCK_DGRAM)) &&
         // It would set up its socket in /tmp, which may not be ours; told that it cannot, it takes
         // the place that it was given.
         refuse_where(SCMP_ACT_ERRNO(EACCES), SCMP_SYS(access), SCMP_A1(SCMP_CMP_EQ, W_OK)) &&
         refuse_where(SCMP_ACT_ERRNO(EACCES), SCMP_SYS(faccessat), SCMP_A2(SCMP_CMP_EQ, W_OK)) &&
         refuse_where(refused, SCMP_SYS(clone),
                      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)) &&
         // clone3 hides its flags from a filter; glibc then takes clone.
         rule(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
}

}  // namespace

bool filter_system_calls(Children children) {
  const bool is_reader = children == Children::none;
  const Filter filter(seccomp_init(is_reader ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW),
                      &seccomp_release);
  if (!filter) return false;
  if (!(is_reader ? add_reader_rules(filter) : add_program_rules(filter))) return false;
  return seccomp_load(filter.get()) == 0;
}

}  // namespace khochung::workers

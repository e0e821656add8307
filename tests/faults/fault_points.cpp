/// A library for LD_PRELOAD: counts the calls by which `khochung` changes files beneath a folder or
/// makes them durable, and lets the N-th of them fail or end the process. SQLite's and Xapian's
/// calls count, too, since they go through libc. Workers and other children are left alone.
///
/// KHOCHUNG_FAULT_FOLDER  the folder whose files count
/// KHOCHUNG_FAULT_LOG     a file that gets a line for each point: number, name, path
/// KHOCHUNG_FAULT_AT      N, from 1; without it every call goes through
/// KHOCHUNG_FAULT_KIND    kill, kill-after, eio-once, eio-forever, enospc-once, enospc-forever,
/// short, eintr,
///                        lie (from the N-th on every fsync says that it did what it did not)
///
/// "For ever" is the N-th call and every later one. A full disk is met neither by what can only
/// free space (unlink, rmdir) nor by writes into what fallocate() promised before.
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

enum class Kind {
  none,
  kill,
  kill_after,
  eio_once,
  eio_forever,
  enospc_once,
  enospc_forever,
  part,
  eintr,
  lie
};

/// A file that has its blocks on the disk up to `end`, whatever its length is.
struct Promise {
  dev_t device = 0;
  ino_t inode = 0;
  off64_t end = 0;
};

/// What may befall a call.
enum Class : unsigned { writes = 1, interruptible = 2, frees_space = 4, makes_durable = 8 };

struct KindName {
  std::string_view name;
  Kind kind;
};
constexpr KindName kind_names[] = {
    {"kill", Kind::kill},
    {"kill-after", Kind::kill_after},
    {"eio-once", Kind::eio_once},
    {"eio-forever", Kind::eio_forever},
    {"enospc-once", Kind::enospc_once},
    {"enospc-forever", Kind::enospc_forever},
    {"short", Kind::part},
    {"eintr", Kind::eintr},
    {"lie", Kind::lie},
};

struct Settings {
  bool is_on = false;
  pid_t process = 0;
  char folder[PATH_MAX] = {};
  size_t folder_length = 0;
  long at = 0;
  Kind kind = Kind::none;
  int log = -1;
};
Settings settings;
std::atomic<long> points = 0;
pthread_mutex_t promising = PTHREAD_MUTEX_INITIALIZER;
Promise promises[64];
size_t promise_count = 0;

/// The next definition of `name` after ours.
template <typename Function>
Function real(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}
#define REAL(name)                                     \
  ([] {                                                \
    static const auto function = real(&::name, #name); \
    return function;                                   \
  }())

long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  return REAL(syscall)(number, a, b, c, d, e, f);
}

bool is_the_program() {
  char path[PATH_MAX];
  const auto length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0) return false;
  const std::string_view whole(path, static_cast<size_t>(length));
  return whole.ends_with("/khochung");
}

__attribute__((constructor)) void set_up() {
  const char* folder = getenv("KHOCHUNG_FAULT_FOLDER");
  if (folder == nullptr || strlen(folder) >= PATH_MAX || !is_the_program()) return;
  strcpy(settings.folder, folder);
  settings.folder_length = strlen(folder);
  settings.process = getpid();
  if (const char* log = getenv("KHOCHUNG_FAULT_LOG"))
    settings.log = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (const char* at = getenv("KHOCHUNG_FAULT_AT")) settings.at = atol(at);
  const char* wanted = getenv("KHOCHUNG_FAULT_KIND");
  for (const auto& [name, kind] : kind_names)
    if (wanted != nullptr && name == wanted) settings.kind = kind;
  if (settings.at > 0 && settings.kind == Kind::none) {
    fputs("fault_points: KHOCHUNG_FAULT_KIND is not known\n", stderr);
    _exit(97);
  }
  settings.is_on = true;
}

bool counts(const char* path) {
  if (!settings.is_on || path == nullptr || getpid() != settings.process) return false;
  const auto length = settings.folder_length;
  return strncmp(path, settings.folder, length) == 0 &&
         (path[length] == '/' || path[length] == '\0');
}

/// A path that is relative to a descriptor, or a descriptor's own, as the kernel knows it.
struct Place {
  char path[PATH_MAX] = {};
  explicit Place(int descriptor, const char* name = nullptr) {
    if (!settings.is_on) return;
    if (name != nullptr && (name[0] == '/' || descriptor == AT_FDCWD)) {
      snprintf(path, sizeof path, "%s", name);
      return;
    }
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const auto length = readlink(link, path, sizeof path - 1);
    if (length <= 0) path[0] = '\0';
    if (length > 0 && name != nullptr)
      snprintf(path + length, sizeof path - static_cast<size_t>(length), "/%s", name);
  }
};

[[noreturn]] void die() {
  raw(SYS_kill, settings.process, SIGKILL);
  for (;;) pause();
}

/// What the caller of a call has to do with it.
struct Verdict {
  int error = 0;
  bool is_part = false;
  bool dies_after = false;
  bool is_lie = false;
};

void note(long number, const char* name, const char* path, bool is_hit) {
  if (settings.log < 0) return;
  char line[PATH_MAX + 64];
  const int length =
      snprintf(line, sizeof line, "%ld %s %s%s\n", number, name, path, is_hit ? " <" : "");
  if (length > 0) raw(SYS_write, settings.log, reinterpret_cast<long>(line), length);
}

Verdict meet(const char* name, const char* path, unsigned classes) {
  if (!counts(path)) return {};
  const int saved = errno;
  const long number = ++points;
  note(number, name, path, number == settings.at);
  errno = saved;
  if (settings.at <= 0 || number < settings.at) return {};
  const bool is_first = number == settings.at;
  const bool may_be_full = (classes & frees_space) == 0;
  switch (settings.kind) {
    case Kind::kill:
      if (is_first) die();
      return {};
    case Kind::kill_after: return {0, false, is_first};
    case Kind::eio_once: return {is_first ? EIO : 0};
    case Kind::eio_forever: return {EIO};
    case Kind::enospc_once: return {is_first && may_be_full ? ENOSPC : 0};
    case Kind::enospc_forever: return {may_be_full ? ENOSPC : 0};
    case Kind::part: return {0, is_first && (classes & writes) != 0};
    case Kind::eintr: return {is_first && (classes & interruptible) != 0 ? EINTR : 0};
    case Kind::lie: return {0, false, false, (classes & makes_durable) != 0};
    case Kind::none: return {};
  }
  return {};
}

/// Carries the verdict out around `call`, which takes the share of its bytes that it may write.
template <typename Call>
auto carry_out(const Verdict& verdict, Call call) -> decltype(call()) {
  if (verdict.error != 0) {
    errno = verdict.error;
    return -1;
  }
  if (verdict.is_lie) return 0;
  const auto outcome = call();
  if (verdict.dies_after) die();
  return outcome;
}

bool is_full_disk() {
  return settings.kind == Kind::enospc_once || settings.kind == Kind::enospc_forever;
}

/// The entry of a file, with the lock; null when there is none.
Promise* promise_of(const struct stat& info) {
  for (size_t i = 0; i < promise_count; ++i)
    if (promises[i].device == info.st_dev && promises[i].inode == info.st_ino) return &promises[i];
  return nullptr;
}

void promise(int descriptor, off64_t end) {
  struct stat info;
  if (!is_full_disk() || fstat(descriptor, &info) != 0) return;
  pthread_mutex_lock(&promising);
  Promise* entry = promise_of(info);
  if (entry == nullptr) entry = &promises[promise_count++ % 64];
  if (promise_count > 64) promise_count = 64;
  *entry = {info.st_dev, info.st_ino, end};
  pthread_mutex_unlock(&promising);
}

/// frees_space for a write that a full disk cannot refuse.
unsigned if_promised(int descriptor, off64_t end) {
  struct stat info;
  if (!is_full_disk() || fstat(descriptor, &info) != 0) return 0;
  pthread_mutex_lock(&promising);
  const Promise* entry = promise_of(info);
  const bool is_kept = entry != nullptr && end <= entry->end;
  pthread_mutex_unlock(&promising);
  return is_kept ? unsigned{frees_space} : 0;
}

size_t share(const Verdict& verdict, size_t bytes) {
  return verdict.is_part ? (bytes + 1) / 2 : bytes;
}

bool changes(int flags) {
  return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_ACCMODE) != O_RDONLY;
}

bool needs_mode(int flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

template <typename Function>
int open_with(Function function, const char* name, int folder, const char* path, int flags,
              mode_t mode) {
  if (!changes(flags)) return function(folder, path, flags, mode);
  const Place place(folder, path);
  return carry_out(meet(name, place.path, interruptible),
                   [&] { return function(folder, path, flags, mode); });
}

mode_t mode_of(int flags, va_list rest) {
  return needs_mode(flags) ? va_arg(rest, mode_t) : 0;
}

template <typename Call>
int on_path(const char* name, const char* path, unsigned classes, Call call) {
  return carry_out(meet(name, path, classes), call);
}

template <typename Call>
int on_descriptor(const char* name, int descriptor, unsigned classes, Call call) {
  const Place place(descriptor);
  return carry_out(meet(name, place.path, classes), call);
}

}  // namespace

// -- opening

#define OPEN(name)                                                                             \
  EXPORTED int name(const char* path, int flags, ...) {                                        \
    va_list rest;                                                                              \
    va_start(rest, flags);                                                                     \
    const auto mode = mode_of(flags, rest);                                                    \
    va_end(rest);                                                                              \
    const auto call = [](int, const char* p, int f, mode_t m) { return REAL(name)(p, f, m); }; \
    return open_with(call, #name, AT_FDCWD, path, flags, mode);                                \
  }
#define OPEN_AT(name)                                               \
  EXPORTED int name(int folder, const char* path, int flags, ...) { \
    va_list rest;                                                   \
    va_start(rest, flags);                                          \
    const auto mode = mode_of(flags, rest);                         \
    va_end(rest);                                                   \
    const auto call = [](int d, const char* p, int f, mode_t m) {   \
      return REAL(name)(d, p, f, m);                                \
    };                                                              \
    return open_with(call, #name, folder, path, flags, mode);       \
  }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

/// libstdc++ writes its streams with write() to a descriptor that fopen gave.
#define FOPEN(name)                                                     \
  EXPORTED FILE* name(const char* path, const char* mode) {             \
    if (strpbrk(mode, "wa+") == nullptr) return REAL(name)(path, mode); \
    const auto verdict = meet(#name, path, interruptible);              \
    if (verdict.error != 0) {                                           \
      errno = verdict.error;                                            \
      return nullptr;                                                   \
    }                                                                   \
    FILE* file = REAL(name)(path, mode);                                \
    if (verdict.dies_after) die();                                      \
    return file;                                                        \
  }
FOPEN(fopen)
FOPEN(fopen64)

// -- writing

EXPORTED ssize_t write(int descriptor, const void* bytes, size_t count) {
  const Place place(descriptor);
  const auto verdict = meet("write", place.path, writes | interruptible);
  return carry_out(verdict, [&] { return REAL(write)(descriptor, bytes, share(verdict, count)); });
}

#define PWRITE(name, Offset)                                                                    \
  EXPORTED ssize_t name(int descriptor, const void* bytes, size_t count, Offset offset) {       \
    const Place place(descriptor);                                                              \
    const auto promised = if_promised(descriptor, offset + static_cast<off64_t>(count));        \
    const auto verdict = meet(#name, place.path, writes | interruptible | promised);            \
    return carry_out(                                                                           \
        verdict, [&] { return REAL(name)(descriptor, bytes, share(verdict, count), offset); }); \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

EXPORTED ssize_t writev(int descriptor, const iovec* pieces, int count) {
  const Place place(descriptor);
  const auto verdict = meet("writev", place.path, writes | interruptible);
  return carry_out(verdict, [&] {
    if (!verdict.is_part || count < 1) return REAL(writev)(descriptor, pieces, count);
    iovec first = pieces[0];
    first.iov_len = share(verdict, first.iov_len);
    return REAL(writev)(descriptor, &first, 1);
  });
}

EXPORTED ssize_t copy_file_range(int from, off64_t* from_at, int into, off64_t* into_at,
                                 size_t count, unsigned flags) {
  const Place place(into);
  const auto verdict = meet("copy_file_range", place.path, writes | interruptible);
  return carry_out(verdict, [&] {
    return REAL(copy_file_range)(from, from_at, into, into_at, share(verdict, count), flags);
  });
}

// -- making durable

EXPORTED int fsync(int descriptor) {
  return on_descriptor("fsync", descriptor, interruptible | makes_durable,
                       [&] { return REAL(fsync)(descriptor); });
}
EXPORTED int fdatasync(int descriptor) {
  return on_descriptor("fdatasync", descriptor, interruptible | makes_durable,
                       [&] { return REAL(fdatasync)(descriptor); });
}
EXPORTED int syncfs(int descriptor) noexcept {
  return on_descriptor("syncfs", descriptor, makes_durable,
                       [&] { return REAL(syncfs)(descriptor); });
}
EXPORTED int sync_file_range(int descriptor, off64_t from, off64_t count, unsigned flags) {
  return on_descriptor("sync_file_range", descriptor, 0,
                       [&] { return REAL(sync_file_range)(descriptor, from, count, flags); });
}

// -- names

EXPORTED int rename(const char* from, const char* to) noexcept {
  return on_path("rename", to, 0, [&] { return REAL(rename)(from, to); });
}
EXPORTED int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  const Place place(to_folder, to);
  return on_path("renameat", place.path, 0,
                 [&] { return REAL(renameat)(from_folder, from, to_folder, to); });
}
EXPORTED int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                       unsigned flags) noexcept {
  const Place place(to_folder, to);
  return on_path("renameat2", place.path, 0,
                 [&] { return REAL(renameat2)(from_folder, from, to_folder, to, flags); });
}
EXPORTED int link(const char* from, const char* to) noexcept {
  return on_path("link", to, 0, [&] { return REAL(link)(from, to); });
}
EXPORTED int linkat(int from_folder, const char* from, int to_folder, const char* to,
                    int flags) noexcept {
  const Place place(to_folder, to);
  return on_path("linkat", place.path, 0,
                 [&] { return REAL(linkat)(from_folder, from, to_folder, to, flags); });
}
EXPORTED int symlink(const char* to, const char* path) noexcept {
  return on_path("symlink", path, 0, [&] { return REAL(symlink)(to, path); });
}
EXPORTED int unlink(const char* path) noexcept {
  return on_path("unlink", path, frees_space, [&] { return REAL(unlink)(path); });
}
EXPORTED int unlinkat(int folder, const char* path, int flags) noexcept {
  const Place place(folder, path);
  return on_path("unlinkat", place.path, frees_space,
                 [&] { return REAL(unlinkat)(folder, path, flags); });
}
EXPORTED int remove(const char* path) noexcept {
  return on_path("remove", path, frees_space, [&] { return REAL(remove)(path); });
}
EXPORTED int mkdir(const char* path, mode_t mode) noexcept {
  return on_path("mkdir", path, 0, [&] { return REAL(mkdir)(path, mode); });
}
EXPORTED int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  const Place place(folder, path);
  return on_path("mkdirat", place.path, 0, [&] { return REAL(mkdirat)(folder, path, mode); });
}
EXPORTED int rmdir(const char* path) noexcept {
  return on_path("rmdir", path, frees_space, [&] { return REAL(rmdir)(path); });
}

// -- sizes and modes

#define FTRUNCATE(name, Offset)                                           \
  EXPORTED int name(int descriptor, Offset length) noexcept {             \
    return on_descriptor(#name, descriptor, interruptible,                \
                         [&] { return REAL(name)(descriptor, length); }); \
  }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

EXPORTED int truncate(const char* path, off_t length) noexcept {
  return on_path("truncate", path, interruptible, [&] { return REAL(truncate)(path, length); });
}

#define FALLOCATE(name, Offset)                                                                    \
  EXPORTED int name(int descriptor, int mode, Offset from, Offset length) {                        \
    const bool gives_back = (mode & FALLOC_FL_PUNCH_HOLE) != 0;                                    \
    const int outcome = on_descriptor(#name, descriptor, gives_back ? frees_space : interruptible, \
                                      [&] { return REAL(name)(descriptor, mode, from, length); }); \
    if (outcome == 0 && settings.is_on) promise(descriptor, gives_back ? from : from + length);    \
    return outcome;                                                                                \
  }
FALLOCATE(fallocate, off_t)
FALLOCATE(fallocate64, off64_t)

EXPORTED int chmod(const char* path, mode_t mode) noexcept {
  return on_path("chmod", path, 0, [&] { return REAL(chmod)(path, mode); });
}
EXPORTED int fchmod(int descriptor, mode_t mode) noexcept {
  return on_descriptor("fchmod", descriptor, 0, [&] { return REAL(fchmod)(descriptor, mode); });
}
EXPORTED int fchmodat(int folder, const char* path, mode_t mode, int flags) noexcept {
  const Place place(folder, path);
  return on_path("fchmodat", place.path, 0,
                 [&] { return REAL(fchmodat)(folder, path, mode, flags); });
}

/// For programs whose libc knows no function for a call: renameat2 is the one that changes files.
EXPORTED long syscall(long number, ...) noexcept {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (auto& one : a) one = va_arg(rest, long);
  va_end(rest);
  const auto call = [&] { return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]); };
  if (number != SYS_renameat2) return call();
  const Place place(static_cast<int>(a[2]), reinterpret_cast<const char*>(a[3]));
  return carry_out(meet("renameat2", place.path, 0), call);
}

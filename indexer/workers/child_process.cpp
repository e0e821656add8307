#include "indexer/workers/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace khochung::workers {
namespace {

constexpr int pipe_bytes = 1 << 20;

tl::unexpected<Error> cannot(const char* what) {
  return fail(ErrorCode::unavailable, std::string(what) + ": " + std::strerror(errno));
}

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot("pipe");
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// What posix_spawn needs; freed in one place.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// No handler or mask of ours reaches the worker.
void set_signals(SpawnPlan& plan) {
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&plan.attributes, &none);
  ::posix_spawnattr_setsigdefault(&plan.attributes, &all);
  ::posix_spawnattr_setflags(&plan.attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
}

std::vector<std::string> environment(const std::string& scratch) {
  std::vector<std::string> lines{"PATH=/usr/bin:/bin", "LANG=C.UTF-8",
                                 "HOME=" + scratch,    "TMPDIR=" + scratch,
                                 "OMP_THREAD_LIMIT=1", "MAGICK_THREAD_LIMIT=1"};
  // Memory in huge pages: Tesseract reads a page in 1.2 s instead of 1.7 (2026-11-27).
  lines.emplace_back("GLIBC_TUNABLES=glibc.malloc.hugetlb=1");
#if defined(__SANITIZE_ADDRESS__)
  lines.emplace_back("ASAN_OPTIONS=detect_leaks=0");  // it would need ptrace
#endif
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& lines) {
  std::vector<char*> all;
  for (auto& line : lines) all.push_back(line.data());
  all.push_back(nullptr);
  return all;
}

std::string in_words(const siginfo_t& how) {
  if (how.si_code == CLD_EXITED) {
    return how.si_status == 0 ? std::string() : "exit code " + std::to_string(how.si_status);
  }
  switch (how.si_status) {
    case SIGSYS: return "forbidden system call";
    case SIGXCPU: return "out of processor time";
    case SIGXFSZ: return "wrote more than allowed";
    default: return std::string("signal ") + ::strsignal(how.si_status);
  }
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  close();
}

void Descriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Result<ScratchFolder> ScratchFolder::make(const std::filesystem::path& parent) {
  std::error_code failed;
  std::filesystem::create_directories(parent, failed);
  auto path = std::filesystem::absolute(parent, failed).string() + "/run-XXXXXX";
  if (failed || ::mkdtemp(path.data()) == nullptr) return cannot("scratch folder");
  return ScratchFolder(std::move(path));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchFolder::~ScratchFolder() {
  if (path_.empty() || ::rmdir(path_.c_str()) == 0) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Result<ChildProcess> ChildProcess::start(const Start& start) {
  auto output = KHOCHUNG_TRY(make_pipe());
  auto complaints = KHOCHUNG_TRY(make_pipe());
  ::fcntl(output.writing.number(), F_SETPIPE_SZ, pipe_bytes);
  ::fcntl(complaints.reading.number(), F_SETFL, O_NONBLOCK);
  SpawnPlan plan;
  set_signals(plan);
  ::posix_spawn_file_actions_adddup2(&plan.actions, start.input, 0);
  ::posix_spawn_file_actions_adddup2(&plan.actions, output.writing.number(), 1);
  ::posix_spawn_file_actions_adddup2(&plan.actions, complaints.writing.number(), 2);
  ::posix_spawn_file_actions_addclosefrom_np(&plan.actions, 3);
  ::posix_spawn_file_actions_addchdir_np(&plan.actions, start.working_folder.c_str());
  std::vector<std::string> words{start.program.string(), start.argument};
  auto variables = environment(start.working_folder);
  ChildProcess child;
  const int failed =
      ::posix_spawn(&child.pid_, start.program.c_str(), &plan.actions, &plan.attributes,
                    pointers(words).data(), pointers(variables).data());
  if (failed != 0) {
    child.pid_ = -1;
    return fail(ErrorCode::unavailable, "worker_unusable",
                start.program.string() + ": " + std::strerror(failed));
  }
  child.end_signal_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0)));
  if (!child.end_signal_.is_open()) return cannot("pidfd_open");
  child.output_ = std::move(output.reading);
  child.complaints_ = std::move(complaints.reading);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      end_signal_(std::move(other.end_signal_)),
      output_(std::move(other.output_)),
      complaints_(std::move(other.complaints_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  kill_group();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

// The leader stays a zombie until it is reaped, so its group's number cannot be another's.
void ChildProcess::kill_group() {
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  end_signal_.close();
}

std::string ChildProcess::finish(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  pollfd ended{end_signal(), POLLIN, 0};
  const int patience = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
  const bool is_late = end_signal_.is_open() && ::poll(&ended, 1, patience) != 1;
  siginfo_t how{};
  if (!is_late) ::waitid(P_PID, static_cast<id_t>(pid_), &how, WEXITED | WNOWAIT);
  kill_group();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  return is_late ? "time is up" : in_words(how);
}

Result<Descriptor> reopen_read_only(int descriptor) {
  const auto path = "/proc/self/fd/" + std::to_string(descriptor);
  Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open()) return cannot("input");
  return opened;
}

StopSignal::StopSignal(const std::stop_token& stop)
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(stop, Raise{event_.number()}) {}

void StopSignal::Raise::operator()() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor, &one, sizeof(one));
}

}  // namespace khochung::workers

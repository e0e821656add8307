#include "tests/storage/postgres_server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "storage/catalogue/postgres_connection.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

fs::path program(const std::string& name) {
  const fs::path place = "/usr/lib/postgresql";
  if (fs::exists(place)) {
    for (const auto& version : fs::directory_iterator(place)) {
      if (const auto found = version.path() / "bin" / name; fs::exists(found)) return found;
    }
  }
  throw std::runtime_error(name + " is missing: scripts/packages/test.txt names postgresql-15");
}

/// PostgreSQL refuses to run as root.
const passwd* ordinary_user() {
  return ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr;
}

/// Starts a program that ends with this process; what it says goes to `output`.
pid_t start_program(const std::vector<std::string>& words, int output) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const auto* user = ordinary_user();
  const auto parent = ::getpid();
  const auto child = ::fork();
  if (child != 0) return child;
  if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                          ::setuid(user->pw_uid) != 0)) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent) ::_exit(126);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Waits for a process that need not be a child's.
void wait_for_stranger(pid_t process) {
  const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  pollfd ended{handle.get(), POLLIN, 0};
  if (handle.is_open()) ::poll(&ended, 1, -1);
}

/// The sweeper: waits until nobody holds the other end of the pipe, sees the server out and removes
/// the folder.
[[noreturn]] void sweep(int pipe, const fs::path& folder) {
  ::setsid();
  char nothing = 0;
  while (::read(pipe, &nothing, 1) > 0) {
  }
  pid_t server = 0;
  if (std::ifstream(folder / "data/postmaster.pid") >> server && server > 0) {
    ::kill(server, SIGQUIT);
    wait_for_stranger(server);
  }
  std::error_code error;
  fs::remove_all(folder, error);
  ::_exit(0);
}

std::vector<pid_t> children_of(pid_t process) {
  const auto number = std::to_string(process);
  std::ifstream list("/proc/" + number + "/task/" + number + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  std::string name = (fs::temp_directory_path() / "khochung-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  sweeper_ = ::fork();
  if (sweeper_ == 0) {
    ::close(pipe[1]);
    sweep(pipe[0], folder_);
  }
  ::close(pipe[0]);
  alive_ = FileDescriptor(pipe[1]);
  const auto* user = ordinary_user();
  if (user != nullptr && ::chown(name.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("the temporary folder cannot be given away");
  }
  const auto log = folder_ / "initdb.log";
  const FileDescriptor output(::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const auto made = wait_for(
      start_program({program("initdb"), "--pgdata=" + data().string(), "--username=khochung",
                     "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"},
                    output.get()));
  if (made != 0) throw std::runtime_error("initdb failed, see " + log.string());
  start(Sync::off);
  const auto postgres = "postgresql:///postgres?host=" + folder_.string() + "&user=khochung";
  // A database that does not sort by bytes.
  PostgresConnection::open(postgres, Mode::claiming)
      .value()
      ->change(
          "CREATE DATABASE khochung TEMPLATE template0 ENCODING 'UTF8' "
          "LOCALE_PROVIDER icu ICU_LOCALE 'vi'")
      .value();
}

PostgresServer::~PostgresServer() {
  stop();
  alive_ = FileDescriptor();
  wait_for(sweeper_);
}

std::string PostgresServer::location(const std::string& schema) const {
  return "postgresql:///khochung?host=" + folder_.string() +
         "&user=khochung&options=-csearch_path%3D" + schema;
}

std::string PostgresServer::make_schema() {
  const auto name = "catalogue_" + std::to_string(++schemas_);
  const auto connection = PostgresConnection::open(location(name), Mode::claiming).value();
  connection->change("CREATE SCHEMA " + name).value();
  return name;
}

void PostgresServer::drop_schema(const std::string& name) const {
  const auto connection = PostgresConnection::open(location(name), Mode::claiming).value();
  static_cast<void>(connection->execute("DROP SCHEMA " + name + " CASCADE"));
}

// A server that was killed may hold its memory for a moment longer, which refuses the next one.
void PostgresServer::start(Sync sync) {
  for (int tries = 0; tries < 50; ++tries) {
    if (try_to_start(sync)) return;
    wait_for(server_);
  }
  throw std::runtime_error("PostgreSQL does not start: " + log_);
}

bool PostgresServer::try_to_start(Sync sync) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const std::string is_on = sync == Sync::on ? "on" : "off";
  server_ =
      start_program({program("postgres"), "-D", data(), "-k", folder_, "-c",
                     "listen_addresses=", "-c", "fsync=" + is_on, "-c", "full_page_writes=" + is_on,
                     "-c", "shared_buffers=32MB", "-c", "log_min_messages=log"},
                    pipe[1]);
  ::close(pipe[1]);
  log_reader_ = {};
  log_.clear();
  is_log_ended_ = false;
  log_reader_ =
      std::jthread([this, log = FileDescriptor(pipe[0])]() mutable { follow_log(std::move(log)); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [this] { return is_log_ended_ || log_.find("is ready") != std::string::npos; });
  return !is_log_ended_;
}

void PostgresServer::follow_log(FileDescriptor log) {
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = ::read(log.get(), buffer.data(), buffer.size())) > 0) {
    const std::scoped_lock lock(mutex_);
    log_.append(buffer.data(), static_cast<std::size_t>(count));
    changed_.notify_all();
  }
  const std::scoped_lock lock(mutex_);
  is_log_ended_ = true;
  changed_.notify_all();
}

void PostgresServer::stop() {
  ::kill(server_, SIGQUIT);
  wait_for(server_);
}

void PostgresServer::kill() {
  ::kill(server_, SIGSTOP);
  for (const auto child : children_of(server_)) ::kill(child, SIGKILL);
  ::kill(server_, SIGKILL);
  wait_for(server_);
}

}  // namespace khochung::storage

// A worker that misbehaves as its request says. Built for the tests of the sandbox and of the
// process that watches it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

void put(const std::string& bytes) {
  [[maybe_unused]] const auto written = ::write(1, bytes.data(), bytes.size());
}

void crash() {
  volatile int* nowhere = nullptr;
  *nowhere = 1;
}

void spin() {
  for (const volatile bool endless = true; endless;) continue;
}

void sleep_for_ever() {
  for (;;) ::pause();
}

void eat_memory() {
  for (std::vector<std::string> all;;) all.emplace_back(std::size_t{16} << 20, 'x');
}

void eat_memory_without_exceptions() {
  for (;;) {
    auto* more = static_cast<char*>(std::malloc(std::size_t{16} << 20));
    std::memset(more, 1, std::size_t{16} << 20);
  }
}

void open_a_socket() {
  ::socket(AF_INET, SOCK_STREAM, 0);
}

void open_a_local_socket() {
  ::socket(AF_UNIX, SOCK_STREAM, 0);
}

void fork_children() {
  for (int i = 0; i < 4; ++i) {
    if (::fork() == 0) sleep_for_ever();
  }
}

void start_a_program() {
  ::execl("/bin/sh", "sh", "-c", "true", nullptr);
}

void trace_its_parent() {
  ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr);
}

void signal_its_parent() {
  ::kill(::getppid(), SIGTERM);
}

void leave_its_session() {
  ::setsid();
}

void undo_the_namespaces() {
  ::unshare(0x10000000);
}

void flood_the_output() {
  const std::string much(std::size_t{1} << 20, 'x');
  FrameWriter output(1);
  for (;;) output.write({{"kind", "page"}}, much);
}

void flood_with_frames() {
  FrameWriter output(1);
  for (;;) output.write({{"kind", "page"}});
}

void flood_the_complaints() {
  for (;;) std::fputs("complaint complaint complaint complaint\n", stderr);
}

/// Frames that lie: each is the raw stream.
void lie(std::string_view how) {
  const std::string greeting("khochung\1\0\0\0", 12);
  if (how == "no_greeting") put("GET / HTTP/1.1\r\n\r\n");
  if (how == "other_version") put(std::string("khochung\2\0\0\0", 12));
  if (how == "huge_header") put(greeting + std::string("\xFF\xFF\xFF\x7F\0\0\0\0\0\0\0\0", 12));
  if (how == "huge_body") {
    put(greeting + std::string("\x0D\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 12) +
        R"({"kind":"x"})");
  }
  if (how == "no_json") put(greeting + std::string("\4\0\0\0\0\0\0\0\0\0\0\0", 12) + "abcd");
  if (how == "no_kind") put(greeting + std::string("\2\0\0\0\0\0\0\0\0\0\0\0", 12) + "{}");
  if (how == "cut_off") put(greeting + std::string("\xFF\0\0\0\0\0\0\0\0\0\0\0", 12) + "{");
  if (how == "no_end") put(greeting);
  if (how == "after_the_end") {
    FrameWriter output(1);
    output.end({Outcome::ok, {}, {}});
    put("more");
  }
  ::_exit(0);
}

/// Opens files it must not see; answers with the names of those that it could.
Result<void> try_files(const JsonReader& request, FrameWriter& output) {
  boost::json::array opened;
  for (const auto& path : request.strings("paths")) {
    const int flags = request.boolean("writing") ? O_WRONLY | O_CREAT : O_RDONLY;
    if (::open(path.c_str(), flags, 0600) >= 0) opened.emplace_back(path);
  }
  output.write({{"kind", "opened"}, {"paths", std::move(opened)}});
  return {};
}

Result<void> misbehave(const JsonReader& request, FrameWriter& output) {
  static const std::map<std::string, void (*)()> ways{
      {"crash", &crash},
      {"spin", &spin},
      {"sleep", &sleep_for_ever},
      {"abort", &std::abort},
      {"eat_memory", &eat_memory},
      {"eat_memory_without_exceptions", &eat_memory_without_exceptions},
      {"socket", &open_a_socket},
      {"local_socket", &open_a_local_socket},
      {"fork", &fork_children},
      {"exec", &start_a_program},
      {"ptrace", &trace_its_parent},
      {"kill", &signal_its_parent},
      {"setsid", &leave_its_session},
      {"unshare", &undo_the_namespaces},
      {"flood", &flood_the_output},
      {"flood_frames", &flood_with_frames},
      {"flood_complaints", &flood_the_complaints},
  };
  const auto what = request.string("do");
  if (what == "files") return try_files(request, output);
  if (what == "bad_reason") return bad_file("<script>", "a reason that nobody knows");
  if (what == "behave") return {};
  if (what == "lie") lie(request.string("how"));
  ways.at(what)();
  return {};
}

/// Leaves children behind in its own group, without any sandbox.
void leave_children(const JsonReader& request) {
  if (request.string("do") != "leave_children") return;
  FrameWriter output(1);
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) sleep_for_ever();
    output.write({{"kind", "child"}, {"pid", child}});
  }
  if (request.boolean("closing")) output.end({Outcome::ok, {}, {}});
  ::_exit(0);
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  using namespace khochung::workers;
  boost::system::error_code failed;
  const auto request = boost::json::parse(argc == 2 ? argv[1] : "{}", failed);
  leave_children(khochung::JsonReader(request));
  SandboxProfile profile;
  profile.cpu = std::chrono::seconds(1);
  profile.address_space_bytes = std::uint64_t{128} << 20;
  run_worker(argc, argv, profile, misbehave);
}

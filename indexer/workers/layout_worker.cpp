// khochung-worker-layout: pages of office files as one PDF, by LibreOffice in a closed room of its
// own: no network, a home thrown away after the run, macros and links off.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include "indexer/workers/child_process.hpp"
#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

constexpr auto extensions = std::to_array<std::string_view>(
    {"doc", "docx", "odp", "ods", "odt", "ppt", "pptx", "rtf", "xls", "xlsx"});
constexpr const char* program = "/usr/lib/libreoffice/program/soffice.bin";
constexpr std::size_t step = std::size_t{1} << 20;
constexpr int most_starts = 3;
/// LibreOffice ends with one of these to be started again, the first time with a new home.
constexpr auto start_again = std::to_array<int>({79, 81});

constexpr std::string_view settings = R"(<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Load"><prop oor:name="UserDefinedSettings" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
)";

/// LibreOffice maps and reserves far more than it uses: 4 GB of addresses, 512 MB a file.
SandboxProfile profile() {
  SandboxProfile profile;
  profile.address_space_bytes = std::uint64_t{4} << 30;
  profile.cpu = std::chrono::seconds(180);
  profile.scratch_file_bytes = std::uint64_t{512} << 20;
  profile.open_files = 1024;
  profile.children = Children::own_programs;
  profile.readable = {"/usr/lib",
                      "/usr/share",
                      "/usr/local/share/fonts",
                      "/lib",
                      "/lib64",
                      "/etc/ld.so.cache",
                      "/etc/fonts",
                      "/etc/libreoffice",
                      "/etc/localtime",
                      "/etc/passwd",
                      "/etc/nsswitch.conf",
                      "/var/cache/fontconfig",
                      "/var/lib/libreoffice",
                      "/var/spool/libreoffice",
                      "/dev/null",
                      "/dev/urandom"};
  return profile;
}

Result<void> write_file(const char* path, std::string_view bytes) {
  const Descriptor file(::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  while (!bytes.empty()) {
    const auto written = ::write(file.number(), bytes.data(), std::min(bytes.size(), step));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(ErrorCode::unavailable, "the scratch folder cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

[[noreturn]] void become_libreoffice(const std::string& input) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Nothing that it prints may stand between our frames.
  ::dup2(2, 1);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing >= 0) ::dup2(nothing, 0);
  const std::string home =
      std::string("-env:UserInstallation=file://") + std::getenv("HOME") + "/profile";
  // Where its socket goes when /tmp cannot be written: see the filter of system calls.
  ::execl(program, program, home.c_str(), "-env:OSL_SOCKET_PATH=.", "--headless", "--invisible",
          "--nologo", "--norestore", "--nodefault", "--nolockcheck", "--nofirststartwizard",
          "--convert-to", "pdf", "--outdir", "out", input.c_str(), nullptr);
  ::_exit(127);
}

/// The exit code of a child; -1 for any other ending.
int wait_for(pid_t child) {
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void start_until_done(const std::string& input) {
  for (int starts = 0; starts < most_starts; ++starts) {
    const pid_t child = ::fork();
    if (child == 0) become_libreoffice(input);
    if (std::ranges::find(start_again, wait_for(child)) == start_again.end()) return;
  }
}

/// The first child in a PID namespace is the one whose end ends all others.
void run_libreoffice(const std::string& input) {
  const pid_t first = ::fork();
  if (first == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    start_until_done(input);
    ::_exit(0);
  }
  wait_for(first);
}

Result<void> write_pdf(FrameWriter& output) {
  const Descriptor file(::open("out/input.pdf", O_RDONLY | O_CLOEXEC));
  std::string bytes(step, '\0');
  bool is_pdf = false;
  for (;;) {
    const auto count = ::read(file.number(), bytes.data(), bytes.size());
    if (count <= 0) break;
    const std::string_view part(bytes.data(), static_cast<std::size_t>(count));
    is_pdf = is_pdf || part.starts_with("%PDF-");
    if (!is_pdf) break;
    output.write({{"kind", "bytes"}}, part);
  }
  // The exit code says nothing about it; only what was written does.
  if (!is_pdf) return bad_file("damaged_file", "LibreOffice made no PDF of it");
  return {};
}

Result<void> work(const JsonReader& request, FrameWriter& output) {
  const auto extension = request.string("extension");
  if (std::ranges::find(extensions, extension) == extensions.end()) {
    return fail(ErrorCode::bad_input, "extension");
  }
  if (::access(program, X_OK) != 0) {
    return fail(ErrorCode::unavailable, "LibreOffice is not installed");
  }
  const auto input = "input." + extension;
  const auto bytes = KHOCHUNG_TRY(map_input());
  KHOCHUNG_CHECK(write_file(input.c_str(), bytes));
  ::mkdir("profile", 0700);
  ::mkdir("profile/user", 0700);
  KHOCHUNG_CHECK(write_file("profile/user/registrymodifications.xcu", settings));
  run_libreoffice(input);
  return write_pdf(output);
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}

#include "indexer/workers/worker_main.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

// Boost's assertions go through a handler in every program (see CMakeLists.txt).
namespace boost {
void assertion_failed_msg(const char* expression, const char* message, const char* /*function*/,
                          const char* file, long line) {
  std::fprintf(stderr, "%s:%ld: assertion %s failed: %s\n", file, line, expression, message);
  std::abort();
}
void assertion_failed(const char* expression, const char* function, const char* file, long line) {
  assertion_failed_msg(expression, "", function, file, line);
}
}  // namespace boost

namespace khochung::workers {
namespace {

constexpr std::uint64_t largest_mapped_input = (std::uint64_t{1} << 31) - 1;

std::uint64_t input_bytes() {
  struct stat facts{};
  return ::fstat(0, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

/// The input is mapped, so it stands in the address space beside what the worker itself may take.
SandboxProfile with_room_for_input(SandboxProfile profile) {
  profile.address_space_bytes += std::min(input_bytes(), largest_mapped_input);
  return profile;
}

[[noreturn]] void probe(const SandboxProfile& profile) {
  const auto report = enter_sandbox(profile);
  boost::json::object facts{{"limits", report && report->limits},
                            {"seccomp", report && report->seccomp},
                            {"landlock", report ? report->landlock : 0},
                            {"namespaces", report && report->namespaces}};
  boost::json::array missing;
  if (report) {
    for (const auto& name : report->missing) missing.emplace_back(name);
  } else {
    missing.emplace_back(report.error().message);
  }
  facts["missing"] = std::move(missing);
  const auto text = boost::json::serialize(facts) + "\n";
  const auto written = ::write(1, text.data(), text.size());
  ::_exit(written > 0 && report ? 0 : 1);
}

Ending ending_of(const Error& error) {
  const bool is_about_the_file =
      error.code == ErrorCode::unsupported || error.code == ErrorCode::too_large;
  return {is_about_the_file ? Outcome::bad_file : Outcome::unusable, std::string(error.reason),
          error.message};
}

/// The one place that takes what a parser library throws.
Ending guarded(Work work, const JsonReader& request, FrameWriter& output) {
  try {
    if (const auto done = work(request, output); !done) return ending_of(done.error());
    return {Outcome::ok, {}, {}};
  } catch (const std::bad_alloc&) {
    return {Outcome::bad_file, "worker_stopped", "out of memory"};
  } catch (const std::exception& thrown) {
    return {Outcome::bad_file, "damaged_file", thrown.what()};
  }
}

}  // namespace

void run_worker(int argc, char** argv, const SandboxProfile& profile, Work work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc == 2 && std::string_view(argv[1]) == "--probe") probe(profile);
  boost::system::error_code failed;
  const auto request = boost::json::parse(argc == 2 ? argv[1] : "", failed);
  if (failed || !request.is_object()) {
    std::fprintf(stderr, "usage: %s --probe | REQUEST <FILE (started by khochung)\n", argv[0]);
    ::_exit(2);
  }
  FrameWriter output(1);
  if (const auto closed = enter_sandbox(with_room_for_input(profile)); !closed) {
    output.end({Outcome::unusable, {}, closed.error().message});
    ::_exit(1);
  }
  output.end(guarded(work, JsonReader(request), output));
  ::_exit(0);
}

Result<std::string_view> map_input() {
  const auto size = input_bytes();
  if (size == 0) return std::string_view();
  if (size > largest_mapped_input) return fail(ErrorCode::too_large, "input over 2 GiB");
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, 0, 0);
  if (at == MAP_FAILED) return fail(ErrorCode::unavailable, "the input cannot be mapped");
  return std::string_view(static_cast<const char*>(at), size);
}

}  // namespace khochung::workers

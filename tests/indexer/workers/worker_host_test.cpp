#include "indexer/workers/worker_host.hpp"

#include <boost/json.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "fixture.hpp"
#include "schemas/json_reader.hpp"

namespace khochung::workers {
namespace {

using boost::unit_test::data::make;

struct HostileWorkshop : Workshop {
  [[nodiscard]] Result<void> run(boost::json::object request,
                                 const FrameParser::Visitor& visit = {}) const {
    const WorkerHost host(folder_of("KHOCHUNG_BUILD_DIR") / "tests", scratch());
    const auto input = open("/dev/null");
    Run run{"hostile", std::move(request), input.number(), {}, std::chrono::seconds(20)};
    run.limits.total_bytes = std::uint64_t{8} << 20;
    run.limits.frames = 1000;
    const auto ignore = [](Frame&&) -> Result<void> { return {}; };
    return host.run(run, visit ? visit : ignore);
  }
};

/// Ended, or dead and only waiting to be collected by its new parent. The kernel takes a moment.
bool will_be_gone(std::int64_t pid) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    if (!(stat >> number >> name >> state) || state == "Z" || state == "X") return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(worker_host, HostileWorkshop)

BOOST_AUTO_TEST_CASE(a_worker_that_behaves_is_believed) {
  BOOST_TEST(run({{"do", "behave"}}).has_value());
  BOOST_TEST(is_clean());
}

BOOST_DATA_TEST_CASE(what_a_worker_must_not_do_ends_it,
                     make({"socket", "local_socket", "fork", "exec", "ptrace", "kill", "setsid",
                           "unshare"}),
                     what) {
  const auto done = run({{"do", what}});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(done.error().reason == "worker_stopped");
  BOOST_TEST(holds(done.error().message, "forbidden system call"), done.error().message);
  BOOST_TEST(is_clean());
}

BOOST_DATA_TEST_CASE(a_worker_that_fails_is_stopped_and_named,
                     make({"crash", "spin", "abort", "eat_memory", "eat_memory_without_exceptions",
                           "flood", "flood_frames"}),
                     what) {
  const auto done = run({{"do", what}});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == ErrorCode::unsupported));
  BOOST_TEST(done.error().reason == "worker_stopped");
  BOOST_TEST(holds(done.error().message, "hostile"), done.error().message);
  BOOST_TEST(is_clean());
}

BOOST_DATA_TEST_CASE(output_that_lies_is_refused,
                     make({"no_greeting", "other_version", "huge_header", "huge_body", "no_json",
                           "no_kind", "cut_off", "no_end", "after_the_end"}),
                     how) {
  const auto done = run({{"do", "lie"}, {"how", how}});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(done.error().reason == "worker_stopped");
}

BOOST_AUTO_TEST_CASE(no_file_of_the_system_or_of_the_archive_can_be_read_or_written) {
  std::ofstream(folder / "secret.txt") << "secret";
  const auto secret = (folder / "secret.txt").string();
  const auto beside = (folder / "new.txt").string();
  for (const bool writing : {false, true}) {
    boost::json::array opened;
    const auto done =
        run({{"do", "files"},
             {"writing", writing},
             {"paths",
              {secret, beside, "/etc/passwd", "/proc/self/environ", "/proc/self/fd/0", "../new.txt",
               "/tmp/khochung-escaped", "/dev/zero", "/dev/shm/escaped"}}},
            [&](Frame&& frame) -> Result<void> {
              opened = frame.header["paths"].as_array();
              return {};
            });
    BOOST_TEST(done.has_value());
    BOOST_TEST(opened.empty(), boost::json::serialize(opened));
  }
  BOOST_TEST(!std::filesystem::exists(beside));
  BOOST_TEST(!std::filesystem::exists("/tmp/khochung-escaped"));
}

BOOST_AUTO_TEST_CASE(wall_time_ends_a_worker_that_sleeps) {
  const WorkerHost host(folder_of("KHOCHUNG_BUILD_DIR") / "tests", scratch());
  const auto input = open("/dev/null");
  const Run run{"hostile", {{"do", "sleep"}}, input.number(), {}, std::chrono::milliseconds(50)};
  const auto done = host.run(run, [](Frame&&) -> Result<void> { return {}; });
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(holds(done.error().message, "time is up"));
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(complaints_without_end_do_not_fill_memory) {
  const WorkerHost host(folder_of("KHOCHUNG_BUILD_DIR") / "tests", scratch());
  const auto input = open("/dev/null");
  const Run run{
      "hostile", {{"do", "flood_complaints"}}, input.number(), {}, std::chrono::milliseconds(200)};
  const auto done = host.run(run, [](Frame&&) -> Result<void> { return {}; });
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(done.error().message.size() < 2000);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_a_run_at_once) {
  const WorkerHost host(folder_of("KHOCHUNG_BUILD_DIR") / "tests", scratch());
  const auto input = open("/dev/null");
  const Run run{"hostile", {{"do", "sleep"}}, input.number(), {}, std::chrono::minutes(5)};
  std::stop_source stop;
  const std::jthread stopper([&] { stop.request_stop(); });
  const auto done = host.run(run, [](Frame&&) -> Result<void> { return {}; }, stop.get_token());
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == ErrorCode::unavailable));
  BOOST_TEST(is_clean());
}

BOOST_DATA_TEST_CASE(children_do_not_outlive_a_run, make({false, true}), closing) {
  std::vector<std::int64_t> children;
  const auto done = run({{"do", "leave_children"}, {"closing", closing}}, [&](Frame&& frame) {
    children.push_back(frame.header["pid"].as_int64());
    return Result<void>();
  });
  BOOST_TEST(done.has_value() == closing);
  BOOST_TEST(children.size() == 3U);
  for (const auto child : children) BOOST_TEST(will_be_gone(child));
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_makes_the_worker_unusable) {
  const WorkerHost nowhere(folder, scratch());
  const auto input = open("/dev/null");
  const auto done = nowhere.run({"pdf", {}, input.number(), {}, std::chrono::seconds(5)}, {});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == ErrorCode::unavailable));
  BOOST_TEST(done.error().reason == "worker_unusable");
}

BOOST_AUTO_TEST_CASE(a_reason_that_nobody_knows_is_not_handed_on) {
  const auto done = run({{"do", "bad_reason"}});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(done.error().reason == "damaged_file");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

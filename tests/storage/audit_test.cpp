#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <random>
#include <regex>
#include <set>
#include <thread>

#include "tests/storage/audit_samples.hpp"

namespace khochung::storage {
namespace {

/// Small files, so that a short chain has several.
AuditChain::Options small_files(AuditCalls calls = {}) {
  return {.max_file_bytes = 4096, .calls = std::move(calls)};
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return {names.begin(), names.end()};
}

void check_whole(const AuditHome& home, std::uint64_t entries) {
  const auto verdict = home.verify({.known = home.chain->head()});
  BOOST_TEST(verdict.is_intact(), sentence_of(verdict, Language::english));
  BOOST_TEST(verdict.entries == entries);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(audit)

// -- what an event may hold

BOOST_AUTO_TEST_CASE(a_text_that_is_too_long_is_cut_between_characters_and_marked) {
  for (const std::string_view letter : {"a", "ữ", "u\u031b\u0303", "😀"}) {
    auto event = sample_event(1);
    std::string text;
    while (text.size() <= max_audit_text_bytes) text += letter;
    event.by = text;
    event.detail["name"] = text;
    const auto once = bounded(event).value();
    BOOST_TEST(once.by.size() <= max_audit_name_bytes);
    BOOST_TEST(once.by.ends_with("…"));
    BOOST_TEST(once.detail.at("name").as_string().size() <= max_audit_text_bytes);
    BOOST_TEST(once.detail.at("name").as_string().ends_with("…"));
    BOOST_TEST(entry_from_line(line_of({once, {}})).has_value());
    BOOST_TEST((bounded(once).value() == once));
  }
}

BOOST_AUTO_TEST_CASE(a_text_of_exactly_the_bound_stays_as_it_is) {
  auto event = sample_event(1);
  event.object = std::string(max_audit_name_bytes, 'x');
  BOOST_TEST((bounded(event).value() == event));
}

BOOST_AUTO_TEST_CASE(a_detail_that_is_too_large_is_replaced_by_its_size) {
  auto event = sample_event(1);
  for (int i = 0; i < 1000; ++i) event.detail[std::to_string(i)] = "mười chữ";
  const auto once = bounded(event).value();
  BOOST_TEST(once.detail.size() == 1U);
  BOOST_TEST(once.detail.at("…").to_number<int>() > 8192);
  BOOST_TEST((bounded(once).value() == once));
}

BOOST_AUTO_TEST_CASE(what_has_no_canonical_form_is_refused) {
  const auto refused = [](auto change) {
    auto event = sample_event(1);
    change(event);
    const auto result = bounded(event);
    return !result && result.error().code == ErrorCode::bad_input;
  };
  BOOST_TEST(refused([](auto& event) { event.by = "\xC3"; }));
  BOOST_TEST(refused([](auto& event) { event.detail["name"] = "\xED\xA0\x80"; }));
  BOOST_TEST(refused([](auto& event) { event.detail["\xFF"] = 1; }));
  BOOST_TEST(refused([](auto& event) { event.detail["share"] = 0.5; }));
  BOOST_TEST(refused([](auto& event) { event.detail["n"] = (std::int64_t{1} << 53) + 1; }));
  BOOST_TEST(refused([](auto& event) { event.detail["n"] = INT64_MIN; }));
  BOOST_TEST(refused([](auto& event) { event.detail["n"] = UINT64_MAX; }));
  BOOST_TEST(refused([](auto& event) { event.at = Instant::max(); }));
  BOOST_TEST(refused([](auto& event) { event.at = Instant::min(); }));
  BOOST_TEST(refused([](auto& event) { event.action = ""; }));
  BOOST_TEST(refused([](auto& event) { event.action = "Sửa"; }));
  BOOST_TEST(refused([](auto& event) {
    boost::json::value deep = 1;
    for (int i = 0; i < 10; ++i) deep = boost::json::array{deep};
    event.detail["deep"] = deep;
  }));
}

BOOST_AUTO_TEST_CASE(only_the_line_that_would_be_written_is_read) {
  const AuditEntry entry{sample_event(7), Digest::of("the line before")};
  const auto line = line_of(entry);
  BOOST_TEST((entry_from_line(line).value() == entry));
  BOOST_TEST(link_of(line)->seq == 7U);
  BOOST_TEST((link_of(line)->previous == entry.previous));
  BOOST_TEST(link_of(line)->action == "file.read");
  BOOST_TEST(link_of(line)->month == "2026-11");
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"seq\":7", "\"seq\":07"},
                                 {"\"seq\":7", "\"seq\":7.0"},
                                 {"\"seq\":7", "\"seq\":7,\"why\":\"\""},
                                 {"\"from\"", " \"from\""},
                                 {"\"by\":\"local\"", "\"by\":1"},
                                 {".008Z", "Z"},
                                 {"\"revision\":0", "\"revision\":0.5"}}) {
    auto other = line;
    const auto at = other.find(from);
    if (at == std::string::npos) continue;
    other.replace(at, from.size(), to);
    BOOST_TEST(!entry_from_line(other).has_value(), other);
  }
}

BOOST_AUTO_TEST_CASE(the_quick_look_at_a_line_agrees_with_the_thorough_one) {
  std::mt19937 random(20261127);
  const std::string alphabet = "\"\\{}[],:0123456789-.eTZ aun/\x01\x7f\xC3\xA1\xEF\n";
  int entries = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto event = sample_event(1 + random() % 1000);
    if (round % 3 == 0) event.detail["list"] = {1, "hai\t", nullptr, {{"b", true}, {"a", 0}}};
    if (round % 7 == 0) event.detail["tên\n"] = -5;
    auto line = line_of({event, Digest::of(std::to_string(round))});
    for (auto changes = random() % 3; changes > 0; --changes) {
      const auto at = random() % line.size();
      const auto letter = alphabet[random() % alphabet.size()];
      if (random() % 2 == 0)
        line[at] = letter;
      else if (random() % 2 == 0)
        line.insert(at, 1, letter);
      else
        line.erase(at, 1 + random() % 4);
    }
    const bool is_entry = entry_from_line(line).has_value();
    BOOST_TEST_REQUIRE(checked_link_of(line).has_value() == is_entry, line);
    entries += is_entry ? 1 : 0;
  }
  BOOST_TEST(entries > 6'000);
  BOOST_TEST(entries < 14'000);
}

// -- the chain

BOOST_AUTO_TEST_CASE(entries_are_read_back_as_they_were_appended) {
  AuditHome home(small_files());
  home.append_owed();
  const auto events = sample_events(2, 400, 150);
  BOOST_TEST_REQUIRE(home.chain->append(events).has_value());
  for (int round = 0; round < 2; ++round, home.open()) {
    BOOST_TEST(home.chain->head().seq == 400U);
    for (const std::uint64_t from : {2U, 3U, 17U, 151U, 152U, 399U, 400U}) {
      const auto found = home.chain->entries(from, 50).value();
      BOOST_TEST_REQUIRE(found.size() == std::min<std::uint64_t>(50, 401 - from));
      for (std::size_t i = 0; i < found.size(); ++i) {
        BOOST_TEST((found[i].event == events[from - 2 + i]));
      }
    }
    BOOST_TEST(home.chain->entries(0, 1000).value().size() == 400U);
    BOOST_TEST(home.chain->entries(401, 10).value().empty());
    BOOST_TEST(home.chain->entries(1, 0).value().empty());
  }
  check_whole(home, 400);
}

BOOST_AUTO_TEST_CASE(a_file_ends_with_its_month_and_at_its_size) {
  AuditHome home(small_files());
  home.append_owed();
  for (const auto& event : sample_events(2, 54, 18)) {
    BOOST_TEST_REQUIRE(home.chain->append({&event, 1}).has_value());
  }
  const std::vector<std::string> expected{"2026-11-1.jsonl",
                                          "2026-11-2.jsonl",
                                          "2026-12-1.jsonl",
                                          "2026-12-2.jsonl",
                                          "2027-01-1.jsonl",
                                          "2027-01-2.jsonl",
                                          "keys"};
  BOOST_TEST(names_in(home.path()) == expected, boost::test_tools::per_element());
  for (const auto& entry : std::filesystem::directory_iterator(home.path())) {
    if (entry.is_regular_file()) BOOST_TEST(entry.file_size() <= 4096U);
  }
  check_whole(home, 54);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_changes_no_order) {
  AuditHome home(small_files());
  home.append_owed();
  auto events = sample_events(2, 60);
  for (std::size_t i = 10; i < events.size(); ++i) {
    events[i].at -= std::chrono::days(i % 2 == 0 ? 40 : 0);
  }
  BOOST_TEST_REQUIRE(home.chain->append(events).has_value());
  check_whole(home, 60);
  home.open();
  BOOST_TEST(home.chain->entries(1, 100).value().size() == 60U);
}

BOOST_AUTO_TEST_CASE(what_is_there_already_is_passed_over_and_never_another) {
  AuditHome home(small_files());
  home.append_owed();
  const auto events = sample_events(2, 100);
  BOOST_TEST_REQUIRE(home.chain->append(std::span(events).first(60)).has_value());
  const auto head = home.chain->head();
  BOOST_TEST((home.chain->append(std::span(events).subspan(10, 30)).value() == head));
  BOOST_TEST_REQUIRE(home.chain->append(events).has_value());
  home.open();
  BOOST_TEST(home.chain->append(events).value().seq == 100U);

  auto other = sample_event(50);
  other.by = "another";
  BOOST_TEST((home.chain->append({&other, 1}).error().code == ErrorCode::corrupt));
  const auto far = sample_event(102);
  BOOST_TEST((home.chain->append({&far, 1}).error().code == ErrorCode::conflict));
  auto gap = sample_events(101, 103);
  gap.erase(gap.begin() + 1);
  BOOST_TEST((home.chain->append(gap).error().code == ErrorCode::bad_input));
  BOOST_TEST((home.chain->append({&far, 0}).value() == home.chain->head()));
  check_whole(home, 100);
}

BOOST_AUTO_TEST_CASE(an_event_that_had_to_be_cut_can_be_offered_again) {
  AuditHome home;
  home.append_owed();
  auto event = sample_event(2);
  event.detail["name"] = std::string(5000, 'x');
  BOOST_TEST_REQUIRE(home.chain->append({&event, 1}).has_value());
  BOOST_TEST(home.chain->append({&event, 1}).value().seq == 2U);
}

BOOST_AUTO_TEST_CASE(eight_threads_that_offer_the_same_outbox_leave_one_chain) {
  std::atomic<int> syncs = 0;
  AuditHome home(small_files({.sync = [&syncs](int descriptor) {
    ++syncs;
    return ::fsync(descriptor);
  }}));
  home.append_owed();
  syncs = 0;
  // What a catalogue does: numbers are given under a lock, then everything that is pending is
  // offered, by whoever comes.
  std::mutex mutex;
  std::vector<AuditEvent> events = {sample_event(1)};
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          std::vector<AuditEvent> pending;
          {
            const std::scoped_lock lock(mutex);
            events.push_back(sample_event(events.size() + 1));
            const auto from = events.size() > 12 ? events.size() - 12 : 1;
            pending.assign(events.begin() + static_cast<std::ptrdiff_t>(from), events.end());
          }
          const auto head = home.chain->append(pending);
          if (!head || head->seq < pending.back().seq) ++failures;
        }
      });
    }
  }
  BOOST_TEST(failures == 0);
  const auto found = home.chain->entries(2, 1000).value();
  BOOST_TEST_REQUIRE(found.size() == 400U);
  for (std::size_t i = 0; i < found.size(); ++i) BOOST_TEST((found[i].event == events[i + 1]));
  BOOST_TEST_MESSAGE("400 appends by eight threads: " << syncs << " syncs");
  check_whole(home, 401);
}

BOOST_AUTO_TEST_CASE(who_comes_while_a_round_runs_shares_the_next_sync) {
  std::atomic<bool> is_held = false;
  std::atomic<int> syncs = 0;
  AuditHome home({.calls = {.sync = [&](int descriptor) {
                    ++syncs;
                    is_held.wait(true);
                    return ::fsync(descriptor);
                  }}});
  home.append_owed();
  syncs = 0;
  is_held = true;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { failures += !home.chain->append(sample_events(2, 2)); });
    while (syncs == 0) std::this_thread::yield();
    for (int i = 0; i < 7; ++i) {
      // All offer everything: whichever runs the next round, its sync is enough.
      threads.emplace_back([&] { failures += !home.chain->append(sample_events(2, 20)); });
    }
    is_held = false;
    is_held.notify_all();
  }
  BOOST_TEST(failures == 0);
  BOOST_TEST(home.chain->head().seq == 20U);
  BOOST_TEST(syncs == 2);
}

BOOST_AUTO_TEST_CASE(a_range_is_exported_as_it_stands) {
  AuditHome home(small_files());
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 60)).has_value());
  std::string whole;
  for (const auto& name : {"2026-11-1.jsonl", "2026-11-2.jsonl", "2026-11-3.jsonl",
                           "2026-11-4.jsonl", "2026-11-5.jsonl", "2026-11-6.jsonl"}) {
    if (std::filesystem::exists(home.path() / name)) whole += text_of(home.path() / name);
  }
  std::string exported;
  const auto take = [&exported](std::string_view bytes) -> Result<void> {
    exported += bytes;
    return {};
  };
  BOOST_TEST_REQUIRE(home.chain->export_to(1, UINT64_MAX, take).has_value());
  BOOST_TEST(exported == whole);
  exported.clear();
  BOOST_TEST_REQUIRE(home.chain->export_to(20, 21, take).has_value());
  BOOST_TEST(exported.size() > 0U);
  BOOST_TEST(whole.find("\n" + exported) != std::string::npos);
  BOOST_TEST((home.chain
                  ->export_to(1, 2,
                              [](std::string_view) -> Result<void> {
                                return fail(ErrorCode::disk_full, "full");
                              })
                  .error()
                  .code == ErrorCode::disk_full));
}

// -- checkpoints and keys

BOOST_AUTO_TEST_CASE(the_newest_entry_is_signed_once) {
  AuditHome home;
  BOOST_TEST(!home.chain->checkpoint().value().has_value());
  const auto early = sample_event(1);
  BOOST_TEST_REQUIRE(home.chain->append({&early, 1}).has_value());
  BOOST_TEST((home.chain->checkpoint().error().code == ErrorCode::conflict));
  home.append_owed();
  const auto first = home.chain->checkpoint().value().value();
  BOOST_TEST((first.head == home.chain->head()));
  const auto text = text_of(home.path() / checkpoints_name);
  BOOST_TEST((home.chain->checkpoint().value()->head == first.head));
  home.open();
  BOOST_TEST(home.chain->owed().empty());
  BOOST_TEST((home.chain->checkpoint().value()->head == first.head));
  BOOST_TEST(text_of(home.path() / checkpoints_name) == text);
  BOOST_TEST(home.verify().proven_until == 2U);
  struct stat info{};
  BOOST_TEST_REQUIRE(::stat(home.key_file().c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 0777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(a_new_key_takes_over_with_the_word_of_the_old_one) {
  AuditHome home;
  home.append_owed();
  const auto old = home.chain->checkpoint().value()->key;
  auto event = home.chain->new_key(sample_event(1).at).value();
  // Until the chain names it, the old key goes on.
  const auto second = sample_event(2);
  BOOST_TEST_REQUIRE(home.chain->append({&second, 1}).has_value());
  BOOST_TEST(home.chain->checkpoint().value()->key == old);
  event.seq = 3;
  BOOST_TEST_REQUIRE(home.chain->append({&event, 1}).has_value());
  BOOST_TEST(home.chain->checkpoint().value()->key == event.object);
  home.open();
  BOOST_TEST(home.chain->owed().empty());
  const auto fourth = sample_event(4);
  BOOST_TEST_REQUIRE(home.chain->append({&fourth, 1}).has_value());
  BOOST_TEST(home.chain->checkpoint().value()->key == event.object);
  const auto verdict = home.verify();
  BOOST_TEST(verdict.is_intact(), sentence_of(verdict, Language::english));
  BOOST_TEST(verdict.checkpoints == 5U);
  BOOST_TEST(verdict.unvouched_key_at == 0U);
}

BOOST_AUTO_TEST_CASE(a_new_key_that_did_not_get_far_is_forgotten) {
  AuditHome home;
  home.append_owed();
  const auto old = home.chain->checkpoint().value()->key;
  auto event = home.chain->new_key(sample_event(1).at).value();
  event.seq = 2;
  BOOST_TEST_REQUIRE(home.chain->append({&event, 1}).has_value());
  home.open();
  BOOST_TEST(home.chain->checkpoint().value()->key == old);
  BOOST_TEST(names_in(home.folder.path()).size() == 2U);
  check_whole(home, 2);
}

BOOST_AUTO_TEST_CASE(a_key_whose_predecessor_was_lost_is_told_of) {
  AuditHome home;
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  std::filesystem::remove(home.key_file());
  home.open();
  BOOST_TEST(home.chain->owed().size() == 1U);
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  const auto verdict = home.verify();
  BOOST_TEST(verdict.is_intact());
  BOOST_TEST(verdict.unvouched_key_at == 2U);
  BOOST_TEST(sentence_of(verdict, Language::vietnamese).find("khóa cũ không bảo chứng") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_chain_can_be_proven_while_it_is_written) {
  AuditHome home(small_files());
  home.append_owed();
  const std::jthread writer([&](const std::stop_token& stop) {
    for (std::uint64_t seq = 2; !stop.stop_requested(); ++seq) {
      const auto event = sample_event(seq, 100);
      if (!home.chain->append({&event, 1})) std::abort();
      if (seq % 5 == 0 && !home.chain->checkpoint()) std::abort();
    }
  });
  while (home.chain->head().seq < 100) std::this_thread::yield();
  for (int i = 0; i < 20; ++i) {
    const auto known = home.chain->head();
    const auto verdict = home.chain->verify({.known = known}).value();
    BOOST_TEST(verdict.is_intact(), sentence_of(verdict, Language::english));
    BOOST_TEST(verdict.head.seq >= known.seq);
    BOOST_TEST(verdict.proven_until >= known.seq);
  }
}

// -- opening

BOOST_AUTO_TEST_CASE(a_line_that_a_crash_cut_is_taken_away_and_told_of) {
  AuditHome home(small_files());
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 5)).has_value());
  const auto file = home.path() / "2026-11-1.jsonl";
  const auto text = text_of(file);
  const auto unfinished = line_of({sample_event(6), home.chain->head().hash});
  for (const std::size_t bytes : {std::size_t{1}, unfinished.size() / 2, unfinished.size()}) {
    write_text(file, text + unfinished.substr(0, bytes));
    home.open();
    BOOST_TEST_REQUIRE(home.chain->owed().size() == 2U);  // no checkpoint yet: the key, too
    BOOST_TEST(home.chain->owed()[0].action == "audit.cut");
    BOOST_TEST(home.chain->owed()[0].detail.at("bytes").to_number<std::size_t>() == bytes);
    BOOST_TEST(home.chain->head().seq == 5U);
    BOOST_TEST(text_of(file).size() == text.size() + bytes);  // until something is appended
  }
  home.append_owed();
  BOOST_TEST(text_of(file).starts_with(text));
  check_whole(home, 7);
}

BOOST_AUTO_TEST_CASE(a_file_of_which_no_line_is_whole_goes_and_the_one_before_goes_on) {
  for (const std::string_view begun : {"", "{\"action\":\"file"}) {
    AuditHome home(small_files());
    home.append_owed();
    BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 5)).has_value());
    write_text(home.path() / "2026-12-1.jsonl", begun);
    home.open();
    BOOST_TEST(home.chain->head().seq == 5U);
    BOOST_TEST(home.chain->owed().size() == 2U);
    home.append_owed();
    BOOST_TEST(!std::filesystem::exists(home.path() / "2026-12-1.jsonl"));
    check_whole(home, 7);
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_a_crash_cut_is_taken_away_and_told_of) {
  AuditHome home;
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  const auto file = home.path() / checkpoints_name;
  const auto text = text_of(file);
  write_text(file, text + text.substr(0, 100));
  home.open();
  BOOST_TEST_REQUIRE(home.chain->owed().size() == 1U);
  BOOST_TEST(home.chain->owed()[0].object == checkpoints_name);
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  BOOST_TEST(text_of(file).starts_with(text));
  BOOST_TEST(home.verify().checkpoints == 2U);
  check_whole(home, 2);
}

BOOST_AUTO_TEST_CASE(an_end_that_is_not_sound_is_refused_with_file_and_line) {
  const auto refused = [](auto change) {
    AuditHome home;
    home.append_owed();
    BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 5)).has_value());
    BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
    home.chain.reset();
    change(home);
    const auto opened = home.try_open();
    BOOST_TEST_REQUIRE(!opened.has_value());
    BOOST_TEST((opened.error().code == ErrorCode::corrupt));
    BOOST_TEST(
        (opened.error().reason == "audit_damaged" || opened.error().reason == "audit_key_file"));
    return opened.error().message;
  };
  const auto entries = [](const AuditHome& home) { return home.path() / "2026-11-1.jsonl"; };
  const auto changed = [](const std::filesystem::path& path, auto change) {
    auto text = text_of(path);
    change(text);
    write_text(path, text);
  };
  BOOST_TEST(refused([&](const AuditHome& home) {
               changed(entries(home), [](auto& text) { text[text.size() - 5] = 'x'; });
             }).starts_with("2026-11-1.jsonl, line 5"));
  BOOST_TEST(refused([&](const AuditHome& home) {
               changed(entries(home),
                       [](auto& text) { text.resize(text.rfind('\n', text.size() - 2) + 1); });
             }).starts_with("checkpoints.jsonl, line 1"));
  BOOST_TEST(refused([&](const AuditHome& home) {
               changed(home.path() / checkpoints_name, [](auto& text) { text[8] = '#'; });
             }).starts_with("checkpoints.jsonl, line 1"));
  BOOST_TEST(refused([&](const AuditHome& home) {
               std::filesystem::remove_all(home.path() / "keys");
             }).find(".pem") != std::string::npos);
}

// -- a disk that fails

/// Calls of a disk that a test makes fail.
struct FaultyCalls {
  std::atomic<std::int64_t> room = INT64_MAX;  ///< bytes that can still be written
  std::atomic<int> failing_syncs = 0;
  std::atomic<int> sync_error = EIO;
  std::atomic<bool> truncate_fails = false;
  std::atomic<unsigned> writes = 0;

  AuditCalls calls() {
    return {// Interrupted every third time, and never all at once.
            .write = [this](int descriptor, const void* bytes, std::size_t size) -> ssize_t {
              if (++writes % 3 == 0) return errno = EINTR, -1;
              if (room <= 0) return errno = ENOSPC, -1;
              const auto some = std::min<std::size_t>(size / 2 + 1, static_cast<std::size_t>(room));
              const auto written = ::write(descriptor, bytes, some);
              if (written > 0) room -= written;
              return written;
            },
            .sync =
                [this](int descriptor) {
                  if (failing_syncs > 0) return --failing_syncs, errno = sync_error, -1;
                  return ::fsync(descriptor);
                },
            .truncate =
                [this](int descriptor, off_t size) {
                  return truncate_fails ? (errno = EIO, -1) : ::ftruncate(descriptor, size);
                }};
  }
};

BOOST_AUTO_TEST_CASE(short_and_interrupted_writes_are_gone_on_with) {
  FaultyCalls disk;
  AuditHome home(small_files(disk.calls()));
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 100, 30)).has_value());
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  BOOST_TEST(disk.writes > 20U);
  check_whole(home, 100);
}

BOOST_AUTO_TEST_CASE(on_a_full_disk_nothing_of_a_round_stays_wherever_it_ends) {
  const auto once = sample_events(6, 60, 20);  // over several files and months
  for (std::int64_t room = 0; room < 12'000; room += 613) {
    FaultyCalls disk;
    AuditHome home(small_files(disk.calls()));
    home.append_owed();
    BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 5, 20)).has_value());
    const auto before = text_of(home.path() / "2026-11-1.jsonl");
    disk.room = room;
    BOOST_TEST_REQUIRE((home.chain->append(once).error().code == ErrorCode::disk_full));
    BOOST_TEST(names_in(home.path()).size() == 2U);
    BOOST_TEST(text_of(home.path() / "2026-11-1.jsonl") == before);
    BOOST_TEST(home.chain->head().seq == 5U);
    disk.room = INT64_MAX;
    BOOST_TEST_REQUIRE(home.chain->append(once).has_value());
    check_whole(home, 60);
  }
}

BOOST_AUTO_TEST_CASE(no_space_found_out_at_the_sync_can_pass) {
  FaultyCalls disk;
  AuditHome home(small_files(disk.calls()));
  home.append_owed();
  disk.sync_error = ENOSPC;
  for (int i = 0; i < 3; ++i) {
    disk.failing_syncs = 1;
    BOOST_TEST((home.chain->append(sample_events(2, 9)).error().code == ErrorCode::disk_full));
    check_whole(home, 1);
  }
  BOOST_TEST(home.chain->append(sample_events(2, 9)).has_value());
  disk.failing_syncs = 1;
  BOOST_TEST((home.chain->checkpoint().error().code == ErrorCode::disk_full));
  BOOST_TEST(home.chain->checkpoint().has_value());
  check_whole(home, 9);
}

BOOST_AUTO_TEST_CASE(after_a_failed_sync_nothing_is_taken_until_the_chain_is_opened_anew) {
  for (int at_checkpoint = 0; at_checkpoint < 2; ++at_checkpoint) {
    FaultyCalls disk;
    AuditHome home(small_files(disk.calls()));
    home.append_owed();
    disk.failing_syncs = 1;
    const auto error = at_checkpoint == 1 ? home.chain->checkpoint().error()
                                          : home.chain->append(sample_events(2, 3)).error();
    BOOST_TEST((error.code == ErrorCode::unavailable));
    BOOST_TEST(disk.failing_syncs == 0);
    BOOST_TEST(home.chain->append(sample_events(2, 3)).error().reason == "audit_stopped");
    BOOST_TEST(home.chain->checkpoint().error().reason == "audit_stopped");
    BOOST_TEST(home.chain->entries(1, 10).value().size() == 1U);
    home.open();
    BOOST_TEST(home.chain->append(sample_events(2, 3)).has_value());
    check_whole(home, 3);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_taken_away_stops_the_chain_and_is_found_at_the_next_start) {
  FaultyCalls disk;
  AuditHome home(small_files(disk.calls()));
  home.append_owed();
  disk.room = 100;
  disk.truncate_fails = true;
  BOOST_TEST((home.chain->append(sample_events(2, 3)).error().code == ErrorCode::disk_full));
  disk.room = INT64_MAX;
  BOOST_TEST(home.chain->append(sample_events(2, 3)).error().reason == "audit_stopped");
  disk.truncate_fails = false;
  home.open();
  BOOST_TEST(home.chain->owed().at(0).action == "audit.cut");
  home.append_owed();
  check_whole(home, 3);
}

BOOST_AUTO_TEST_CASE(a_real_disk_that_is_full_refuses_and_goes_on_when_there_is_room) {
  const TemporaryFolder mount;
  if (::mount("tmpfs", mount.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
    BOOST_TEST_MESSAGE("SKIPPED: this user may not mount a tmpfs");
    return;
  }
  {
    const auto chain = AuditChain::open(mount.path() / "audit", mount.path() / "key.pem").value();
    std::optional<Error> refusal;
    for (std::uint64_t seq = 1; seq < 2000 && !refusal; seq += 10) {
      const auto added = chain->append(sample_events(seq, seq + 9));
      if (!added) refusal = added.error();
    }
    BOOST_TEST_REQUIRE(refusal.has_value());
    BOOST_TEST((refusal->code == ErrorCode::disk_full));
    const auto head = chain->head();
    BOOST_TEST(verify_audit(mount.path() / "audit", {.known = head}).value().head.seq == head.seq);
    BOOST_TEST(::mount("tmpfs", mount.path().c_str(), "tmpfs", MS_REMOUNT, "size=512k") == 0);
    BOOST_TEST(chain->append(sample_events(head.seq + 1, head.seq + 100)).has_value());
    const auto verdict = verify_audit(mount.path() / "audit", {.known = chain->head()}).value();
    BOOST_TEST(verdict.is_intact(), sentence_of(verdict, Language::english));
  }
  ::umount2(mount.path().c_str(), MNT_DETACH);
}

// -- a process that is killed

/// The child: goes on with the chain until it is killed, and tells what was acknowledged.
[[noreturn]] void append_for_ever(const AuditHome& home, int pipe) {
  auto opened = home.try_open();
  if (!opened) ::_exit(2);
  auto& chain = **opened;
  auto owed = chain.owed();
  for (auto& event : owed) {
    event.seq = chain.head().seq + 1;
    event.at = sample_event(event.seq, 40).at;
    if (!chain.append({&event, 1})) ::_exit(3);
  }
  for (auto seq = chain.head().seq + 1;; seq += 3) {
    const auto head = chain.append(sample_events(seq, seq + 2, 40));
    if (!head || ::write(pipe, &*head, sizeof *head) != sizeof *head) ::_exit(4);
    if (seq % 2 == 0 && !chain.checkpoint()) ::_exit(5);
  }
}

BOOST_AUTO_TEST_CASE(whatever_was_acknowledged_is_there_after_sixty_kills) {
  AuditHome home(small_files());
  home.chain.reset();
  std::mt19937 random(20261127);
  std::optional<AuditHead> acknowledged;
  for (int kill = 0; kill < 60; ++kill) {
    std::array<int, 2> pipe{};
    BOOST_TEST_REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const auto child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      append_for_ever(home, pipe[1]);
    }
    ::close(pipe[1]);
    const FileDescriptor in(pipe[0]);
    AuditHead head;
    for (auto left = random() % 20; ::read(in.get(), &head, sizeof head) == sizeof head; --left) {
      acknowledged = head;
      if (left == 0) ::kill(child, SIGKILL);
    }
    int status = 0;
    BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST_REQUIRE(WIFSIGNALED(status), "the child ended with " << WEXITSTATUS(status));
    home.open();
    home.append_owed();
    const auto verdict = home.verify({.known = acknowledged});
    BOOST_TEST_REQUIRE(verdict.is_intact(), sentence_of(verdict, Language::english));
    home.chain.reset();
  }
  BOOST_TEST(acknowledged->seq > 300U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

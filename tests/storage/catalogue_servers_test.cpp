// What holds only where many servers share a catalogue on PostgreSQL.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "storage/catalogue/database.hpp"
#include "storage/catalogue/postgres_lock.hpp"
#include "storage/catalogue/postgres_schema.hpp"
#include "tests/storage/catalogue_homes.hpp"

namespace khochung::storage {
namespace {

constexpr auto an_hour = std::chrono::hours(1);

/// A database with a second server on it.
struct TwoServers : PostgresHome {
  std::unique_ptr<Catalogue> second = Catalogue::open(location).value();
  [[nodiscard]] Catalogue& server(int number) const { return number % 2 == 0 ? *opened : *second; }
};

/// Another process, which does `work`, tells so and waits to be killed.
class OtherProcess {
 public:
  template <typename Work>
  explicit OtherProcess(const Work& work) {
    std::array<int, 2> pipe{};
    BOOST_TEST_REQUIRE(::pipe(pipe.data()) == 0);
    process_ = ::fork();
    if (process_ == 0) {
      const auto kept = work();
      const char done = kept ? '+' : '-';
      if (::write(pipe[1], &done, 1) == 1) ::pause();
      ::_exit(1);
    }
    ::close(pipe[1]);
    const FileDescriptor in(pipe[0]);
    char done = 0;
    BOOST_TEST_REQUIRE(::read(in.get(), &done, 1) == 1);
    BOOST_TEST(done == '+');
  }
  ~OtherProcess() {
    if (process_ != 0) kill();
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  void kill() {
    ::kill(process_, SIGKILL);
    ::waitpid(std::exchange(process_, 0), nullptr, 0);
  }

 private:
  pid_t process_ = 0;
};

Result<void> change(Connection& connection, std::string_view sql) {
  KHOCHUNG_TRY(connection.change(sql));
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(catalogue_servers)

// -- two servers on one database

BOOST_AUTO_TEST_CASE(two_servers_take_each_job_exactly_once) {
  const TwoServers home;
  const auto material = sample_material(home.unit, "việc");
  for (int i = 0; i < 200; ++i) {
    BOOST_TEST_REQUIRE(home.server(i).add_job(job_of(material, "read")).has_value());
  }
  std::atomic<int> taken = 0;
  std::vector<std::atomic<int>> times(1000);
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 8; ++i) {
      workers.emplace_back([&, i] {
        while (const auto job = home.server(i).claim_job(Lane::quick, an_hour).value()) {
          ++taken;
          ++times.at(static_cast<std::size_t>(job->id));
          if (job->id % 2 == 0) BOOST_TEST(home.server(i).finish_job(*job).has_value());
        }
      });
    }
  }
  BOOST_TEST(taken == 200);
  BOOST_TEST(std::ranges::all_of(times, [](const auto& count) { return count <= 1; }));
  BOOST_TEST(home.second->totals().value().queued_jobs == 100);
}

BOOST_AUTO_TEST_CASE(of_two_servers_that_write_one_revision_exactly_one_wins) {
  TwoServers home;
  auto material = home.put("đua");
  for (int revision = 2; revision < 40; ++revision) {
    material.revision = revision;
    std::atomic<int> won = 0;
    std::atomic<int> conflicts = 0;
    {
      std::vector<std::jthread> writers;
      for (int i = 0; i < 2; ++i) {
        writers.emplace_back([&, i] {
          const auto put = home.server(i).put_material(sample_entry(material));
          if (put) ++won;
          if (!put && put.error().code == ErrorCode::conflict) ++conflicts;
        });
      }
    }
    BOOST_TEST(won == 1);
    BOOST_TEST(conflicts == 1);
  }
}

BOOST_AUTO_TEST_CASE(marks_of_two_servers_are_unique_and_come_in_their_order) {
  const TwoServers home;
  std::atomic<int> writing = 4;
  std::vector<std::jthread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&, i] {
      for (int n = 0; n < 50; ++n) {
        const auto material = sample_material(home.unit, std::to_string(i * 100 + n));
        BOOST_TEST(home.server(i).put_material(sample_entry(material)).has_value());
      }
      --writing;
    });
  }
  // Whoever has seen a mark never sees a lower one come after it.
  std::map<std::int64_t, MaterialId> seen;
  for (bool is_last = false; !is_last;) {
    is_last = writing == 0;
    const auto highest = seen.empty() ? 0 : seen.rbegin()->first;
    const auto list = home.second->waiting_for_index(1000).value();
    for (const auto& waiting : list) {
      const auto [place, is_new] = seen.emplace(waiting.mark, waiting.entry.material.id);
      BOOST_TEST((place->second == waiting.entry.material.id));
      if (is_new) BOOST_TEST(waiting.mark > highest);
    }
  }
  BOOST_TEST(seen.size() == 200U);
  BOOST_TEST(home.opened->totals().value().materials == 200);
}

BOOST_AUTO_TEST_CASE(what_one_server_changes_another_shows_at_once) {
  TwoServers home;
  auto material = home.put("quyền");
  BOOST_TEST(
      (home.second->material(material.id).value().material.visibility == material.visibility));
  BOOST_TEST(home.second->recent(material.id) == nullptr);
  material.revision = 2;
  material.visibility = Visibility::private_;
  BOOST_TEST(home.catalogue.put_material(sample_entry(material)).has_value());
  BOOST_TEST((home.second->material(material.id).value().material == material));
}

BOOST_AUTO_TEST_CASE(servers_that_begin_at_once_make_one_catalogue) {
  const PostgresPlace place;
  std::atomic<int> opened = 0;
  {
    std::vector<std::jthread> servers;
    for (int i = 0; i < 4; ++i) {
      servers.emplace_back([&] {
        if (Catalogue::open(place.location)) ++opened;
      });
    }
  }
  BOOST_TEST(opened == 4);
  const auto reader = place.connect(Mode::reading);
  BOOST_TEST(reader->number("SELECT count(*) FROM schema_version").value().value() == 1);
  BOOST_TEST(reader->number("SELECT value FROM counter WHERE name = 'materials'").value().value() ==
             0);
}

BOOST_AUTO_TEST_CASE(a_start_gives_back_what_a_killed_process_had_claimed_and_no_more) {
  TwoServers home;
  const auto material = home.put("một");
  BOOST_TEST(home.catalogue.add_job(job_of(material, "read")).has_value());
  BOOST_TEST(home.catalogue.add_job(job_of(material, "unpack")).has_value());
  BOOST_TEST(home.catalogue.claim_job(Lane::quick, an_hour).value().value().task == "read");
  OtherProcess other([&] {
    const auto catalogue = Catalogue::open(home.location).value().release();
    return catalogue->claim_job(Lane::quick, an_hour).value().has_value();
  });
  BOOST_TEST(home.second->release_claims().has_value());
  BOOST_TEST(!home.second->claim_job(Lane::quick, an_hour).value().has_value());
  other.kill();
  std::optional<Job> job;
  while (!job) {
    BOOST_TEST_REQUIRE(home.second->release_claims().has_value());
    job = home.second->claim_job(Lane::quick, an_hour).value();
  }
  BOOST_TEST(job->task == "unpack");
  BOOST_TEST(job->attempts == 2);
  BOOST_TEST(!home.second->claim_job(Lane::quick, an_hour).value().has_value());
}

// -- locks

BOOST_AUTO_TEST_CASE(a_lock_is_refused_to_a_second_and_free_when_its_process_is_killed) {
  const PostgresPlace place;
  const auto take = [&] { return PostgresLock::take(place.location, "index shard 7"); };
  OtherProcess other([&] {
    static const auto lock = take();
    return lock.has_value();
  });
  BOOST_TEST((take().error().code == ErrorCode::locked));
  BOOST_TEST(PostgresLock::take(place.location, "index shard 8").has_value());
  other.kill();
  auto lock = take();
  while (!lock && lock.error().code == ErrorCode::locked) lock = take();
  BOOST_TEST_REQUIRE(lock.has_value());
  BOOST_TEST((take().error().code == ErrorCode::locked));
}

// -- who feeds the index

/// The server notices a moment later that a connection is gone.
bool is_free_for(Catalogue& catalogue) {
  auto taken = catalogue.own_index();
  while (!taken && taken.error().code == ErrorCode::locked) taken = catalogue.own_index();
  return taken.has_value();
}

BOOST_AUTO_TEST_CASE(of_servers_that_share_a_catalogue_one_feeds_the_index) {
  TwoServers home;
  BOOST_TEST(home.catalogue.own_index().has_value());
  BOOST_TEST((home.second->own_index().error().code == ErrorCode::locked));
  const PostgresHome another;
  BOOST_TEST(another.catalogue.own_index().has_value(), "a catalogue beside it is another matter");
  home.opened.reset();
  BOOST_TEST(is_free_for(*home.second));
}

BOOST_AUTO_TEST_CASE(one_that_lost_its_lock_unawares_cannot_say_that_the_index_has_anything) {
  TwoServers home;
  const auto material = home.put("một");
  BOOST_TEST(home.catalogue.own_index().has_value());
  const auto connection = home.connect(Mode::claiming);
  BOOST_TEST(connection
                 ->change("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = "
                          "'advisory' AND granted")
                 .has_value());
  BOOST_TEST(home.catalogue.set_indexed({}).has_value(), "nobody has taken it over yet");
  BOOST_TEST(is_free_for(*home.second));
  const auto mark = home.catalogue.marks().value().newest;
  BOOST_TEST((home.catalogue.set_indexed({{material.id, mark}}).error().code == ErrorCode::locked));
  BOOST_TEST((home.catalogue.set_indexed_until(mark).error().code == ErrorCode::locked));
  BOOST_TEST(home.second->waiting_for_index(9).value().size() == 1U);
  BOOST_TEST(home.second->set_indexed({{material.id, mark}}).has_value());
}

// -- transactions that are broken off

BOOST_AUTO_TEST_CASE(work_that_has_to_give_way_is_run_again_a_few_times) {
  const PostgresPlace place;
  const auto database = Database::open(place.location, {"CREATE TABLE a (x INTEGER)"}).value();
  for (const auto* const state : {"40001", "40P01"}) {
    const auto collide = std::string("DO $$ BEGIN RAISE SQLSTATE '") + state + "'; END $$";
    int runs = 0;
    const auto work = [&](int collisions) {
      return database->write([&, collisions](Connection& connection) -> Result<void> {
        KHOCHUNG_CHECK(change(connection, "INSERT INTO a (x) VALUES (1)"));
        return ++runs <= collisions ? connection.execute(collide) : Result<void>();
      });
    };
    BOOST_TEST(work(1).has_value());
    BOOST_TEST(runs == 2);
    runs = 0;
    BOOST_TEST((work(1000).error().code == ErrorCode::unavailable));
    BOOST_TEST(runs == 4);
  }
  BOOST_TEST(place.connect(Mode::reading)->number("SELECT count(*) FROM a").value().value() == 2);
}

BOOST_AUTO_TEST_CASE(a_connection_lost_on_the_way_leaves_nothing_of_its_transaction) {
  const PostgresPlace place;
  const auto database = Database::open(place.location, {"CREATE TABLE a (x INTEGER)"}).value();
  std::atomic<int> failures = 0;
  const auto insert = [&](std::string_view then) {
    const auto written = database->write([&](Connection& connection) -> Result<void> {
      KHOCHUNG_CHECK(change(connection, "INSERT INTO a (x) VALUES (1)"));
      // Work that does not notice is no reason to say that it is done.
      if (!then.empty()) static_cast<void>(connection.execute(then));
      return {};
    });
    if (!written && written.error().code == ErrorCode::unavailable) ++failures;
  };
  insert("SELECT pg_terminate_backend(pg_backend_pid())");
  BOOST_TEST(failures == 1);
  insert("");
  BOOST_TEST(failures == 1);
  insert("SELECT no_such_column");
  BOOST_TEST(failures == 2);
  BOOST_TEST(place.connect(Mode::reading)->number("SELECT count(*) FROM a").value().value() == 1);
}

BOOST_AUTO_TEST_CASE(text_that_postgresql_cannot_hold_is_bad_input) {
  PostgresHome home;
  const auto material = home.put("một");
  for (const auto& path : {std::string("a\0b", 3), std::string("\xff\xfe")}) {
    const auto put = home.catalogue.put_batch_item(line_of(material, path));
    BOOST_TEST((put.error().code == ErrorCode::bad_input));
  }
  BOOST_TEST(home.catalogue.batch_items(material.batch).value().empty());
}

// -- a database that goes away

/// Takes materials in with two servers of four threads and notes what was acknowledged.
struct Intake {
  explicit Intake(const TwoServers& home) {
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([this, &home, i](const std::stop_token& stop) {
        for (int n = 0; !stop.stop_requested(); ++n) put(home, i, n);
      });
    }
  }
  void put(const TwoServers& home, int thread, int n) {
    const auto material = sample_material(home.unit, std::to_string(thread * 100'000 + n));
    auto entry = sample_entry(material);
    entry.record = "record";
    entry.items.push_back(line_of(material, "/a"));
    const auto done = home.server(thread).put_material(entry);
    std::unique_lock lock(mutex);
    if (done) acknowledged.push_back(material);
    if (!done) (done.error().code == ErrorCode::unavailable ? refused : wrong).push_back(material);
    changed.notify_all();
    if (!done) changed.wait(lock, [this] { return is_database_up; });
  }
  void set_database_up(bool is_up) {
    const std::scoped_lock lock(mutex);
    is_database_up = is_up;
    changed.notify_all();
  }
  void wait_for_more(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock,
                 [&, most = acknowledged.size() + count] { return acknowledged.size() >= most; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool is_database_up = true;
  std::vector<Material> acknowledged, refused, wrong;
  std::vector<std::jthread> threads;
};

BOOST_AUTO_TEST_CASE(what_was_acknowledged_outlives_a_killed_database) {
  const TwoServers home;
  auto& server = PostgresServer::shared();
  server.stop();
  server.start(PostgresServer::Sync::on);
  Intake intake(home);
  for (int kill = 0; kill < 3; ++kill) {
    intake.wait_for_more(100);
    intake.set_database_up(false);
    server.kill();
    server.start(PostgresServer::Sync::on);
    intake.set_database_up(true);
  }
  intake.wait_for_more(100);
  intake.threads.clear();
  BOOST_TEST(!intake.refused.empty());
  BOOST_TEST(intake.wrong.empty());
  const auto is_whole = [&](const Material& material) {
    return home.second->material(material.id).value().material == material &&
           home.second->batch_items(material.batch).value().size() == 1;
  };
  BOOST_TEST(std::ranges::all_of(intake.acknowledged, is_whole));
  // Of what was refused nothing is there, or, where the answer to a commit was lost, all of it.
  std::size_t kept = 0;
  for (const auto& material : intake.refused) {
    const auto found = home.second->material(material.id);
    BOOST_TEST((found ? is_whole(material) : found.error().code == ErrorCode::not_found));
    if (found) ++kept;
  }
  const auto count = intake.acknowledged.size() + kept;
  BOOST_TEST(home.second->totals().value().materials == static_cast<std::int64_t>(count));
  BOOST_TEST(home.second->owed_records(1'000'000).value().size() == count);
  server.stop();
  server.start(PostgresServer::Sync::off);
}

BOOST_AUTO_TEST_CASE(while_the_database_is_gone_all_is_unavailable_and_then_goes_on) {
  TwoServers home;
  const auto material = home.put("một");
  BOOST_TEST(home.catalogue.add_job(job_of(material, "read")).has_value());
  BOOST_TEST(!home.catalogue.claim_job(Lane::slow, an_hour).value().has_value());
  auto& server = PostgresServer::shared();
  server.stop();
  const auto is_unavailable = [](const auto& result) {
    return !result && result.error().code == ErrorCode::unavailable;
  };
  BOOST_TEST(is_unavailable(home.catalogue.material(material.id)));
  BOOST_TEST(is_unavailable(home.catalogue.mark_for_index(material.id)));
  BOOST_TEST(is_unavailable(home.catalogue.claim_job(Lane::quick, an_hour)));
  BOOST_TEST(is_unavailable(Catalogue::open(home.location)));
  server.start(PostgresServer::Sync::off);
  BOOST_TEST(home.catalogue.material(material.id).has_value());
  BOOST_TEST(home.catalogue.mark_for_index(material.id).has_value());
  BOOST_TEST(home.catalogue.claim_job(Lane::quick, an_hour).value().has_value());
  // This one did nothing while the database was away, and notices nothing.
  BOOST_TEST(home.second->material(material.id).has_value());
  const auto marked = home.second->mark_for_index(material.id);
  BOOST_TEST(marked.has_value(), marked.error().message);
}

// -- statements

BOOST_AUTO_TEST_CASE(statements_of_many_texts_are_forgotten_in_time) {
  const PostgresPlace place;
  const auto connection = place.connect(Mode::writing);
  for (int i = 0; i < 450; ++i) {
    const auto text = "SELECT ? + " + std::to_string(i);
    BOOST_TEST(connection->number(text, {std::int64_t{i}}).value().value() == 2 * i);
  }
  BOOST_TEST(connection->number("SELECT count(*) FROM pg_prepared_statements").value().value() <=
             201);
}

BOOST_AUTO_TEST_CASE(placeholders_are_numbered_outside_of_quotes) {
  BOOST_TEST(numbered_placeholders("a = ? AND b = '?''?' AND c IN (?,?)") ==
             "a = $1 AND b = '?''?' AND c IN ($2,$3)");
}

BOOST_AUTO_TEST_CASE(a_migration_is_put_into_the_words_of_postgresql) {
  BOOST_TEST(postgres_schema("-- Of TEXT; it's a comment.\n"
                             "CREATE TABLE a (\n"
                             "  id INTEGER PRIMARY KEY AUTOINCREMENT, -- BLOB\n"
                             "  t  TEXT NOT NULL, b BLOB, n INTEGER\n"
                             ") WITHOUT ROWID;\n"
                             "--postgresql ALTER TABLE a ADD COLUMN c INTEGER;\n") ==
             "\n"
             "CREATE TABLE a (\n"
             "  id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, \n"
             "  t  TEXT COLLATE \"C\" NOT NULL, b BYTEA, n BIGINT\n"
             ");\n"
             "ALTER TABLE a ADD COLUMN c INTEGER;\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "storage/catalogue/connection.hpp"
#include "tests/storage/catalogue_homes.hpp"

namespace khochung::storage {

BOOST_AUTO_TEST_SUITE(catalogue_work)

// -- owed records

BOOST_AUTO_TEST_CASE_TEMPLATE(the_queue_tells_how_many_jobs_of_a_lane_are_due_and_held, Home,
                              Homes) {
  Home home;
  const auto material = sample_material(home.unit, "tin");
  auto entry = sample_entry(material);
  for (const auto lane : {Lane::quick, Lane::slow, Lane::slow}) {
    Job job;
    job.lane = lane;
    job.task = "ocr";
    job.material = material.id;
    entry.jobs.push_back(job);
  }
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
  const auto count = [&](Lane lane, bool is_due) {
    std::int64_t jobs = -1;
    const auto lengths = home.catalogue.queue_lengths().value();
    for (const auto& length : lengths)
      if (length.lane == lane && length.is_due == is_due) jobs = length.jobs;
    return jobs;
  };
  BOOST_TEST(count(Lane::quick, true) == 1);
  BOOST_TEST(count(Lane::slow, true) == 2);
  BOOST_TEST(count(Lane::slow, false) == 0);
  const auto claimed = home.catalogue.claim_job(Lane::slow, std::chrono::seconds(60)).value();
  BOOST_TEST_REQUIRE(claimed.has_value());
  BOOST_TEST(count(Lane::slow, true) == 1);
  BOOST_TEST(count(Lane::slow, false) == 1);
  BOOST_TEST(home.catalogue.finish_job(*claimed).has_value());
  BOOST_TEST(count(Lane::slow, false) == 0);
  BOOST_TEST(home.catalogue.queue_lengths().value().size() == 4U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_is_owed_until_it_is_forgotten, Home, Homes) {
  Home home;
  std::vector<Material> materials;
  for (int i = 0; i < 3; ++i) {
    materials.push_back(sample_material(home.unit, std::to_string(i)));
    auto entry = sample_entry(materials.back());
    entry.record = "record " + std::to_string(i);
    BOOST_TEST(home.catalogue.put_material(entry).has_value());
  }
  BOOST_TEST(home.catalogue.owed_records(2).value().size() == 2U);
  BOOST_TEST(home.catalogue.forget_owed_record(materials[1].id.uuid(), 1).has_value());
  BOOST_TEST((home.catalogue.owed_records(10).value() ==
              std::vector<std::string>{"record 0", "record 2"}));
  home.open_again();
  BOOST_TEST(home.reopened->owed_records(10).value().size() == 2U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_forgotten_records_are_deleted_together, Home, Homes) {
  Home home;
  for (int i = 0; i < 600; ++i) {
    const auto material = sample_material(home.unit, std::to_string(i));
    auto entry = sample_entry(material);
    entry.record = "{}";
    BOOST_TEST_REQUIRE(home.catalogue.put_material(entry).has_value());
    BOOST_TEST_REQUIRE(home.catalogue.forget_owed_record(material.id.uuid(), 1).has_value());
  }
  BOOST_TEST(home.catalogue.owed_records(10).value().empty());
  const auto reader = home.connect(Mode::reading);
  BOOST_TEST(reader->number("SELECT count(*) FROM owed_record").value().value() == 600 - 512);
}

// -- what waits for the index

BOOST_AUTO_TEST_CASE_TEMPLATE(each_change_waits_for_the_index_until_that_state_is_indexed, Home,
                              Homes) {
  Home home;
  const auto first = home.put("một");
  const auto second = home.put("hai");
  auto waiting = home.catalogue.waiting_for_index(10).value();
  BOOST_TEST_REQUIRE(waiting.size() == 2U);
  BOOST_TEST((waiting[0].entry.material.id == first.id));
  BOOST_TEST(waiting[0].mark < waiting[1].mark);

  BOOST_TEST(home.catalogue.mark_for_index(first.id).has_value());
  BOOST_TEST(home.catalogue.set_indexed({{first.id, waiting[0].mark}, {second.id, waiting[1].mark}})
                 .has_value());
  const auto still = home.catalogue.waiting_for_index(10).value();
  BOOST_TEST_REQUIRE(still.size() == 1U);
  BOOST_TEST((still[0].entry.material.id == first.id));
  BOOST_TEST(still[0].mark > waiting[1].mark);
  BOOST_TEST(still[0].entry.is_searchable);
  BOOST_TEST(home.catalogue.waiting_for_index(0).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_older_mark_does_not_undo_a_newer_one, Home, Homes) {
  Home home;
  const auto material = home.put("một");
  const auto old_mark = home.catalogue.waiting_for_index(1).value().at(0).mark;
  BOOST_TEST(home.catalogue.mark_for_index(material.id).has_value());
  const auto new_mark = home.catalogue.waiting_for_index(1).value().at(0).mark;
  BOOST_TEST(home.catalogue.set_indexed({{material.id, new_mark}}).has_value());
  BOOST_TEST(home.catalogue.set_indexed({{material.id, old_mark}}).has_value());
  BOOST_TEST(home.catalogue.waiting_for_index(10).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_line_is_done_once_indexed_unless_an_awaited_job_is_left, Home,
                              Homes) {
  Home home;
  const auto material = sample_material(home.unit, "quét");
  auto entry = sample_entry(material);
  entry.jobs = {job_of(material, "ocr", Lane::slow), job_of(material, "thumbnail")};
  entry.jobs[0].is_awaited = true;
  entry.items = {line_of(material, "/scan.tif"), line_of(material, "/copy.tif")};
  entry.items[1].state = ItemState::duplicate;
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
  const auto state = [&](std::size_t line) {
    return to_text(home.catalogue.batch_items(material.batch).value().at(line).state);
  };
  const auto index = [&] {
    const auto mark = home.catalogue.waiting_for_index(1).value().at(0).mark;
    BOOST_TEST(home.catalogue.set_indexed({{material.id, mark}}).has_value());
  };
  index();
  BOOST_TEST(state(0) == "queued");
  const auto job = home.catalogue.claim_job(Lane::slow, std::chrono::seconds(60)).value().value();
  BOOST_TEST(job.is_awaited);
  // Whenever the index comes by, the end of the job brings it once more.
  BOOST_TEST(home.catalogue.waiting_for_index(1).value().empty());
  BOOST_TEST(home.catalogue.finish_job(job).has_value());
  index();
  BOOST_TEST(state(0) == "done");
  BOOST_TEST(state(1) == "duplicate");
}

// -- batches

BOOST_AUTO_TEST_CASE_TEMPLATE(lines_get_their_places_in_order_and_can_be_replaced, Home, Homes) {
  Home home;
  const auto material = sample_material(home.unit, "một");
  auto line = line_of(material, "/a.zip!/trang 1.pdf");
  line.sha256 = Digest::of("một");
  line.size_bytes = 5'000'000'000;
  BOOST_TEST(home.catalogue.put_batch_item(line).value().position == 1);
  auto second = home.catalogue.put_batch_item(line_of(material, "/b")).value();
  BOOST_TEST(second.position == 2);
  second.state = ItemState::failed;
  second.reason = "encrypted_pdf";
  BOOST_TEST(home.catalogue.put_batch_item(second).value().position == 2);
  const auto lines = home.catalogue.batch_items(material.batch).value();
  BOOST_TEST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(lines[0].path == "/a.zip!/trang 1.pdf");
  BOOST_TEST((lines[0].sha256 == Digest::of("một")));
  BOOST_TEST(lines[0].size_bytes == 5'000'000'000U);
  BOOST_TEST((lines[1].state == ItemState::failed));
  BOOST_TEST(!lines[1].sha256.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_failed_material_tells_all_its_lines_but_duplicates, Home, Homes) {
  Home home;
  const auto material = sample_material(home.unit, "một");
  auto entry = sample_entry(material);
  entry.items = {line_of(material, "/1"), line_of(material, "/2")};
  entry.items[1].state = ItemState::duplicate;
  BOOST_TEST(home.catalogue.put_material(entry).has_value());
  BOOST_TEST(
      home.catalogue.set_item_state(material.id, ItemState::failed, "damaged_file").has_value());
  const auto lines = home.catalogue.batch_items(material.batch).value();
  BOOST_TEST(lines[0].reason == "damaged_file");
  BOOST_TEST((lines[1].state == ItemState::duplicate));
  const auto counts = home.catalogue.batch_counts(material.batch).value();
  BOOST_TEST(counts.files == 2);
  BOOST_TEST(counts.by_state.size() == 6U);
  for (const auto& [state, count] : counts.by_state) {
    const bool has_one = state == ItemState::failed || state == ItemState::duplicate;
    BOOST_TEST(count == (has_one ? 1 : 0));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(batches_are_listed_newest_first, Home, Homes) {
  Home home;
  std::vector<BatchId> ids;
  for (int i = 0; i < 6; ++i) {
    const Batch batch{BatchId::make(), i % 2 == 0 ? "lan" : "minh",
                      Instant(std::chrono::milliseconds(1000 + i)), false};
    BOOST_TEST(home.catalogue.put_batch(batch).has_value());
    ids.push_back(batch.id);
  }
  const auto all = home.catalogue.batches("", 4).value();
  BOOST_TEST_REQUIRE(all.size() == 4U);
  BOOST_TEST((all[0].id == ids[5]));
  const auto of_lan = home.catalogue.batches("lan", 10).value();
  BOOST_TEST_REQUIRE(of_lan.size() == 3U);
  BOOST_TEST((of_lan[0].id == ids[4]));
  auto closed = of_lan[0];
  closed.is_closed = true;
  BOOST_TEST(home.catalogue.put_batch(closed).has_value());
  BOOST_TEST(home.catalogue.batch(closed.id).value().is_closed);
  BOOST_TEST((home.catalogue.batch(BatchId::make()).error().code == ErrorCode::not_found));
}

// -- jobs

BOOST_AUTO_TEST_CASE_TEMPLATE(jobs_of_a_lane_are_taken_oldest_first_and_once, Home, Homes) {
  Home home;
  const auto material = home.put("một");
  for (const auto* task : {"read", "thumbnail"}) {
    BOOST_TEST(home.catalogue.add_job(job_of(material, task)).has_value());
  }
  BOOST_TEST(home.catalogue.add_job(job_of(material, "ocr", Lane::slow)).has_value());
  BOOST_TEST(home.catalogue.totals().value().queued_jobs == 3);
  const auto lease = std::chrono::hours(1);
  const auto first = home.catalogue.claim_job(Lane::quick, lease).value().value();
  BOOST_TEST(first.task == "read");
  BOOST_TEST(first.attempts == 1);
  BOOST_TEST((first.material == material.id));
  BOOST_TEST(home.catalogue.claim_job(Lane::quick, lease).value().value().task == "thumbnail");
  BOOST_TEST(!home.catalogue.claim_job(Lane::quick, lease).value().has_value());
  BOOST_TEST(home.catalogue.claim_job(Lane::slow, lease).value().value().task == "ocr");
  BOOST_TEST(home.catalogue.finish_job(first).has_value());
  BOOST_TEST(home.catalogue.finish_job(first).has_value());
  BOOST_TEST(home.catalogue.totals().value().queued_jobs == 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_job_whose_lease_is_over_comes_again, Home, Homes) {
  Home home;
  const auto material = home.put("một");
  BOOST_TEST(home.catalogue.add_job(job_of(material, "read")).has_value());
  BOOST_TEST(home.catalogue.claim_job(Lane::quick, std::chrono::seconds(0)).value().has_value());
  const auto again = home.catalogue.claim_job(Lane::quick, std::chrono::seconds(0)).value().value();
  BOOST_TEST(again.attempts == 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_job_put_back_waits_and_a_start_releases_everything, Home, Homes) {
  Home home;
  const auto material = home.put("một");
  BOOST_TEST(home.catalogue.add_job(job_of(material, "read")).has_value());
  BOOST_TEST(home.catalogue.add_job(job_of(material, "unpack")).has_value());
  const auto lease = std::chrono::hours(1);
  const auto first = home.catalogue.claim_job(Lane::quick, lease).value().value();
  BOOST_TEST(home.catalogue.put_back_job(first.id, lease).has_value());
  BOOST_TEST(home.catalogue.claim_job(Lane::quick, lease).value().value().task == "unpack");
  BOOST_TEST(!home.catalogue.claim_job(Lane::quick, lease).value().has_value());
  home.opened.reset();
  home.wait_until_left();
  home.open_again();
  BOOST_TEST(home.reopened->release_claims().has_value());
  BOOST_TEST(home.reopened->claim_job(Lane::quick, lease).value().value().task == "read");
  BOOST_TEST(home.reopened->claim_job(Lane::quick, lease).value().value().task == "unpack");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_workers_never_take_the_same_job, Home, Homes) {
  Home home;
  const auto material = home.put("một");
  for (int i = 0; i < 200; ++i) {
    BOOST_TEST_REQUIRE(home.catalogue.add_job(job_of(material, "read")).has_value());
  }
  std::atomic<int> taken = 0;
  std::vector<std::atomic<int>> times(1000);
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 6; ++i) {
      workers.emplace_back([&] {
        while (const auto job =
                   home.catalogue.claim_job(Lane::quick, std::chrono::hours(1)).value()) {
          ++taken;
          ++times.at(static_cast<std::size_t>(job->id));
        }
      });
    }
  }
  BOOST_TEST(taken == 200);
  BOOST_TEST(std::ranges::all_of(times, [](const auto& count) { return count <= 1; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

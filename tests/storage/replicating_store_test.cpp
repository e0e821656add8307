// One store that fails takes nothing from the others, and gets what it missed once it works again.
#include "storage/blobs/replicating_store.hpp"

#include <boost/test/unit_test.hpp>

#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/verify.hpp"
#include "tests/storage/blob_samples.hpp"
#include "tests/storage/failing_store.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

using Step = FailingBlobStore::Step;
using State = ReplicatingBlobStore::Copy::State;
using enum ErrorCode;

/// What was told of the stores: which one, and why.
using Reports = std::vector<std::pair<std::size_t, ErrorCode>>;

/// A primary and two replicas, caught up.
struct Archive {
  FailingBlobStore primary;
  FailingBlobStore near;
  FailingBlobStore far;
  Reports reports;
  ReplicatingBlobStore store{{primary, near, far}, [this](std::size_t at, const Error& error) {
                               reports.emplace_back(at, error.code);
                             }};

  Archive() { catch_up(); }

  std::uint64_t catch_up() {
    std::uint64_t copied = 0;
    for (unsigned slice = 0; slice < 256; ++slice) {
      copied += store.catch_up(static_cast<std::uint8_t>(slice)).value();
    }
    return copied;
  }

  Digest put(std::string_view text) { return storage::put(store, bytes_of(text)).value().sha256; }

  Reports take_reports() { return std::exchange(reports, {}); }

  [[nodiscard]] bool is_everywhere(const Digest& sha256) const {
    return is_good(primary, sha256) && is_good(near, sha256) && is_good(far, sha256);
  }
  [[nodiscard]] static bool is_good(const FailingBlobStore& in, const Digest& sha256) {
    return verify(in.kept, sha256).value_or(false);
  }
};

std::uint8_t slice_of(const Digest& sha256) {
  return sha256.bytes().front();
}

/// Another blob of the same slice.
std::string text_beside(const Digest& sha256) {
  for (int i = 0;; ++i) {
    auto text = "bên cạnh " + std::to_string(i);
    if (slice_of(Digest::of(text)) == slice_of(sha256)) return text;
  }
}

std::bitset<256> only(const Digest& sha256) {
  return std::bitset<256>().set(slice_of(sha256));
}

std::vector<State> states_of(const std::vector<ReplicatingBlobStore::Copy>& copies) {
  std::vector<State> states;
  for (const auto& copy : copies) states.push_back(copy.state);
  return states;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replicating_store)

// -- taking in

BOOST_AUTO_TEST_CASE(what_is_acknowledged_is_in_every_store) {
  Archive archive;
  const auto sha256 = archive.put("nghị quyết");
  BOOST_TEST(archive.is_everywhere(sha256));
  BOOST_TEST(archive.store.behind().none());
  BOOST_TEST(archive.store.replica_count() == 2U);
  BOOST_TEST(archive.store.location(sha256) == archive.primary.location(sha256));
  BOOST_TEST(archive.store.is_local());
}

BOOST_AUTO_TEST_CASE(a_replica_that_fails_holds_nothing_up_and_gets_what_it_missed_later) {
  for (const auto step : {Step::begin, Step::write, Step::finish}) {
    Archive archive;
    archive.near.fail_at(step, unavailable);
    const auto missed = archive.put("công văn");
    BOOST_TEST(Archive::is_good(archive.primary, missed));
    BOOST_TEST(Archive::is_good(archive.far, missed));
    BOOST_TEST(!archive.near.contains(missed));
    BOOST_TEST((archive.take_reports() == Reports{{1, unavailable}}));
    BOOST_TEST((archive.store.behind() == only(missed)));
    // It is not asked again, not even when it works, until someone sees that it does.
    archive.near.work_again();
    const auto later = archive.put(text_beside(missed));
    BOOST_TEST(!archive.near.contains(later));
    BOOST_TEST(archive.reports.empty());
    BOOST_TEST(archive.store.catch_up(slice_of(missed)).value() == 2U);
    BOOST_TEST(archive.is_everywhere(missed));
    BOOST_TEST(archive.is_everywhere(later));
    BOOST_TEST(archive.store.behind().none());
    BOOST_TEST(archive.is_everywhere(archive.put("về sau")));
  }
}

BOOST_AUTO_TEST_CASE(what_the_primary_does_not_take_is_nowhere_and_no_replica_is_blamed) {
  for (const auto step : {Step::begin, Step::write, Step::finish}) {
    Archive archive;
    archive.primary.fail_at(step, disk_full);
    BOOST_TEST((put(archive.store, bytes_of("thư")).error().code == disk_full));
    BOOST_TEST(!archive.store.contains(Digest::of("thư")));
    BOOST_TEST(archive.reports.empty());
    archive.primary.work_again();
    BOOST_TEST(archive.is_everywhere(archive.put("thư")));
  }
}

BOOST_AUTO_TEST_CASE(a_look_at_what_comes_in_is_a_look_into_the_primary) {
  Archive archive;
  archive.near.fail_at(Step::preview, unavailable);
  const auto writer = archive.store.begin().value();
  BOOST_TEST(writer->write(bytes_of("%PDF-1.7")).has_value());
  BOOST_TEST(writer->preview().value().read_all(100).value() == "%PDF-1.7");
  archive.primary.fail_at(Step::preview, unavailable);
  BOOST_TEST((writer->preview().error().code == unavailable));
}

// -- catching up

BOOST_AUTO_TEST_CASE(after_a_start_every_slice_counts_as_missed_until_it_was_gone_through) {
  Archive before;
  const auto only_there = put(before.primary, bytes_of("chưa kịp chép")).value().sha256;
  const auto in_both = before.put("đã chép");
  ReplicatingBlobStore restarted({before.primary, before.near}, [](auto, const Error&) {});
  BOOST_TEST(restarted.behind().all());
  std::uint64_t copied = 0;
  for (unsigned slice = 0; slice < 256; ++slice) {
    copied += restarted.catch_up(static_cast<std::uint8_t>(slice)).value();
    BOOST_TEST(restarted.behind().count() == 255 - slice);
  }
  BOOST_TEST(copied == 1U);
  BOOST_TEST(Archive::is_good(before.near, only_there));
  BOOST_TEST(Archive::is_good(before.near, in_both));
}

BOOST_AUTO_TEST_CASE(a_replica_that_cannot_catch_up_stays_behind_and_the_others_do_not) {
  for (const auto step : {Step::list, Step::begin, Step::write, Step::finish}) {
    Archive archive;
    const auto missed = put(archive.primary, bytes_of("bỏ lỡ")).value().sha256;
    archive.near.fail_at(step, disk_full);
    BOOST_TEST(archive.store.catch_up(slice_of(missed)).value() == 1U);
    BOOST_TEST(Archive::is_good(archive.far, missed));
    BOOST_TEST(!archive.near.contains(missed));
    BOOST_TEST((archive.take_reports() == Reports{{1, disk_full}}));
    BOOST_TEST((archive.store.behind() == only(missed)));
    // It counts as down: the next blob goes without it, and nobody hears of that again.
    const auto next = archive.put(text_beside(missed));
    BOOST_TEST(!archive.near.contains(next));
    BOOST_TEST(archive.reports.empty());
    archive.near.work_again();
    BOOST_TEST(archive.store.catch_up(slice_of(missed)).value() == 2U);
    BOOST_TEST(archive.is_everywhere(missed));
    BOOST_TEST(archive.is_everywhere(next));
    BOOST_TEST(archive.store.behind().none());
  }
}

BOOST_AUTO_TEST_CASE(without_the_primarys_list_every_replica_stays_behind_and_none_is_blamed) {
  Archive archive;
  const auto missed = put(archive.primary, bytes_of("bỏ lỡ")).value().sha256;
  archive.primary.fail_at(Step::list, unavailable);
  BOOST_TEST((archive.store.catch_up(slice_of(missed)).error().code == unavailable));
  BOOST_TEST(archive.reports.empty());
  BOOST_TEST((archive.store.behind() == only(missed)));
  archive.primary.work_again();
  // Both replicas are still up.
  BOOST_TEST(archive.is_everywhere(archive.put("trong khi đó")));
  BOOST_TEST(archive.store.catch_up(slice_of(missed)).value() == 2U);
}

BOOST_AUTO_TEST_CASE(a_blob_that_the_primary_has_damaged_or_lost_keeps_the_others_from_nobody) {
  Archive archive;
  const auto damaged = put(archive.primary, bytes_of("hỏng")).value().sha256;
  const auto whole = put(archive.primary, bytes_of(text_beside(damaged))).value().sha256;
  flip_bit(archive.primary.kept, damaged);
  BOOST_TEST(archive.store.catch_up(slice_of(damaged)).value() == 2U);
  BOOST_TEST((archive.take_reports() == Reports{{0, corrupt}, {0, corrupt}}));
  BOOST_TEST(archive.is_everywhere(whole));
  BOOST_TEST(!archive.near.contains(damaged));
  BOOST_TEST(!archive.far.contains(damaged));

  archive.primary.fail_at(Step::open, not_found, 1);
  BOOST_TEST(archive.near.remove(whole).has_value());
  BOOST_TEST(archive.primary.remove(damaged).has_value());
  BOOST_TEST(archive.store.catch_up(slice_of(damaged)).value() == 0U);
  BOOST_TEST((archive.take_reports() == Reports{{0, not_found}}));
}

BOOST_AUTO_TEST_CASE(a_blob_that_the_primary_cannot_read_is_no_failure_of_a_replica) {
  Archive archive;
  const auto unreadable = put(archive.primary, bytes_of("cung từ hỏng")).value().sha256;
  const auto whole = put(archive.primary, bytes_of(text_beside(unreadable))).value().sha256;
  archive.primary.make_unreadable(unreadable);
  BOOST_TEST(archive.store.catch_up(slice_of(unreadable)).value() == 2U);
  BOOST_TEST((archive.take_reports() == Reports{{0, unavailable}, {0, unavailable}}));
  BOOST_TEST(archive.is_everywhere(whole));
  BOOST_TEST(archive.store.behind().none());
  // Both replicas are up.
  BOOST_TEST(archive.is_everywhere(archive.put("vẫn chép")));
}

BOOST_AUTO_TEST_CASE(a_replica_that_did_not_keep_what_it_was_sent_is_not_the_primarys_failure) {
  Archive archive;
  const auto missed = put(archive.primary, bytes_of("bỏ lỡ")).value().sha256;
  archive.near.fail_at(Step::finish, corrupt);
  BOOST_TEST(archive.store.catch_up(slice_of(missed)).value() == 1U);
  BOOST_TEST((archive.take_reports() == Reports{{1, corrupt}}));
  BOOST_TEST((archive.store.behind() == only(missed)));
}

BOOST_AUTO_TEST_CASE(a_copy_of_another_length_is_replaced_when_its_replica_catches_up) {
  const TemporaryFolder folder;
  SyncGroup sync;
  MemoryBlobStore primary;
  const auto disk = DiskBlobStore::open(folder.path(), sync).value();
  ReplicatingBlobStore store({primary, *disk}, [](auto, const Error&) {});
  const auto sha256 = put(store, bytes_of("một bức thư dài")).value().sha256;
  BOOST_TEST_REQUIRE(::truncate(disk->path_of(sha256).c_str(), 3) == 0);
  BOOST_TEST(store.catch_up(slice_of(sha256)).value() == 1U);
  BOOST_TEST(verify(*disk, sha256).value());
  BOOST_TEST(std::filesystem::file_size(folder.path() / "damaged" / sha256.hex()) == 3U);
}

// -- reading

BOOST_AUTO_TEST_CASE(what_the_primary_cannot_give_comes_from_the_first_replica_that_can) {
  Archive archive;
  const auto sha256 = archive.put("còn bản khác");
  archive.primary.fail_at(Step::open, unavailable);
  archive.near.fail_at(Step::open, not_found);
  BOOST_TEST(archive.store.open(sha256).value().read_all(100).value() == "còn bản khác");
  BOOST_TEST((archive.take_reports() == Reports{{0, unavailable}}));
  archive.far.fail_at(Step::open, not_found);
  BOOST_TEST((archive.store.open(sha256).error().code == unavailable));
  BOOST_TEST(archive.reports.empty());
}

BOOST_AUTO_TEST_CASE(what_only_a_replica_has_is_contained_but_not_listed) {
  Archive archive;
  const auto sha256 = put(archive.far, bytes_of("chỉ ở xa")).value().sha256;
  BOOST_TEST(archive.store.contains(sha256));
  BOOST_TEST(all_of(archive.store).empty());
  BOOST_TEST(archive.catch_up() == 0U);
  BOOST_TEST(!archive.primary.contains(sha256));
}

BOOST_AUTO_TEST_CASE(a_listing_that_breaks_off_is_an_error) {
  Archive archive;
  archive.primary.fail_at(Step::list, unavailable);
  const auto listed = archive.store.for_each([](const BlobInfo&) { return true; });
  BOOST_TEST((listed.error().code == unavailable));
}

// -- removing and setting aside

BOOST_AUTO_TEST_CASE(a_replica_that_does_not_remove_is_reported_and_down_and_the_rest_is_done) {
  Archive archive;
  const auto sha256 = archive.put("đã hủy");
  archive.near.fail_at(Step::remove, unavailable);
  BOOST_TEST(archive.store.remove(sha256).has_value());
  BOOST_TEST((archive.take_reports() == Reports{{1, unavailable}}));
  BOOST_TEST(!archive.primary.contains(sha256));
  BOOST_TEST(!archive.far.contains(sha256));
  BOOST_TEST(archive.near.contains(sha256));
  const auto next = archive.put("sau đó");
  BOOST_TEST(!archive.near.contains(next));
  BOOST_TEST(archive.catch_up() == 1U);
  BOOST_TEST(archive.is_everywhere(next));
}

BOOST_AUTO_TEST_CASE(what_the_primary_does_not_remove_is_removed_by_the_same_call_later) {
  Archive archive;
  const auto sha256 = archive.put("đã hủy");
  archive.primary.fail_at(Step::remove, unavailable, 1);
  BOOST_TEST((archive.store.remove(sha256).error().code == unavailable));
  BOOST_TEST(archive.primary.contains(sha256));
  BOOST_TEST(archive.reports.empty());
  BOOST_TEST(archive.store.remove(sha256).has_value());
  BOOST_TEST(!archive.store.contains(sha256));
}

BOOST_AUTO_TEST_CASE(what_only_a_replica_has_can_be_removed_and_set_aside) {
  Archive archive;
  const auto sha256 = put(archive.near, bytes_of("sót lại")).value().sha256;
  BOOST_TEST(archive.store.set_aside(sha256).has_value());
  BOOST_TEST(!archive.store.contains(sha256));
  put(archive.far, bytes_of("sót lại")).value();
  BOOST_TEST(archive.store.remove(sha256).has_value());
  BOOST_TEST(!archive.store.contains(sha256));
  BOOST_TEST((archive.store.remove(sha256).error().code == not_found));
  BOOST_TEST((archive.store.set_aside(sha256).error().code == not_found));
  BOOST_TEST(archive.reports.empty());
}

// -- mending

BOOST_AUTO_TEST_CASE(what_is_damaged_or_missing_is_mended_from_a_good_copy) {
  Archive archive;
  const auto sha256 = archive.put("toàn văn");
  flip_bit(archive.primary.kept, sha256);
  BOOST_TEST(archive.near.remove(sha256).has_value());
  const auto copies = archive.store.verify_and_mend(sha256).value();
  BOOST_TEST((states_of(copies) == std::vector{State::damaged, State::missing, State::good}));
  BOOST_TEST((copies[0].is_mended && copies[1].is_mended && !copies[2].is_mended));
  BOOST_TEST(archive.is_everywhere(sha256));
  const auto again = archive.store.verify_and_mend(sha256).value();
  BOOST_TEST((states_of(again) == std::vector(3, State::good)));
}

BOOST_AUTO_TEST_CASE(without_a_good_copy_nothing_is_changed) {
  Archive archive;
  BOOST_TEST((archive.store.verify_and_mend(Digest::of("x")).error().code == not_found));
  BOOST_TEST((archive.store.open_intact(Digest::of("x")).error().code == not_found));
  const auto sha256 = archive.put("hỏng hết");
  flip_bit(archive.primary.kept, sha256, 1);
  flip_bit(archive.near.kept, sha256, 2);
  BOOST_TEST(archive.far.remove(sha256).has_value());
  BOOST_TEST((archive.store.verify_and_mend(sha256).error().code == corrupt));
  BOOST_TEST((archive.store.open_intact(sha256).error().code == corrupt));
  BOOST_TEST(archive.primary.contains(sha256));
  BOOST_TEST(archive.near.contains(sha256));
  BOOST_TEST(!archive.far.contains(sha256));
}

BOOST_AUTO_TEST_CASE(a_copy_that_cannot_be_read_is_told_apart_and_mended_where_it_can_be) {
  Archive archive;
  const auto sha256 = archive.put("khó đọc");
  archive.near.fail_at(Step::read, unavailable);
  const auto copies = archive.store.verify_and_mend(sha256).value();
  BOOST_TEST((states_of(copies) == std::vector{State::good, State::unreadable, State::good}));
  BOOST_TEST_REQUIRE(copies[1].error.has_value());
  BOOST_TEST((copies[1].error->code == unavailable));
  BOOST_TEST(copies[1].is_mended);
  archive.near.work_again();
  BOOST_TEST(archive.is_everywhere(sha256));
  BOOST_TEST(archive.store.behind().none());
}

BOOST_AUTO_TEST_CASE(a_copy_that_cannot_be_mended_is_told_with_its_error_and_owed) {
  for (const auto step : {Step::set_aside, Step::begin, Step::write, Step::finish}) {
    Archive archive;
    const auto sha256 = archive.put("chưa chữa được");
    flip_bit(archive.near.kept, sha256);
    archive.near.fail_at(step, disk_full);
    const auto copies = archive.store.verify_and_mend(sha256).value();
    BOOST_TEST((copies[1].state == State::damaged));
    BOOST_TEST(!copies[1].is_mended);
    BOOST_TEST_REQUIRE(copies[1].error.has_value());
    BOOST_TEST((copies[1].error->code == disk_full));
    BOOST_TEST((archive.store.behind() == only(sha256)));
    archive.near.work_again();
    BOOST_TEST(archive.store.verify_and_mend(sha256).value()[1].is_mended);
    BOOST_TEST(archive.is_everywhere(sha256));
  }
}

BOOST_AUTO_TEST_CASE(a_primary_that_cannot_be_mended_is_served_from_another_copy) {
  Archive archive;
  const auto sha256 = archive.put("vẫn đọc được");
  flip_bit(archive.primary.kept, sha256);
  archive.primary.fail_at(Step::set_aside, internal);
  const auto intact = archive.store.open_intact(sha256).value();
  BOOST_TEST(!intact.is_mended);
  BOOST_TEST(intact.reader.read_all(100).value() == "vẫn đọc được");
  BOOST_TEST((archive.take_reports() == Reports{{0, corrupt}}));
  archive.primary.work_again();
  BOOST_TEST(archive.store.open_intact(sha256).value().is_mended);
  BOOST_TEST(archive.is_everywhere(sha256));
  BOOST_TEST(!archive.store.open_intact(sha256).value().is_mended);
}

BOOST_AUTO_TEST_CASE(a_primary_that_comes_back_meanwhile_is_not_blamed) {
  for (const auto step : {Step::open, Step::read}) {
    Archive archive;
    const auto sha256 = archive.put("chập chờn");
    archive.primary.fail_at(step, unavailable, 1);
    const auto intact = archive.store.open_intact(sha256);
    BOOST_TEST(archive.reports.empty());
    BOOST_TEST(!intact.value().is_mended);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

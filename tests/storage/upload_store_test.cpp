// Uploads that break off, are taken up again, lie about themselves and race each other.
#include "storage/uploads/upload_store.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/memory_store.hpp"
#include "tests/storage/blob_samples.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;
using enum ErrorCode;

std::string random_text(std::size_t size_bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size_bytes, '\0');
  for (auto& letter : text) letter = static_cast<char>(random());
  return text;
}

struct Desk {
  TemporaryFolder folder;
  Instant present = now();
  UploadStore::Settings settings;
  SyncGroup sync;
  UnitId unit = UnitId::make();
  std::unique_ptr<DiskBlobStore> blobs = DiskBlobStore::open(folder.path() / "blobs", sync).value();
  std::unique_ptr<UploadStore> uploads = open();

  std::unique_ptr<UploadStore> open() {
    return UploadStore::open(folder.path() / "uploads", settings, [this] { return present; })
        .value();
  }
  /// What a new process finds.
  void restart() {
    uploads.reset();
    uploads = open();
  }
  Upload begin(std::uint64_t size_bytes, const std::string& creator = "lan") {
    return uploads->create(creator, unit, size_bytes, "filename YQ==").value();
  }
  Result<Upload> send(UploadId id, std::uint64_t offset, std::string_view text,
                      bool is_all_or_nothing = false) const {
    const auto appender = KHOCHUNG_TRY(uploads->append(id, offset, text.size(), is_all_or_nothing));
    KHOCHUNG_CHECK(appender->write(bytes_of(text)));
    return appender->finish();
  }
  [[nodiscard]] std::uint64_t offset(UploadId id) const {
    return uploads->find(id).value().offset_bytes;
  }
  [[nodiscard]] fs::path part(UploadId id) const {
    return folder.path() / "uploads" / (id.text() + ".part");
  }
};

ErrorCode code_of(const auto& result) {
  return result.error().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(upload_store)

BOOST_AUTO_TEST_CASE(
    what_was_finished_is_there_after_a_restart_and_becomes_the_blob_of_its_digest) {
  Desk desk;
  const auto text = random_text(300'000, 1);
  const auto upload = desk.begin(text.size());
  BOOST_TEST(desk.send(upload.id, 0, text.substr(0, 100'000)).value().offset_bytes == 100'000U);
  desk.restart();
  BOOST_TEST(desk.offset(upload.id) == 100'000U);
  BOOST_TEST(desk.send(upload.id, 100'000, text.substr(100'000)).value().is_whole());
  desk.restart();
  const auto staged = desk.uploads->stage(upload.id, *desk.blobs).value();
  BOOST_TEST((staged->sha256() == Digest::of(text)));
  const auto info = staged->finish().value();
  BOOST_TEST((info.sha256 == Digest::of(text)));
  BOOST_TEST(info.crc32.has_value());
  BOOST_TEST((desk.blobs->open(info.sha256).value().read_all(1 << 20).value() == text));
  // The same bytes lie on the disk once.
  BOOST_TEST(fs::hard_link_count(desk.part(upload.id)) == 2U);
  BOOST_TEST(
      desk.uploads->settle(upload.id, UploadState::taken, MaterialId::make(), "done").has_value());
  BOOST_TEST(!fs::exists(desk.part(upload.id)));
  BOOST_TEST((desk.uploads->find(upload.id).value().state == UploadState::taken));
  BOOST_TEST((desk.blobs->open(info.sha256).value().read_all(1 << 20).value() == text));
}

BOOST_AUTO_TEST_CASE(a_store_that_gives_no_second_names_gets_a_copy_with_the_same_digest) {
  Desk desk;
  MemoryBlobStore blobs;
  const auto text = random_text(100'000, 2);
  const auto upload = desk.begin(text.size());
  desk.send(upload.id, 0, text).value();
  const auto info = desk.uploads->stage(upload.id, blobs).value()->finish().value();
  BOOST_TEST((blobs.open(info.sha256).value().read_all(1 << 20).value() == text));
}

BOOST_AUTO_TEST_CASE(
    bytes_of_a_connection_that_broke_count_and_those_of_a_killed_process_do_not_lie) {
  Desk desk;
  const auto text = random_text(50'000, 3);
  const auto upload = desk.begin(text.size());
  {
    const auto appender = desk.uploads->append(upload.id, 0, text.size(), false).value();
    BOOST_TEST(appender->write(bytes_of(text.substr(0, 20'000))).has_value());
  }
  BOOST_TEST(desk.offset(upload.id) == 20'000U);
  {
    const auto appender = desk.uploads->append(upload.id, 20'000, 30'000, false).value();
    BOOST_TEST(appender->write(bytes_of(text.substr(20'000, 10'000))).has_value());
    // No finish, no question: the process ends here, and the file is longer than what was noted.
    desk.restart();
  }
  BOOST_TEST(fs::file_size(desk.part(upload.id)) == 30'000U);
  BOOST_TEST(desk.offset(upload.id) == 20'000U);
  BOOST_TEST(fs::file_size(desk.part(upload.id)) == 20'000U);
  BOOST_TEST(desk.send(upload.id, 20'000, text.substr(20'000)).value().is_whole());
  BOOST_TEST((desk.uploads->stage(upload.id, *desk.blobs).value()->sha256() == Digest::of(text)));
}

BOOST_AUTO_TEST_CASE(long_bodies_are_noted_while_they_come) {
  Desk desk;
  const auto piece = random_text(1U << 20U, 4);
  const auto upload = desk.begin(64U << 20U);
  const auto appender = desk.uploads->append(upload.id, 0, 64U << 20U, false).value();
  for (int i = 0; i < 40; ++i) BOOST_TEST(appender->write(bytes_of(piece)).has_value());
  desk.restart();
  BOOST_TEST(desk.offset(upload.id) == 32U << 20U);
}

BOOST_AUTO_TEST_CASE(a_lie_about_offset_or_length_is_refused_and_changes_nothing) {
  Desk desk;
  const auto upload = desk.begin(10);
  desk.send(upload.id, 0, "12345").value();
  BOOST_TEST((code_of(desk.send(upload.id, 4, "x")) == conflict));
  BOOST_TEST((code_of(desk.send(upload.id, 6, "x")) == conflict));
  BOOST_TEST((code_of(desk.send(upload.id, 5, "678901")) == too_large));
  // More bytes than the request said that it has.
  const auto appender = desk.uploads->append(upload.id, 5, 1, false).value();
  BOOST_TEST((code_of(appender->write(bytes_of("678901"))) == too_large));
  BOOST_TEST(desk.offset(upload.id) == 5U);
  BOOST_TEST((code_of(desk.uploads->stage(upload.id, *desk.blobs)) == conflict));
  BOOST_TEST((code_of(desk.uploads->find(UploadId::make())) == not_found));
}

BOOST_AUTO_TEST_CASE(what_is_all_or_nothing_counts_only_once_it_was_finished) {
  Desk desk;
  const auto upload = desk.begin(8);
  desk.send(upload.id, 0, "1234").value();
  {
    const auto appender = desk.uploads->append(upload.id, 4, 4, true).value();
    BOOST_TEST(appender->write(bytes_of("XX")).has_value());
  }
  BOOST_TEST(desk.offset(upload.id) == 4U);
  BOOST_TEST(desk.send(upload.id, 4, "5678", true).value().is_whole());
  BOOST_TEST(
      (desk.uploads->stage(upload.id, *desk.blobs).value()->sha256() == Digest::of("12345678")));
}

BOOST_AUTO_TEST_CASE(whoever_comes_later_has_the_upload) {
  Desk desk;
  const auto upload = desk.begin(6);
  const auto first = desk.uploads->append(upload.id, 0, 6, false).value();
  BOOST_TEST(first->write(bytes_of("12")).has_value());
  const auto second = desk.uploads->append(upload.id, 2, 4, false).value();
  BOOST_TEST((code_of(first->write(bytes_of("XX"))) == conflict));
  BOOST_TEST((code_of(first->finish()) == conflict));
  BOOST_TEST(second->write(bytes_of("3456")).has_value());
  BOOST_TEST(second->finish().value().is_whole());
  const auto staged = desk.uploads->stage(upload.id, *desk.blobs).value();
  BOOST_TEST((staged->sha256() == Digest::of("123456")));
  // While it is being taken in nobody else may have it, not even to remove it.
  BOOST_TEST((code_of(desk.uploads->stage(upload.id, *desk.blobs)) == locked));
  BOOST_TEST((code_of(desk.uploads->append(upload.id, 6, 0, false)) == locked));
  BOOST_TEST((code_of(desk.uploads->remove(upload.id)) == locked));
  BOOST_TEST(desk.uploads->find(upload.id).value().is_whole());
}

BOOST_AUTO_TEST_CASE(many_senders_at_once_never_mix_their_bytes) {
  Desk desk;
  const auto text = random_text(400'000, 5);
  const auto upload = desk.begin(text.size());
  const auto send_all = [&](unsigned seed) {
    std::mt19937 random(seed);
    while (true) {
      const auto found = desk.uploads->find(upload.id);
      if (!found) continue;
      if (found->is_whole()) return;
      const auto offset = found->offset_bytes;
      const auto appender = desk.uploads->append(upload.id, offset, text.size() - offset, false);
      if (!appender) continue;
      for (auto at = offset; at < text.size();) {
        const auto piece = std::string_view(text).substr(at, 1 + random() % 5000);
        if (!(*appender)->write(bytes_of(piece))) break;
        at += piece.size();
      }
      static_cast<void>((*appender)->finish());
    }
  };
  std::vector<std::jthread> senders;
  for (unsigned i = 0; i < 4; ++i) senders.emplace_back(send_all, i);
  senders.clear();
  BOOST_TEST((desk.uploads->stage(upload.id, *desk.blobs).value()->sha256() == Digest::of(text)));
}

BOOST_AUTO_TEST_CASE(quotas_hold_before_the_first_byte) {
  Desk desk;
  desk.settings.max_file_bytes = 100;
  desk.settings.max_unit_bytes = 150;
  desk.settings.max_open_per_creator = 3;
  desk.restart();
  const auto reason = [&](std::uint64_t size, const std::string& creator) {
    return desk.uploads->create(creator, desk.unit, size, "").error().reason;
  };
  BOOST_TEST(reason(101, "lan") == "upload_too_large");
  const auto first = desk.begin(100);
  BOOST_TEST(reason(51, "hoa") == "unit_quota");
  desk.begin(25);
  desk.begin(25);
  BOOST_TEST(reason(0, "lan") == "too_many_uploads");
  BOOST_TEST(reason(1, "hoa") == "unit_quota");
  BOOST_TEST(desk.uploads->remove(first.id).has_value());
  BOOST_TEST(desk.uploads->receiving("lan").value().size() == 2U);
  desk.begin(100);
}

BOOST_AUTO_TEST_CASE(a_disk_without_room_is_told_at_once) {
  Desk desk;
  desk.settings.max_file_bytes = 1ULL << 60U;
  desk.settings.max_unit_bytes = 1ULL << 61U;
  desk.restart();
  BOOST_TEST((code_of(desk.uploads->create("lan", desk.unit, 1ULL << 59U, "")) == disk_full));
}

BOOST_AUTO_TEST_CASE(what_nobody_came_back_for_goes_and_files_of_nobody_too) {
  Desk desk;
  const auto old = desk.begin(10);
  desk.send(old.id, 0, "12345").value();
  desk.present += desk.settings.lifetime / 2;
  const auto young = desk.begin(10);
  desk.present += desk.settings.lifetime / 2 + std::chrono::seconds(1);
  BOOST_TEST((code_of(desk.uploads->find(old.id)) == not_found));
  desk.begin(1);
  BOOST_TEST(!fs::exists(desk.part(old.id)));
  BOOST_TEST(desk.offset(young.id) == 0U);
  const auto stranger = desk.part(UploadId::make());
  std::ofstream(stranger) << "left behind";
  desk.restart();
  BOOST_TEST(!fs::exists(stranger));
  BOOST_TEST(fs::exists(desk.part(young.id)));
}

BOOST_AUTO_TEST_CASE(a_file_shorter_than_what_was_noted_is_damage_and_can_be_removed) {
  Desk desk;
  const auto upload = desk.begin(10);
  desk.send(upload.id, 0, "12345").value();
  desk.uploads.reset();
  fs::resize_file(desk.part(upload.id), 3);
  desk.uploads = desk.open();
  BOOST_TEST((code_of(desk.uploads->find(upload.id)) == corrupt));
  BOOST_TEST(desk.uploads->remove(upload.id).has_value());
  BOOST_TEST((code_of(desk.uploads->find(upload.id)) == not_found));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

// What a store of an S3 service that fails acknowledges, and what it does not.
#include <boost/test/unit_test.hpp>

#include "tests/storage/blob_samples.hpp"
#include "tests/storage/limits.hpp"
#include "tests/storage/s3_server/scripted_service.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

using enum ErrorCode;

struct ScriptedStore : ScriptedService {
  [[nodiscard]] S3BlobStore::Options options() const {
    S3BlobStore::Options made;
    made.address = address();
    made.credentials = {"key", "secret"};
    made.spool_folder = folder.path();
    made.patience = patience;
    return made;
  }
  std::unique_ptr<S3BlobStore> open() {
    say({empty_list, no_uploads});
    return S3BlobStore::open(options()).value();
  }
  [[nodiscard]] static std::string key_of(const Digest& sha256) {
    const auto hex = sha256.hex();
    return "sha256/" + hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" + hex;
  }

  TemporaryFolder folder;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_store_answers)

BOOST_AUTO_TEST_CASE(a_store_opens_without_the_right_to_see_uploads_but_not_without_an_answer) {
  ScriptedStore home;
  const auto open_with = [&home](const std::string& uploads) {
    home.say({empty_list, uploads});
    return S3BlobStore::open(home.options());
  };
  BOOST_TEST(open_with(refusal).has_value());
  BOOST_TEST(open_with(answer_of("501 Not Implemented")).has_value());
  BOOST_TEST((open_with(answer_of("500 Oh")).error().code == unavailable));
  BOOST_TEST((open_with(xml_answer("<html/>")).error().code == unavailable));
  BOOST_TEST(!open_with(no_uploads).value()->is_local());
}

BOOST_AUTO_TEST_CASE(without_a_folder_to_wait_in_nothing_is_begun) {
  ScriptedStore home;
  const auto store = home.open();
  std::filesystem::remove_all(home.folder.path());
  BOOST_TEST((store->begin().error().code == not_found));
}

BOOST_AUTO_TEST_CASE(a_blob_that_finds_no_room_to_wait_is_refused_and_not_sent) {
  ScriptedStore home;
  const auto store = home.open();
  const auto writer = store->begin().value();
  {
    const NoRoom no_room;
    BOOST_TEST((writer->write(bytes_of("thư")).error().code == unavailable));
  }
  BOOST_TEST((writer->write(bytes_of("thư")).error().code == internal));
  BOOST_TEST((writer->finish().error().code == internal));
  home.say({});
  BOOST_TEST(home.asked().empty());
}

BOOST_AUTO_TEST_CASE(a_blob_whose_place_cannot_be_looked_at_is_not_acknowledged) {
  ScriptedStore home;
  const auto store = home.open();
  const auto put_with = [&](std::deque<std::string> answers) {
    home.say(std::move(answers));
    return put(*store, bytes_of("thư"));
  };
  const auto there = head_answer(4);
  BOOST_TEST((put_with({refusal}).error().code == forbidden));
  // It is there, and cannot be read, set aside, copied away or replaced.
  BOOST_TEST((put_with({there, refusal}).error().code == forbidden));
  BOOST_TEST((put_with({head_answer(1), refusal}).error().code == forbidden));
  BOOST_TEST((put_with({head_answer(1), head_answer(1), refusal}).error().code == forbidden));
  BOOST_TEST((put_with({absent, refusal}).error().code == forbidden));
}

BOOST_AUTO_TEST_CASE(a_read_that_fails_on_the_way_is_an_error_and_can_be_made_again) {
  ScriptedStore home;
  const auto store = home.open();
  const std::string text(100'000, 'x');
  const auto sha256 = Digest::of(text);
  constexpr std::size_t window = 65'536;
  home.say({part_answer("bytes 0-65535/100000", text.substr(0, window))});
  const auto reader = store->open(sha256).value();
  BOOST_TEST((reader.read_all(text.size()).error().code == forbidden));
  home.say({part_answer("bytes 99990-99999/100000", text.substr(99'990))});
  std::string end(10, '?');
  BOOST_TEST(reader.read(99'990, std::as_writable_bytes(std::span(end))).value() == 10U);
  BOOST_TEST(end == text.substr(99'990));
  home.say({});
  BOOST_TEST((store->open(sha256).error().code == forbidden));
}

BOOST_AUTO_TEST_CASE(a_list_that_breaks_off_is_an_error_and_names_no_strangers) {
  ScriptedStore home;
  const auto store = home.open();
  const auto sha256 = Digest::of("thư");
  const auto entry = [](const std::string& key) {
    return "<Contents><Key>" + key + "</Key><Size>4</Size></Contents>";
  };
  const auto page = entry("sha256/aa/bb/" + sha256.hex()) + entry("sha256/README") +
                    entry(ScriptedStore::key_of(sha256));
  const auto list = [&] {
    std::vector<Digest> found;
    const auto listed = store->for_each([&found](const BlobInfo& info) {
      found.push_back(info.sha256);
      return true;
    });
    return std::pair(found, listed.has_value());
  };
  home.say({xml_answer("<ListBucketResult>" + page + "</ListBucketResult>")});
  BOOST_TEST((list() == std::pair(std::vector{sha256}, true)));
  home.say(
      {xml_answer("<ListBucketResult><IsTruncated>true</IsTruncated>"
                  "<NextContinuationToken>n</NextContinuationToken>" +
                  page + "</ListBucketResult>")});
  BOOST_TEST((list() == std::pair(std::vector{sha256}, false)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

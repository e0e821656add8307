#include "storage/blobs/s3_store.hpp"

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>

#include "storage/blobs/unnamed_file.hpp"
#include "tests/storage/s3_server/fault_proxy.hpp"
#include "tests/storage/s3_server/s3_server.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

/// A store under a prefix of its own. Nothing sleeps: what would be waited for is counted.
struct S3 {
  static std::string next_prefix() {
    static int number = 0;
    return "test-" + std::to_string(++number) + "/";
  }

  S3() : S3([](S3BlobStore::Options&) {}) {}
  explicit S3(const std::function<void(S3BlobStore::Options&)>& change)
      : options(made_options(change)) {}

  S3BlobStore::Options made_options(const std::function<void(S3BlobStore::Options&)>& change) {
    S3BlobStore::Options made{s3_server().address(next_prefix()), s3_server().credentials(),
                              folder.path()};
    made.patience.wait = [this](std::chrono::milliseconds) { ++waits; };
    change(made);
    return made;
  }

  [[nodiscard]] std::unique_ptr<S3BlobStore> open() const {
    auto opened_now = S3BlobStore::open(options);
    if (!opened_now) BOOST_FAIL(opened_now.error().message);
    return *std::move(opened_now);
  }

  [[nodiscard]] std::string key_of(const Digest& sha256) const {
    return opened->location(sha256).substr(("s3://" + options.address.bucket + "/").size());
  }

  /// Puts other bytes where a blob is, as no program of ours does.
  void replace(const Digest& sha256, std::string_view bytes) const {
    auto file = UnnamedFile::make(folder.path()).value();
    BOOST_TEST(file.write(std::as_bytes(std::span(bytes))).has_value());
    BOOST_TEST(bucket.put(key_of(sha256), {file.descriptor(), 0, bytes.size()}, Digest::of(bytes))
                   .has_value());
  }

  void damage(const Digest& sha256) const {
    auto bytes = std::string(store.open(sha256).value().size_bytes(), '?');
    BOOST_TEST(
        store.open(sha256).value().read(0, std::as_writable_bytes(std::span(bytes))).has_value());
    bytes.front() ^= 1;
    replace(sha256, bytes);
  }

  TemporaryFolder folder;
  std::atomic<int> waits = 0;
  S3BlobStore::Options options;
  S3Client client{options.address, options.credentials, {}};
  S3Bucket bucket{client};
  std::unique_ptr<S3BlobStore> opened = open();
  BlobStore& store = *opened;
};

using BlobStoreHomes = boost::mpl::list<S3>;

}  // namespace
}  // namespace khochung::storage

#include "tests/storage/blob_store_contract.hpp"

namespace khochung::storage {
namespace {

std::string noise(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

struct WithProxy {
  FaultProxy proxy{s3_server().port()};
};

/// A store behind a proxy that does to it what a bad network does.
struct Troubled : WithProxy, S3 {
  Troubled()
      : S3([this](S3BlobStore::Options& changed) {
          changed.address.endpoint = proxy.endpoint();
          changed.parts = {.parts_from_bytes = 6 * mebibyte, .part_bytes = 5 * mebibyte};
        }) {
    proxy.requests();
  }
};

std::size_t uploads_of(const S3& home) {
  return home.bucket.uploads(home.options.address.prefix, {}).value().uploads.size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_store)

BOOST_AUTO_TEST_CASE(a_large_blob_goes_up_in_parts_and_comes_back_whole) {
  S3 home;
  home.options.parts = {.parts_from_bytes = 6 * mebibyte, .part_bytes = 5 * mebibyte};
  const auto store = home.open();
  const auto bytes = noise(12 * mebibyte + 3);
  const auto info = put(*store, bytes_of(bytes)).value();
  BOOST_TEST((info.sha256 == Digest::of(bytes)));
  BOOST_TEST(home.bucket.head(home.key_of(info.sha256)).value().etag.ends_with("-3"));
  BOOST_TEST((store->open(info.sha256).value().read_all(bytes.size()).value() == bytes));
  BOOST_TEST(put(*store, bytes_of(bytes)).value().was_known);
  BOOST_TEST(uploads_of(home) == 0U);
}

BOOST_AUTO_TEST_CASE(any_range_of_a_blob_is_read) {
  const S3 home;
  const auto bytes = noise(5 * mebibyte + 17);
  const auto info = put(home.store, bytes_of(bytes)).value();
  const auto reader = home.store.open(info.sha256).value();
  BOOST_TEST(!reader.descriptor());
  BOOST_TEST((reader.sha256() == info.sha256));
  std::mt19937_64 random(1);
  for (int i = 0; i < 60; ++i) {
    const auto offset = random() % (bytes.size() + 100);
    std::string into(random() % (i % 5 == 0 ? 3 * mebibyte : 5'000), '?');
    const auto count = reader.read(offset, std::as_writable_bytes(std::span(into))).value();
    const auto expected = bytes.substr(std::min(offset, bytes.size()), into.size());
    BOOST_TEST(count == expected.size());
    into.resize(count);
    BOOST_TEST((into == expected));
  }
}

BOOST_AUTO_TEST_CASE(reading_on_takes_few_requests) {
  Troubled home;
  const auto bytes = noise(4 * mebibyte);
  const auto info = put(home.store, bytes_of(bytes)).value();
  home.proxy.requests();
  const auto reader = home.store.open(info.sha256).value();
  std::string piece(10'000, '?');
  for (std::uint64_t offset = 0; offset < bytes.size(); offset += piece.size()) {
    const auto into = std::as_writable_bytes(std::span(piece));
    const auto count = reader.read(offset, into).value();
    BOOST_TEST((piece.substr(0, count) == bytes.substr(offset, piece.size())));
  }
  // 64 KiB, 128, 256, 512 and then 1 MiB each.
  BOOST_TEST(home.proxy.requests().size() == 8U);
}

BOOST_AUTO_TEST_CASE(a_small_blob_is_opened_and_read_with_one_request) {
  Troubled home;
  const auto info = put(home.store, bytes_of("áp phích")).value();
  home.proxy.requests();
  BOOST_TEST(home.store.open(info.sha256).value().read_all(100).value() == "áp phích");
  BOOST_TEST(home.proxy.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_list_of_many_pages_names_each_blob_once) {
  Troubled home;
  std::set<Digest> expected;
  std::vector<std::string> keys{home.options.address.prefix + "sha256/README",
                                home.options.address.prefix + "damaged/x"};
  for (int i = 0; i < 1'200; ++i) {
    const auto sha256 = Digest::of(std::to_string(i));
    keys.push_back(home.key_of(sha256));
    expected.insert(sha256);
  }
  s3_server().enter(keys);
  const auto found = all_of(home.store);
  BOOST_TEST(home.proxy.requests().size() == 2U);
  BOOST_TEST(found.size() == 1'200U);
  for (const auto& info : found) BOOST_TEST(expected.erase(info.sha256) == 1U);
}

BOOST_AUTO_TEST_CASE(what_breaks_on_the_way_is_tried_again) {
  Troubled home;
  const auto small = noise(5'000);
  using enum Fault;
  for (const auto& faults : std::vector<std::deque<Fault>>{{reset, reset},
                                                           {slow_down, too_many, slow_down},
                                                           {none, lose_answer},
                                                           {none, change_request, change_request},
                                                           {none, none, reset}}) {
    home.waits = 0;
    home.proxy.plan(faults);
    const auto info = put(home.store, bytes_of(small)).value();
    BOOST_TEST(!info.was_known);
    BOOST_TEST(home.waits == std::ranges::count_if(faults, [](Fault f) { return f != none; }));
    BOOST_TEST(verify(home.store, info.sha256).value());
    BOOST_TEST(home.store.remove(info.sha256).has_value());
  }
}

BOOST_AUTO_TEST_CASE(an_upload_in_parts_survives_a_bad_network) {
  Troubled home;
  const auto bytes = noise(7 * mebibyte);
  using enum Fault;
  // HEAD, begin, two parts, complete (which the service does and cannot say), HEAD.
  home.proxy.plan({none, slow_down, none, change_request, none, reset, none, lose_answer, none});
  const auto info = put(home.store, bytes_of(bytes)).value();
  BOOST_TEST(verify(home.store, info.sha256).value());
  BOOST_TEST(uploads_of(home) == 0U);
}

BOOST_AUTO_TEST_CASE(an_upload_in_parts_that_fails_is_given_up) {
  Troubled home;
  using enum Fault;
  home.proxy.plan({none, none, none, refuse});
  const auto failed = put(home.store, bytes_of(noise(7 * mebibyte)));
  BOOST_TEST((failed.error().code == ErrorCode::forbidden));
  BOOST_TEST(uploads_of(home) == 0U);
  BOOST_TEST(all_of(home.store).empty());
}

BOOST_AUTO_TEST_CASE(uploads_that_a_killed_process_left_are_given_up_at_the_next_start) {
  S3 home;
  const auto prefix = home.options.address.prefix;
  BOOST_TEST(home.bucket.begin_upload(prefix + "sha256/ab/cd/left").has_value());
  BOOST_TEST(home.bucket.begin_upload("test-of-another/sha256/left").has_value());
  BOOST_TEST(uploads_of(home) == 1U);
  // One of another process may be under way.
  static_cast<void>(home.open());
  BOOST_TEST(uploads_of(home) == 1U);
  home.options.stale_upload_age = std::chrono::hours(-1);
  static_cast<void>(home.open());
  BOOST_TEST(uploads_of(home) == 0U);
  BOOST_TEST(home.bucket.uploads("test-of-another/", {}).value().uploads.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_refused_is_not_tried_again) {
  Troubled home;
  const auto asked = home.options.credentials;
  home.options.credentials.secret_key = "wrong";
  const auto opened = S3BlobStore::open(home.options);
  BOOST_TEST((opened.error().code == ErrorCode::forbidden));
  BOOST_TEST(opened.error().message.find("SignatureDoesNotMatch") != std::string::npos);
  BOOST_TEST(opened.error().message.find("wrong") == std::string::npos);
  BOOST_TEST(home.proxy.requests().size() == 1U);
  BOOST_TEST(home.waits == 0);
  home.options.credentials = asked;
  home.options.address.bucket = "no-such-bucket";
  BOOST_TEST((S3BlobStore::open(home.options).error().code == ErrorCode::not_found));
  BOOST_TEST(home.proxy.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_service_that_is_away_is_told_as_what_can_come_back) {
  S3 home;
  const auto info = put(home.store, bytes_of("còn đó")).value();
  {
    const FaultProxy gone(s3_server().port());
    home.options.address.endpoint = gone.endpoint();
  }
  const auto opened = S3BlobStore::open(home.options);
  BOOST_TEST((opened.error().code == ErrorCode::unavailable));
  BOOST_TEST(face_of(opened.error().code).retry_can_help);
  BOOST_TEST(home.waits == home.options.patience.attempts - 1);
  BOOST_TEST(home.store.contains(info.sha256));
}

BOOST_AUTO_TEST_CASE(a_cut_answer_is_asked_for_again_and_never_taken_for_the_whole) {
  Troubled home;
  const auto bytes = noise(3 * mebibyte);
  const auto info = put(home.store, bytes_of(bytes)).value();
  home.proxy.plan({Fault::cut_answer, Fault::cut_answer, Fault::none, Fault::cut_answer});
  BOOST_TEST((home.store.open(info.sha256).value().read_all(bytes.size()).value() == bytes));
  home.proxy.plan({Fault::none});
  home.proxy.always(Fault::cut_answer);
  const auto reader = home.store.open(info.sha256).value();
  BOOST_TEST((reader.read_all(bytes.size()).error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_CASE(a_wrong_byte_never_passes_for_a_whole_blob) {
  Troubled home;
  const auto bytes = noise(3 * mebibyte);
  const auto info = put(home.store, bytes_of(bytes)).value();
  home.proxy.always(Fault::change_answer);
  const auto read = home.store.open(info.sha256).value().read_all(bytes.size());
  BOOST_TEST((read.error().code == ErrorCode::corrupt));
  BOOST_TEST((open_as_file(home.store, info.sha256).error().code == ErrorCode::corrupt));
  BOOST_TEST(!verify(home.store, info.sha256).value());
  home.proxy.always(Fault::none);
  BOOST_TEST(verify(home.store, info.sha256).value());
}

BOOST_AUTO_TEST_CASE(a_blob_is_opened_as_a_file_for_those_who_need_a_descriptor) {
  const S3 home;
  const auto bytes = noise(2 * mebibyte + 1);
  const auto info = put(home.store, bytes_of(bytes)).value();
  const auto reader = open_as_file(home.store, info.sha256).value();
  BOOST_TEST(reader.descriptor().has_value());
  BOOST_TEST((reader.read_all(bytes.size()).value() == bytes));
}

BOOST_AUTO_TEST_CASE(a_blob_of_the_wrong_size_is_set_aside_even_where_it_is_trusted_unread) {
  S3 home;
  home.options.is_fresh = [](const Digest&) { return true; };
  const auto store = home.open();
  const auto info = put(*store, bytes_of("toàn văn")).value();
  home.replace(info.sha256, "to");
  BOOST_TEST(put(*store, bytes_of("toàn văn")).value().was_healed);
  BOOST_TEST(verify(*store, info.sha256).value());
  const auto aside = home.options.address.prefix + "damaged/" + info.sha256.hex() + ".";
  BOOST_TEST(home.bucket.list(aside, "").value().objects.size() == 1U);
  home.replace(info.sha256, "toàn xăn");
  BOOST_TEST(put(*store, bytes_of("toàn văn")).value().was_known);
}

BOOST_AUTO_TEST_CASE(what_is_too_large_for_one_copy_is_set_aside_in_parts) {
  S3 home;
  home.options.parts.copied_at_once_bytes = 5 * mebibyte;
  home.options.parts.part_bytes = 5 * mebibyte;
  const auto store = home.open();
  const auto bytes = noise(7 * mebibyte);
  const auto info = put(*store, bytes_of(bytes)).value();
  const auto set_aside = store->set_aside(info.sha256);
  if (!set_aside) BOOST_FAIL(set_aside.error().message);
  BOOST_TEST(!store->contains(info.sha256));
  const auto aside = home.bucket.list(home.options.address.prefix + "damaged/", "").value().objects;
  BOOST_TEST_REQUIRE(aside.size() == 1U);
  BOOST_TEST(
      has_digest(home.bucket, aside.front().key, aside.front().size_bytes, info.sha256).value());
}

BOOST_AUTO_TEST_CASE(a_blob_beyond_the_limit_is_refused) {
  S3 home;
  home.options.max_blob_bytes = 10;
  const auto store = home.open();
  const auto writer = store->begin().value();
  BOOST_TEST(writer->write(bytes_of("12345")).has_value());
  BOOST_TEST((writer->write(bytes_of("678901")).error().code == ErrorCode::too_large));
  BOOST_TEST(!writer->finish().has_value());
}

BOOST_AUTO_TEST_CASE(a_certificate_is_trusted_only_when_the_address_names_it) {
  S3 home;
  const auto info = put(home.store, bytes_of("kín")).value();
  home.options.address = s3_server().tls_address(home.options.address.prefix);
  // OpenSSL's own variable must not let it in, either.
  const char* before = std::getenv("SSL_CERT_FILE");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("SSL_CERT_FILE", s3_server().certificate().c_str(), 1);
  const auto refused = S3BlobStore::open(home.options);
  BOOST_TEST((refused.error().code == ErrorCode::bad_input));
  BOOST_TEST(home.waits == 0);
  before == nullptr ? ::unsetenv("SSL_CERT_FILE") : ::setenv("SSL_CERT_FILE", kept.c_str(), 1);
  home.options.address.ca_file = s3_server().certificate();
  BOOST_TEST(home.open()->open(info.sha256).value().read_all(100).value() == "kín");
}

BOOST_AUTO_TEST_CASE(the_environment_changes_nothing) {
  const std::vector<std::string> names{"AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
                                       "http_proxy",    "https_proxy",    "all_proxy",
                                       "ALL_PROXY",     "AWS_REGION",     "AWS_ACCESS_KEY_ID"};
  std::vector<std::pair<std::string, std::optional<std::string>>> before;
  for (const auto& name : names) {
    const char* value = std::getenv(name.c_str());
    before.emplace_back(name, value == nullptr ? std::nullopt : std::optional<std::string>(value));
    ::setenv(name.c_str(), "http://127.0.0.1:1", 1);
  }
  {
    const S3 home;
    const auto info = put(home.store, bytes_of("như cũ")).value();
    BOOST_TEST(home.store.open(info.sha256).value().read_all(100).value() == "như cũ");
    BOOST_TEST(home.waits == 0);
  }
  for (const auto& [name, value] : before) {
    value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

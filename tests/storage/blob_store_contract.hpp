#pragma once

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "storage/blobs/blob_store.hpp"
#include "storage/blobs/scrub.hpp"
#include "storage/blobs/verify.hpp"
#include "tests/storage/blob_samples.hpp"

/// What every BlobStore promises. A test program names the stores that it holds to it, before it
/// includes this file once:
///
///   namespace khochung::storage {
///   using BlobStoreHomes = boost::mpl::list<Disk, Memory>;
///   }
///
/// A home makes a store of its own, empty, and has two members: `store`, a BlobStore, and
/// `damage(const Digest&)`, which changes a byte of every copy that the store may read.
namespace khochung::storage {

BOOST_AUTO_TEST_SUITE(blob_store_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_put_is_read_back_under_its_digest, Home, BlobStoreHomes) {
  Home home;
  const std::string text = "Nghị quyết về công tác truyền thông";
  const auto info = put(home.store, bytes_of(text)).value();
  BOOST_TEST((info.sha256 == Digest::of(text)));
  BOOST_TEST(info.size_bytes == text.size());
  BOOST_TEST(!info.was_known);
  BOOST_TEST(home.store.contains(info.sha256));
  BOOST_TEST(home.store.open(info.sha256).value().read_all(1000).value() == text);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_shares_a_reader_gets_what_is_stored_now, Home, BlobStoreHomes) {
  Home home;
  const std::string text = "áp phích";
  const auto sha256 = put(home.store, bytes_of(text)).value().sha256;
  const auto shared = [&] { return home.store.open_shared(sha256).value()->read_all(100).value(); };
  BOOST_TEST(shared() == text);
  BOOST_TEST(shared() == text);
  home.damage(sha256);
  BOOST_TEST(put(home.store, bytes_of(text)).has_value());
  BOOST_TEST(shared() == text);
  BOOST_TEST(home.store.remove(sha256).has_value());
  BOOST_TEST((home.store.open_shared(sha256).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(pieces_make_the_same_blob_as_the_whole, Home, BlobStoreHomes) {
  Home home;
  std::string text;
  const auto writer = home.store.begin().value();
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    BOOST_TEST(writer->write(bytes_of(piece)).has_value());
    text += piece;
  }
  const auto info = writer->finish().value();
  BOOST_TEST((info.sha256 == Digest::of(text)));
  BOOST_TEST(home.store.open(info.sha256).value().read_all(text.size()).value() == text);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_empty_blob_is_a_blob, Home, BlobStoreHomes) {
  Home home;
  const auto info = put(home.store, {}).value();
  BOOST_TEST((info.sha256 == Digest::of("")));
  BOOST_TEST(home.store.open(info.sha256).value().read_all(0).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_bytes_again_are_known, Home, BlobStoreHomes) {
  Home home;
  BOOST_TEST(!put(home.store, bytes_of("áp phích")).value().was_known);
  BOOST_TEST(put(home.store, bytes_of("áp phích")).value().was_known);
  BOOST_TEST(all_of(home.store).size() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_not_there_is_not_found, Home, BlobStoreHomes) {
  Home home;
  const auto absent = Digest::of("absent");
  BOOST_TEST(!home.store.contains(absent));
  BOOST_TEST((home.store.open(absent).error().code == ErrorCode::not_found));
  BOOST_TEST((verify(home.store, absent).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_dropped_writer_leaves_nothing, Home, BlobStoreHomes) {
  Home home;
  {
    const auto writer = home.store.begin().value();
    BOOST_TEST(writer->write(bytes_of("half a letter")).has_value());
  }
  BOOST_TEST(all_of(home.store).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_writer_finishes_once, Home, BlobStoreHomes) {
  Home home;
  const auto writer = home.store.begin().value();
  BOOST_TEST(writer->finish().has_value());
  BOOST_TEST(!writer->finish().has_value());
  BOOST_TEST(!writer->write(bytes_of("more")).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(parts_are_read_from_any_offset, Home, BlobStoreHomes) {
  Home home;
  const auto info = put(home.store, bytes_of("0123456789")).value();
  const auto reader = home.store.open(info.sha256).value();
  std::string into(4, '?');
  BOOST_TEST(reader.read(3, std::as_writable_bytes(std::span(into))).value() == 4U);
  BOOST_TEST(into == "3456");
  BOOST_TEST(reader.read(8, std::as_writable_bytes(std::span(into))).value() == 2U);
  BOOST_TEST(reader.read(10, std::as_writable_bytes(std::span(into))).value() == 0U);
  BOOST_TEST((reader.read_all(9).error().code == ErrorCode::too_large));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_blob_is_visited_until_the_visitor_stops, Home, BlobStoreHomes) {
  Home home;
  for (int i = 0; i < 20; ++i) BOOST_TEST(put(home.store, bytes_of(std::to_string(i))).has_value());
  BOOST_TEST(all_of(home.store).size() == 20U);
  int visits = 0;
  BOOST_TEST(home.store.for_each([&visits](const BlobInfo&) { return ++visits < 5; }).has_value());
  BOOST_TEST(visits == 5);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sixty_four_writers_of_the_same_bytes_make_one_blob, Home,
                              BlobStoreHomes) {
  Home home;
  std::atomic<int> news = 0;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 64; ++i) {
      writers.emplace_back([&] {
        const auto info = put(home.store, bytes_of("một tệp, sáu mươi tư người gửi"));
        if (!info) ++failures;
        if (info && !info->was_known) ++news;
      });
    }
  }
  BOOST_TEST(failures == 0);
  BOOST_TEST(news == 1);
  BOOST_TEST(all_of(home.store).size() == 1U);
  BOOST_TEST(verify(home.store, Digest::of("một tệp, sáu mươi tư người gửi")).value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(both_hashes_are_given_for_new_bytes_and_for_known_ones, Home,
                              BlobStoreHomes) {
  Home home;
  // The check value of CRC-32 in every table of such codes.
  BOOST_TEST(put(home.store, bytes_of("123456789")).value().crc32.value() == 0xCBF43926U);
  BOOST_TEST(put(home.store, bytes_of("123456789")).value().crc32.value() == 0xCBF43926U);
  BOOST_TEST(reread(home.store, Digest::of("123456789")).value().crc32 == 0xCBF43926U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_writer_shows_what_it_has_so_far, Home, BlobStoreHomes) {
  Home home;
  const auto writer = home.store.begin().value();
  BOOST_TEST(writer->write(bytes_of("%PDF-1.7 ")).has_value());
  BOOST_TEST(writer->preview().value().read_all(100).value() == "%PDF-1.7 ");
  BOOST_TEST(writer->write(bytes_of("%%EOF")).has_value());
  BOOST_TEST(writer->preview().value().read_all(100).value() == "%PDF-1.7 %%EOF");
  BOOST_TEST((writer->finish().value().sha256 == Digest::of("%PDF-1.7 %%EOF")));
  BOOST_TEST(!writer->preview().has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_damaged_blob_is_found, Home, BlobStoreHomes) {
  Home home;
  const auto info = put(home.store, bytes_of("nguyên vẹn")).value();
  BOOST_TEST(verify(home.store, info.sha256).value());
  home.damage(info.sha256);
  BOOST_TEST(!verify(home.store, info.sha256).value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_damaged_blob_is_not_trusted_but_healed_when_its_bytes_come_again,
                              Home, BlobStoreHomes) {
  Home home;
  const auto info = put(home.store, bytes_of("nguyên vẹn")).value();
  home.damage(info.sha256);
  const auto again = put(home.store, bytes_of("nguyên vẹn")).value();
  BOOST_TEST(!again.was_known);
  BOOST_TEST(again.was_healed);
  BOOST_TEST(verify(home.store, info.sha256).value());
  const auto third = put(home.store, bytes_of("nguyên vẹn")).value();
  BOOST_TEST(third.was_known);
  BOOST_TEST(!third.was_healed);
  BOOST_TEST(all_of(home.store).size() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_removed_is_gone_and_can_come_again, Home, BlobStoreHomes) {
  Home home;
  const auto info = put(home.store, bytes_of("bản nháp")).value();
  const auto other = put(home.store, bytes_of("bản khác")).value();
  BOOST_TEST(home.store.remove(info.sha256).has_value());
  BOOST_TEST(!home.store.contains(info.sha256));
  BOOST_TEST((home.store.open(info.sha256).error().code == ErrorCode::not_found));
  BOOST_TEST(all_of(home.store).size() == 1U);
  BOOST_TEST(verify(home.store, other.sha256).value());
  BOOST_TEST(!put(home.store, bytes_of("bản nháp")).value().was_known);
  BOOST_TEST(verify(home.store, info.sha256).value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(whoever_reads_what_is_removed_reads_on, Home, BlobStoreHomes) {
  Home home;
  const auto info = put(home.store, bytes_of("đang đọc")).value();
  const auto reader = home.store.open(info.sha256).value();
  BOOST_TEST(home.store.remove(info.sha256).has_value());
  BOOST_TEST(reader.read_all(100).value() == "đang đọc");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_set_aside_is_out_of_the_way_and_can_come_again, Home,
                              BlobStoreHomes) {
  Home home;
  const auto info = put(home.store, bytes_of("hỏng")).value();
  for (int i = 0; i < 3; ++i) {
    home.damage(info.sha256);
    BOOST_TEST(home.store.set_aside(info.sha256).has_value());
    BOOST_TEST(!home.store.contains(info.sha256));
    BOOST_TEST(all_of(home.store).empty());
    BOOST_TEST(!put(home.store, bytes_of("hỏng")).value().was_known);
    BOOST_TEST(verify(home.store, info.sha256).value());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_not_there_can_be_neither_removed_nor_set_aside, Home,
                              BlobStoreHomes) {
  Home home;
  const auto absent = Digest::of("absent");
  BOOST_TEST((home.store.remove(absent).error().code == ErrorCode::not_found));
  BOOST_TEST((home.store.set_aside(absent).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_listing_names_each_blob_with_its_size_in_its_slice, Home,
                              BlobStoreHomes) {
  Home home;
  std::map<Digest, std::uint64_t> expected;
  for (int i = 0; i < 40; ++i) {
    const auto info =
        put(home.store, bytes_of(std::string(static_cast<std::size_t>(i), 'x'))).value();
    expected.emplace(info.sha256, info.size_bytes);
  }
  for (unsigned slice = 0; slice < 256; ++slice) {
    BOOST_TEST(home.store
                   .for_each_in(static_cast<std::uint8_t>(slice),
                                [&](const BlobInfo& info) {
                                  BOOST_TEST(unsigned{info.sha256.bytes().front()} == slice);
                                  const auto found = expected.find(info.sha256);
                                  BOOST_TEST_REQUIRE((found != expected.end()));
                                  BOOST_TEST(found->second == info.size_bytes);
                                  expected.erase(found);
                                  return true;
                                })
                   .has_value());
  }
  BOOST_TEST(expected.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_copy_is_made_only_of_good_bytes, Home, BlobStoreHomes) {
  Home from;
  Home to;
  const auto info = put(from.store, bytes_of("bản gốc")).value();
  BOOST_TEST(
      copy_blob(from.store.open(info.sha256).value(), info.sha256, to.store).value().size_bytes ==
      info.size_bytes);
  BOOST_TEST(verify(to.store, info.sha256).value());
  BOOST_TEST(to.store.remove(info.sha256).has_value());
  from.damage(info.sha256);
  const auto copied = copy_blob(from.store.open(info.sha256).value(), info.sha256, to.store);
  BOOST_TEST((copied.error().code == ErrorCode::corrupt));
  BOOST_TEST(all_of(to.store).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_scrub_reads_everything_and_tells_good_from_bad_and_missing, Home,
                              BlobStoreHomes) {
  Home home;
  std::vector<Digest> blobs;
  for (const std::size_t size : {0U, 1U, 70'000U, 524'287U, 524'288U, 524'289U, 6'000'000U}) {
    blobs.push_back(put(home.store, bytes_of(std::string(size, 'x'))).value().sha256);
  }
  home.damage(blobs[5]);
  blobs.push_back(Digest::of("absent"));
  std::uint64_t bytes_read = 0;
  const auto pace = [&](std::uint64_t bytes) {
    bytes_read += bytes;
    return true;
  };
  std::vector<std::string> seen;
  scrub(home.store, blobs, pace, [&](const Digest& sha256, const Result<Fixity>& found) {
    seen.emplace_back(!found                     ? face_of(found.error().code).name
                      : found->is_intact(sha256) ? std::to_string(found->size_bytes)
                                                 : "damaged");
    return true;
  });
  const std::vector<std::string> expected{"0",      "1",       "70000",   "524287",
                                          "524288", "damaged", "6000000", "not_found"};
  BOOST_TEST(seen == expected, boost::test_tools::per_element());
  BOOST_TEST(bytes_read == 1 + 70'000 + 524'287 + 524'288 + 524'289 + 6'000'000);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_scrub_ends_when_it_is_told_to, Home, BlobStoreHomes) {
  Home home;
  const auto large = put(home.store, bytes_of(std::string(20'000'000, 'x'))).value().sha256;
  const auto small = put(home.store, bytes_of("x")).value().sha256;
  int visits = 0;
  const auto visit = [&](const Digest&, const Result<Fixity>&) { return ++visits < 1; };
  scrub(home.store, std::array{large, small}, [](std::uint64_t) { return false; }, visit);
  BOOST_TEST(visits == 0);
  scrub(home.store, std::array{small, large}, [](std::uint64_t) { return true; }, visit);
  BOOST_TEST(visits == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

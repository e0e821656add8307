#include "indexer/workers/protocol.hpp"

#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "indexer/workers/page_body.hpp"

namespace khochung::workers {
namespace {

/// What a FrameWriter writes.
std::string stream_of(const std::function<void(FrameWriter&)>& write) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::pipe(ends.data()) == 0);
  FrameWriter writer(ends[1]);
  write(writer);
  ::close(ends[1]);
  std::string all;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    all.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(protocol)

BOOST_AUTO_TEST_CASE(frames_come_back_as_they_were_written_however_the_stream_is_cut) {
  const auto stream = stream_of([](FrameWriter& writer) {
    writer.write({{"kind", "page"}, {"number", 1}}, "Công đoàn");
    writer.write({{"kind", "page"}, {"number", 2}});
    writer.end({Outcome::bad_file, "encrypted_pdf", "locked"});
  });
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, stream.size()}) {
    std::vector<Frame> frames;
    FrameParser parser({}, [&](Frame&& frame) -> Result<void> {
      frames.push_back(std::move(frame));
      return {};
    });
    for (std::size_t at = 0; at < stream.size(); at += step) {
      BOOST_REQUIRE(parser.feed(std::string_view(stream).substr(at, step)).has_value());
    }
    BOOST_REQUIRE(frames.size() == 2U);
    BOOST_TEST(frames[0].body == "Công đoàn");
    BOOST_TEST(frames[1].header.at("number").as_int64() == 2);
    BOOST_REQUIRE(parser.ending().has_value());
    BOOST_TEST(parser.ending()->reason == "encrypted_pdf");
  }
}

BOOST_AUTO_TEST_CASE(every_single_changed_byte_is_refused_or_harmless) {
  const auto stream = stream_of([](FrameWriter& writer) {
    writer.write({{"kind", "page"}}, encode_page("chữ", {{"chữ", 1, 2, 3, 4, 90}}));
    writer.end({Outcome::ok, {}, {}});
  });
  for (std::size_t at = 0; at < stream.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      auto changed = stream;
      changed[at] = static_cast<char>(changed[at] ^ change);
      FrameParser parser({.body_bytes = 4096, .total_bytes = 65536, .frames = 10},
                         [](Frame&& frame) -> Result<void> {
                           const auto page = decode_page(frame.body, 100, 100);
                           if (!page) return fail(page.error());
                           for (const auto& word : page->words) {
                             BOOST_TEST((word.x >= 0 && word.x + word.w <= 100));
                             BOOST_TEST((word.y >= 0 && word.y + word.h <= 100));
                           }
                           return {};
                         });
      [[maybe_unused]] const auto done = parser.feed(changed);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_page_body_keeps_text_and_words) {
  const std::vector<storage::PageWord> words{{"Người", 10, 20, 30, 40, 96},
                                             {"đọc", 50, 20, 9, 8, 0}};
  const auto page = decode_page(encode_page("Người đọc", words), 1240, 1754).value();
  BOOST_TEST(page.text == "Người đọc");
  BOOST_REQUIRE(page.words.size() == 2U);
  BOOST_TEST(page.words[0].text == "Người");
  BOOST_TEST(page.words[0].h == 40);
  BOOST_TEST(page.words[1].confidence == 0);
}

BOOST_AUTO_TEST_CASE(a_page_body_cut_anywhere_is_refused) {
  const auto body = encode_page("Người đọc", {{"Người", 10, 20, 30, 40, 96}});
  for (std::size_t length = 0; length < body.size(); ++length) {
    BOOST_TEST(!decode_page(body.substr(0, length), 100, 100).has_value());
  }
  BOOST_TEST(!decode_page(body + "x", 100, 100).has_value());
}

BOOST_AUTO_TEST_CASE(boxes_are_cut_to_the_page) {
  const auto page =
      decode_page(encode_page("x", {{"x", -5, 90, 2'000'000'000, 2'000'000'000, 1}}), 100, 100)
          .value();
  BOOST_TEST(page.words[0].x == 0);
  BOOST_TEST(page.words[0].w == 100);
  BOOST_TEST(page.words[0].h == 10);
}

BOOST_AUTO_TEST_CASE(broken_utf_8_is_seen_and_repaired) {
  const std::string_view nfd = "Hoa\xCC\x80 bi\xCC\x80nh";
  BOOST_TEST(is_utf8("Đường"));
  BOOST_TEST(is_utf8(nfd));
  for (const std::string_view broken :
       {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE1\xBB", "\x80", "a\xFF"}) {
    BOOST_TEST(!is_utf8(broken));
    BOOST_TEST(is_utf8(repaired_utf8(broken)));
  }
  BOOST_TEST(!is_utf8(std::string_view("a\0b", 3)));
  BOOST_TEST(repaired_utf8(std::string_view("a\0b", 3)) == "ab");
  BOOST_TEST(repaired_utf8(nfd) == nfd);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

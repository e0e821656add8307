#include "storage/derivatives/derivative_store.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Reading three_pages() {
  Reading reading;
  reading.recipe = "ocr-2";
  reading.language = "vi";
  reading.is_ocr = true;
  for (int i = 1; i <= 3; ++i) {
    PageText page;
    page.text = "Trang " + std::to_string(i) + ": quyền lợi đoàn viên";
    page.raw_text = i == 2 ? "Trang 2: quyen loi" : "";
    page.width = 1654;
    page.height = 2339;
    page.trust = 90 + i;
    page.words = {{"Trang", 100 * i, 200, 80, 24, 96}, {"đoàn", -3, 1 << 20, 0, 24, 0}};
    reading.pages.push_back(page);
  }
  return reading;
}

bool same(const PageText& a, const PageText& b) {
  const auto same_word = [](const PageWord& x, const PageWord& y) {
    return x.text == y.text && x.x == y.x && x.y == y.y && x.w == y.w && x.h == y.h &&
           x.confidence == y.confidence;
  };
  return a.text == b.text && a.raw_text == b.raw_text && a.width == b.width &&
         a.height == b.height && a.trust == b.trust &&
         std::ranges::equal(a.words, b.words, same_word);
}

struct Home {
  TemporaryFolder folder;
  DerivativeStore store{folder.path() / "derived"};
  Digest source = Digest::of("a scan");

  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    const auto hex = source.hex();
    return folder.path() / "derived" / hex.substr(0, 2) / hex.substr(2, 2) / (hex + "." + name);
  }
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(derivative_store)

BOOST_AUTO_TEST_CASE(a_reading_is_read_back_whole) {
  Home home;
  const auto reading = three_pages();
  BOOST_TEST(home.store.put_reading(home.source, reading).has_value());
  const auto back = home.store.reading(home.source).value();
  BOOST_TEST(back.recipe == "ocr-2");
  BOOST_TEST(back.language == "vi");
  BOOST_TEST(back.has_pages);
  BOOST_TEST(back.is_ocr);
  BOOST_TEST(std::ranges::equal(back.pages, reading.pages, same));
}

BOOST_AUTO_TEST_CASE(outline_page_and_texts_agree_with_the_whole) {
  Home home;
  const auto reading = three_pages();
  BOOST_TEST(home.store.put_reading(home.source, reading).has_value());
  const auto outline = home.store.outline(home.source).value();
  BOOST_TEST(outline.page_count == 3);
  BOOST_TEST(outline.recipe == "ocr-2");
  const auto texts = home.store.page_texts(home.source).value();
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(texts.at(i) == reading.pages[i].text);
    BOOST_TEST(
        same(home.store.page(home.source, static_cast<int>(i) + 1).value(), reading.pages[i]));
  }
  for (const int number : {-1, 0, 4}) {
    BOOST_TEST((home.store.page(home.source, number).error().code == ErrorCode::not_found));
  }
}

BOOST_AUTO_TEST_CASE(a_long_document_is_read_the_same) {
  Home home;
  Reading reading;
  for (int i = 0; i < 2000; ++i) {
    PageText page;
    page.text = std::string(static_cast<std::size_t>(i % 300), 'a') + std::to_string(i);
    for (int w = 0; w < 20; ++w) page.words.push_back({std::to_string(w), w, i, w, w, w});
    reading.pages.push_back(page);
  }
  BOOST_TEST(home.store.put_reading(home.source, reading).has_value());
  BOOST_TEST(
      std::ranges::equal(home.store.reading(home.source).value().pages, reading.pages, same));
  BOOST_TEST(home.store.page_texts(home.source).value().at(1999) == reading.pages[1999].text);
  BOOST_TEST(same(home.store.page(home.source, 1500).value(), reading.pages[1499]));
}

BOOST_AUTO_TEST_CASE(a_reading_without_pages_or_text_is_kept) {
  Home home;
  Reading reading;
  reading.has_pages = false;
  BOOST_TEST(home.store.put_reading(home.source, reading).has_value());
  const auto back = home.store.reading(home.source).value();
  BOOST_TEST(back.pages.empty());
  BOOST_TEST(!back.has_pages);
  BOOST_TEST(home.store.page_texts(home.source).value().empty());
}

BOOST_AUTO_TEST_CASE(the_newer_reading_takes_the_older_ones_place) {
  Home home;
  auto reading = three_pages();
  BOOST_TEST(home.store.put_reading(home.source, reading).has_value());
  reading.recipe = "ocr-3";
  reading.pages.resize(1);
  BOOST_TEST(home.store.put_reading(home.source, reading).has_value());
  BOOST_TEST(home.store.outline(home.source).value().recipe == "ocr-3");
  BOOST_TEST(home.store.page_texts(home.source).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_removed_reading_is_not_found) {
  Home home;
  BOOST_TEST(home.store.remove_reading(home.source).has_value());
  BOOST_TEST(home.store.put_reading(home.source, three_pages()).has_value());
  BOOST_TEST(home.store.remove_reading(home.source).has_value());
  BOOST_TEST((home.store.reading(home.source).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_found_and_none_harms) {
  Home home;
  BOOST_TEST(home.store.put_reading(home.source, three_pages()).has_value());
  const auto bytes = read_file(home.file("reading"));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    write_file(home.file("reading"), changed);
    const auto back = home.store.reading(home.source);
    BOOST_REQUIRE(!back.has_value());
    BOOST_REQUIRE((back.error().code == ErrorCode::not_found));
  }
}

BOOST_AUTO_TEST_CASE(a_reading_cut_short_anywhere_is_not_found) {
  Home home;
  BOOST_TEST(home.store.put_reading(home.source, three_pages()).has_value());
  const auto bytes = read_file(home.file("reading"));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    write_file(home.file("reading"), bytes.substr(0, length));
    BOOST_REQUIRE((home.store.reading(home.source).error().code == ErrorCode::not_found));
  }
}

BOOST_AUTO_TEST_CASE(a_rendition_gives_its_bytes_and_their_length) {
  Home home;
  const std::string picture(5000, 'p');
  BOOST_TEST(home.store.put_rendition(home.source, "thumbnail.jpg", bytes_of(picture)).has_value());
  const auto reader = home.store.rendition(home.source, "thumbnail.jpg").value();
  BOOST_TEST(reader.size_bytes() == 5000U);
  BOOST_TEST(reader.read_all(5000).value() == picture);
  BOOST_TEST((home.store.rendition(home.source, "light.jpg").error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(a_large_rendition_is_kept_too) {
  Home home;
  const std::string film(3U << 20U, 'f');
  BOOST_TEST(home.store.put_rendition(home.source, "layout.pdf", bytes_of(film)).has_value());
  const auto reader = home.store.rendition(home.source, "layout.pdf").value();
  BOOST_TEST(reader.size_bytes() == film.size());
  const auto bytes = read_file(home.file("layout.pdf"));
  write_file(home.file("layout.pdf"), bytes.substr(0, bytes.size() / 2));
  BOOST_TEST(!home.store.rendition(home.source, "layout.pdf").has_value());
}

BOOST_AUTO_TEST_CASE(a_damaged_rendition_is_not_found) {
  Home home;
  BOOST_TEST(home.store.put_rendition(home.source, "light.jpg", bytes_of("picture")).has_value());
  const auto bytes = read_file(home.file("light.jpg"));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    write_file(home.file("light.jpg"), changed);
    BOOST_TEST(
        (home.store.rendition(home.source, "light.jpg").error().code == ErrorCode::not_found));
  }
}

BOOST_AUTO_TEST_CASE(names_that_could_leave_the_folder_are_refused) {
  Home home;
  for (const auto* name : {"", ".", "..", "../x", "a/b", "reading", "UPPER.jpg", ".hidden"}) {
    BOOST_TEST(
        (home.store.put_rendition(home.source, name, {}).error().code == ErrorCode::bad_input));
    BOOST_TEST(!home.store.rendition(home.source, name).has_value());
  }
}

BOOST_AUTO_TEST_CASE(readers_see_the_old_or_the_new_reading_while_it_is_replaced) {
  Home home;
  BOOST_TEST(home.store.put_reading(home.source, three_pages()).has_value());
  const std::jthread writer([&home](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      static_cast<void>(home.store.put_reading(home.source, three_pages()));
    }
  });
  for (int i = 0; i < 500; ++i) {
    BOOST_REQUIRE(home.store.page_texts(home.source).value().size() == 3U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

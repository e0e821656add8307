#include "indexer/workers/page_words.hpp"

#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <string_view>

namespace khochung::workers {
namespace {

struct Piece {
  std::string_view text;
  int x = 0;
  int width = 0;
  int confidence = 96;
};

/// A line of words at their places; the first begins the line.
ReadWords line_of(std::initializer_list<Piece> pieces) {
  ReadWords words;
  for (const auto& piece : pieces) {
    words.push_back({{std::string(piece.text), piece.x, 100, piece.width, 40, piece.confidence},
                     words.empty() ? Break::line : Break::blank});
  }
  return words;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(page_words)

BOOST_AUTO_TEST_CASE(an_onset_torn_off_its_syllable_is_joined_to_it) {
  const auto words = joined(line_of({{"của", 0, 60},
                                     {"N", 75, 20},
                                     {"gười", 98, 70},
                                     {"lao", 183, 50},
                                     {"đ", 248, 18},
                                     {"ộng", 269, 50},
                                     {"mới", 334, 60}}));
  BOOST_TEST(text_of(words) == "của Người lao động mới");
  BOOST_TEST(words[1].word.x == 75);
  BOOST_TEST(words[1].word.w == 93);
}

BOOST_AUTO_TEST_CASE(a_letter_that_stands_by_itself_stays) {
  // An item's letter, a unit, and an abbreviation a whole blank before its word.
  const auto words = line_of({{"b", 0, 20},
                              {"ăn", 35, 40},
                              {"5", 90, 18},
                              {"m", 123, 30},
                              {"ở", 168, 20},
                              {"đó", 203, 40}});
  BOOST_TEST(text_of(joined(words)) == "b ăn 5 m ở đó");
}

BOOST_AUTO_TEST_CASE(nothing_is_joined_to_what_would_be_no_syllable) {
  const auto words = line_of(
      {{"TT", 0, 40}, {"KHKT", 45, 90}, {"của", 150, 60}, {"cả", 225, 40}, {"tổ", 280, 40}});
  BOOST_TEST(joined(words).size() == 5U);
}

BOOST_AUTO_TEST_CASE(specks_are_no_words_and_take_no_line_break_with_them) {
  auto words = line_of({{"Đoàn", 0, 80}});
  words.push_back({{"|", 0, 160, 3, 4, 56}, Break::line});
  words.push_back({{"viên", 20, 150, 70, 40, 50}, Break::blank});
  words.push_back({{"a", 100, 170, 18, 20, 91}, Break::blank});
  BOOST_TEST(text_of(without_specks(words, 28)) == "Đoàn\nviên a");
  BOOST_TEST(without_specks(words, 0).size() == 4U);
}

BOOST_AUTO_TEST_CASE(lines_of_noise_are_left_out) {
  auto words = line_of({{"Đoàn", 0, 80}, {"viên", 95, 70}});
  for (auto& noise : line_of({{"'ỤNGEIX", 0, 90, 31}, {"2S=", 100, 40, 22}}))
    words.push_back(noise);
  BOOST_TEST(text_of(without_noise(words)) == "Đoàn viên");
}

BOOST_AUTO_TEST_CASE(a_badly_read_line_of_vietnamese_is_kept) {
  const auto words = line_of({{"phát", 0, 80, 45}, {"ngôn", 95, 70, 45}, {"viên", 180, 70, 48}});
  BOOST_TEST(without_noise(words).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_doubtful_word_gives_way_to_a_sure_one_in_its_place) {
  const auto first = line_of({{"công", 0, 80}, {"doàn", 95, 80, 71}, {"viên", 190, 70, 70}});
  const auto second = line_of({{"cõng", 0, 80}, {"đoàn", 96, 79, 94}, {"viẻn", 300, 70, 95}});
  BOOST_TEST(text_of(with_better_words(first, second)) == "công đoàn viên");
}

BOOST_AUTO_TEST_CASE(what_is_no_syllable_replaces_none_that_is_nearly_as_sure) {
  const auto first = line_of({{"các", 0, 60, 84}});
  const auto second = line_of({{"vhác", 0, 60, 87}});
  BOOST_TEST(text_of(with_better_words(first, second)) == "các");
}

BOOST_AUTO_TEST_CASE(readings_are_compared_by_what_they_are_sure_of) {
  const auto sure = line_of({{"đoàn", 0, 60, 95}});
  auto more_noise = sure;
  more_noise.push_back({{"~~#~", 200, 0, 60, 40, 20}, Break::line});
  BOOST_TEST(sure_letters(sure) > sure_letters(more_noise));
  BOOST_TEST(mean_confidence({}) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

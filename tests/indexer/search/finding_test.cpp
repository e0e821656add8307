#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "archive.hpp"

namespace khochung::search {
namespace {
using Titles = std::vector<std::string>;
}

BOOST_AUTO_TEST_SUITE(finding)

BOOST_AUTO_TEST_CASE(words_without_marks_find_every_marking) {
  Archive archive;
  archive.put("a", "Công đoàn cơ sở chăm lo đời sống người lao động.");
  archive.put("b", "Con đường làng.");
  BOOST_TEST(archive.titles("cong doan") == Titles{"a"});
  BOOST_TEST(archive.titles("CONG DOAN CO SO") == Titles{"a"});
  BOOST_TEST(archive.titles("duong") == Titles{"b"});
}

BOOST_AUTO_TEST_CASE(many_who_look_at_everything_at_once_share_nothing) {
  Archive archive;
  archive.put("a", "Công đoàn cơ sở.");
  auto everything = Archive::request("");
  everything.with_facets = false;
  BOOST_TEST(archive.search(everything).total == 1);
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < 8; ++i) {
      people.emplace_back([&] {
        for (int n = 0; n < 3'000; ++n) {
          const auto answer = archive.searcher().search(everything, archive);
          if (!answer || answer->total != 1) ++wrong;
        }
      });
    }
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(words_with_marks_find_only_these_marks_while_there_is_enough) {
  Archive archive;
  for (int i = 0; i < 3; ++i) archive.put("đất", "Hợp đồng thuê đất đai.");
  archive.put("đạt", "Kết quả đạt được.");
  const auto answer = archive.search("đất");
  BOOST_TEST(answer.total == 3);
  BOOST_TEST(answer.notice.empty());
  BOOST_TEST(archive.search("dat").total == 4);
}

BOOST_AUTO_TEST_CASE(words_with_marks_that_find_too_little_find_other_marks_and_say_so) {
  Archive archive;
  archive.put("marked", "Thỏa ước lao động tập thể.");
  archive.put("plain", "Thoa uoc lao dong tap the.");
  const auto answer = archive.search("thỏa ước");
  BOOST_TEST(answer.total == 2);
  BOOST_TEST(answer.notice == "searched_without_marks");
  BOOST_TEST(archive.title(answer.hits.at(0).id) == "marked");
}

BOOST_AUTO_TEST_CASE(nfd_old_tone_placement_and_capitals_are_the_same_word) {
  Archive archive;
  archive.put("nfd",
              "ho\xCC\x80"  // decomposed ò
              "a gia\xCC\x89i tranh cha\xCC\x82\xCC\x81p");
  archive.put("old", "HOÀ GIẢI TRANH CHẤP");
  archive.put("new", "hòa giải tranh chấp");
  BOOST_TEST(archive.search("hoà giải").total == 3);
  BOOST_TEST(archive.search("hòa giải tranh chấp").total == 3);
  BOOST_TEST(archive.search("hoa giai tranh chap").total == 3);
}

BOOST_AUTO_TEST_CASE(a_query_with_half_of_its_marks_is_understood) {
  Archive archive;
  for (int i = 0; i < 60; ++i) archive.put("a", "Người lao động và công đoàn.");
  archive.put("b", "Bảo hiểm xã hội của người nước ngoài.");
  BOOST_TEST(archive.search("nguoi lao động").total == 60);
  BOOST_TEST(archive.titles("bao hiểm xa hội") == Titles{"b"});
}

BOOST_AUTO_TEST_CASE(of_a_half_marked_pair_the_marks_that_were_typed_count) {
  Archive archive;
  for (int i = 0; i < 60; ++i) archive.put("union", "Công đoàn cơ sở.");
  archive.put("drain", "Cống đoạn đầu kênh.");
  archive.put("train", "Cồng đoàn xe.");
  BOOST_TEST(archive.search("\"công doan\"").total == 60);
  BOOST_TEST(archive.search("\"cong đoàn\"").total == 61);
  BOOST_TEST(archive.search("\"cong doan\"").total == 62);
}

BOOST_AUTO_TEST_CASE(short_queries_ask_for_all_words_and_fall_back_to_some_with_a_notice) {
  Archive archive;
  archive.put("all", "Đoàn phí nộp hằng tháng.");
  archive.put("some", "Học phí nộp một lần.");
  BOOST_TEST(archive.titles("đoàn phí nộp") == Titles{"all"});
  const auto answer = archive.search("đoàn phí một lần");
  BOOST_TEST(answer.total > 0);
  BOOST_TEST(answer.notice == "searched_some_words");
}

BOOST_AUTO_TEST_CASE(phrases_are_found_as_they_stand_with_marks_and_without) {
  Archive archive;
  archive.put("phrase", "Kế hoạch an toàn vệ sinh lao động năm 2023.");
  archive.put("apart", "Vệ sinh an toàn; lao động vệ sinh; an toàn vệ sinh; sinh lao động.");
  for (const std::string query : {"\"an toàn vệ sinh lao động\"", "“an toan ve sinh lao dong”",
                                  "«an toàn vệ sinh lao động»"}) {
    const auto answer = archive.search(query);
    BOOST_TEST(answer.total == 1, query);
    BOOST_TEST(answer.total_is_exact);
    BOOST_TEST(archive.titles(query) == Titles{"phrase"});
  }
  BOOST_TEST(archive.titles("\"toàn an\"").empty());
  BOOST_TEST(archive.titles("\"năm 2023\"") == Titles{"phrase"});
}

BOOST_AUTO_TEST_CASE(a_dash_excludes_words_and_phrases) {
  Archive archive;
  archive.put("a", "Lương tối thiểu vùng một.");
  archive.put("b", "Lương hưu tối thiểu của người lao động.");
  BOOST_TEST(archive.titles("lương -hưu") == Titles{"a"});
  BOOST_TEST(archive.titles("luong -\"tối thiểu vùng\"") == Titles{"b"});
  BOOST_TEST(archive.search("-hưu").total == 1);
}

BOOST_AUTO_TEST_CASE(nothing_that_is_typed_is_an_error) {
  Archive archive;
  archive.put("a", "Công đoàn Việt Nam");
  for (const std::string query : {"\"", "-", "--", "\"\"", "-\"", "AND OR NOT", "(", "công*", "a:b",
                                  "\xFF\xFE", "title:", "“công", "- - -", "🙂", "\xE1\xBA"}) {
    const auto answer = archive.searcher().search(Archive::request(query), archive);
    BOOST_TEST(answer.has_value(), query);
  }
  BOOST_TEST(archive.search("“công đoàn").total == 1);
  BOOST_TEST(archive.search(std::string(100'000, 'a')).total == 0);
}

BOOST_AUTO_TEST_CASE(the_title_counts_for_more_than_the_text) {
  Archive archive;
  archive.put("Báo cáo", "Điều lệ có mười chương về tổ chức và hoạt động");
  archive.put("Điều lệ", "Văn bản có mười chương về tổ chức và hoạt động");
  BOOST_TEST(archive.titles("điều lệ").at(0) == "Điều lệ");
}

BOOST_AUTO_TEST_CASE(changed_materials_are_found_by_their_new_text_alone_and_removed_ones_not) {
  Archive archive;
  auto document = Archive::document("a", "bản thảo đầu tiên");
  archive.put(document);
  BOOST_TEST(archive.search("thảo").total == 1);
  document.page_texts = {"văn bản cuối cùng"};
  archive.put(document);
  BOOST_TEST(archive.search("thảo").total == 0);
  BOOST_TEST(archive.search("cuối cùng").total == 1);
  archive.remove(document.material.id);
  BOOST_TEST(archive.search("cuối cùng").total == 0);
}

BOOST_AUTO_TEST_CASE(concepts_filter_and_are_counted_as_lists) {
  Archive archive;
  const auto put = [&](const std::string& title, const char* themes, const char* channels) {
    auto document = Archive::document(title, "Công đoàn cơ sở.");
    document.material.theme = themes;
    document.material.channel = channels;
    archive.put(document);
  };
  put("a", "safety;values", "radio");
  put("b", "safety", "");
  put("c", "", "");
  auto asked = Archive::request("cong doan");
  asked.concepts[0] = {"values", "no_such"};
  BOOST_TEST(archive.search(asked).total == 1);
  asked.concepts[0] = {"safety", "values"};
  BOOST_TEST(archive.search(asked).total == 2);
  asked.concepts[2] = {"radio"};
  BOOST_TEST(archive.search(asked).total == 1);
  asked.concepts[2] = {"safety"};
  BOOST_TEST(archive.search(asked).total == 0);
  for (const auto& facet : archive.search("cong doan").facets) {
    if (facet.field == "theme") {
      BOOST_TEST_REQUIRE(facet.values.size() == 2U);
      BOOST_TEST(facet.values[0].value == "safety");
      BOOST_TEST(facet.values[1].value == "safety;values");
    }
    if (facet.field == "audience") BOOST_TEST(facet.values.empty());
    if (facet.field == "media_type") BOOST_TEST(facet.values.size() <= 1U);
  }
}

BOOST_AUTO_TEST_CASE(the_page_of_the_best_place_is_told) {
  Archive archive;
  auto document = Archive::document("a", "");
  document.page_texts = {"Mục lục", "Chương một nói về lương", "Chương hai nói về tiền thưởng"};
  archive.put(document);
  BOOST_TEST(archive.search("tiền thưởng").hits.at(0).page == 3);
  BOOST_TEST(archive.search("luong").hits.at(0).page == 2);
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_held_is_told_from_one_that_the_disk_refuses) {
  Archive archive;
  archive.put("a", "Công đoàn Việt Nam");
  BOOST_TEST((index::Index::open(archive.folder()).error().code == ErrorCode::locked));
  archive.close_index();
  const auto lock = archive.folder() / "g000001/flintlock";
  std::filesystem::remove(lock);
  std::filesystem::create_directory(lock);
  BOOST_TEST((index::Index::open(archive.folder()).error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::search

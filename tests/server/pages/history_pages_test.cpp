#include "server/pages/history_pages.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "samples.hpp"
#include "server/pages/changes.hpp"
#include "server/pages/preservation_page.hpp"

namespace khochung::pages {
namespace {

constexpr auto vietnamese = Language::vietnamese;

bool has(std::string_view html, std::string_view part) {
  return html.find(part) != std::string_view::npos;
}

std::size_t count_of(std::string_view html, std::string_view part) {
  std::size_t count = 0;
  for (auto at = html.find(part); at != std::string_view::npos; at = html.find(part, at + 1))
    ++count;
  return count;
}

const boost::json::value& material_at(const boost::json::value& history, std::size_t index) {
  return history.as_array()[index].as_object().at("material");
}

/// "label: was > is" a line.
std::string lines_of(const boost::json::array& changes) {
  std::string lines;
  for (const auto& change : changes) {
    const auto& row = change.as_object();
    const auto word = [&](const char* name) { return std::string(row.at(name).as_string()); };
    lines += word("label") + ": " + word("was") + " > " + word("is") + "\n";
  }
  return lines;
}

boost::json::value status_with(std::string_view name, const boost::json::value& value) {
  auto status = sample("preservation");
  status.as_object()[name] = value;
  return status;
}

std::string preservation_html(const boost::json::value& status) {
  return preservation_page(sample_context(vietnamese), status, sample_now());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(history_pages)

BOOST_AUTO_TEST_CASE(changes_are_told_field_by_field_in_words) {
  const auto history = sample("history");
  BOOST_TEST(
      lines_of(changes_between(material_at(history, 0), material_at(history, 1), vietnamese)) ==
      "Tên tư liệu: Thông bao > Thông báo về người phát ngôn\n"
      "Ngày:  > 28/08/2020\n"
      "Trạng thái: Bản nháp > Đã công bố\n"
      "Tệp: to-1.jpg\u00a0· 812 KB\u00a0· ba7816bf > to-1.jpg\u00a0· 790 KB\u00a0· "
      "cf83e135\n");
  BOOST_TEST(changes_between(material_at(history, 1), material_at(history, 1), vietnamese).empty());
}

BOOST_AUTO_TEST_CASE(a_unit_is_compared_by_what_it_is_and_told_by_its_name) {
  const auto was = boost::json::parse(R"({"unit":{"id":"1","code":"a","name_vi":"Đơn vị A"}})");
  const auto renamed = boost::json::parse(R"({"unit":{"id":"1","code":"a","name_vi":"Tên mới"}})");
  const auto is = boost::json::parse(R"({"unit":{"id":"2","code":"b","name_vi":"Đơn vị B"}})");
  BOOST_TEST(changes_between(was, renamed, vietnamese).empty());
  BOOST_TEST(lines_of(changes_between(was, is, vietnamese)) == "Đơn vị: Đơn vị A > Đơn vị B\n");
}

BOOST_AUTO_TEST_CASE(the_newest_revision_and_one_of_a_deleted_state_cannot_be_restored) {
  const History history{{"1", "Thông báo", 3}, sample("history"), true, ""};
  const auto html = history_page(sample_context(vietnamese), history);
  BOOST_TEST(count_of(html, "/restore\"") == 2U);
  BOOST_TEST(has(html, "action=\"/m/1/history/1/restore\""));
  BOOST_TEST(has(html, "action=\"/m/1/history/2/restore\""));
  BOOST_TEST(count_of(html, "name=\"revision\" value=\"3\"") == 2U);
  BOOST_TEST(html.find("Bản 3") < html.find("Bản 1"));
}

BOOST_AUTO_TEST_CASE(who_may_not_edit_sees_when_and_why_and_nothing_else) {
  const History history{
      {"1", "Thông báo", 1},
      boost::json::parse(R"([{"revision":1,"at":"2026-11-20T03:10:00Z","why":"Nạp vào kho"}])"),
      false,
      ""};
  const auto html = history_page(sample_context(vietnamese), history);
  BOOST_TEST(has(html, "20/11/2026 10:10"));
  BOOST_TEST(has(html, "Nạp vào kho"));
  BOOST_TEST(!has(html, "/m/1/history/1"));
  BOOST_TEST(!has(html, "<dl class=\"changes\">"));
}

BOOST_AUTO_TEST_CASE(a_conflict_keeps_what_was_typed_and_tells_what_the_other_changed) {
  const auto history = sample("history");
  RemovalView view{{"1", "Thông báo", 2}, "", "", {}};
  view.sent = {"duplicate", "số 12 \"cũ\"", "Có người vừa lưu.", history.as_array()[0],
               history.as_array()[1]};
  const auto html = removal_page(sample_context(vietnamese), view);
  BOOST_TEST(has(html, "value=\"duplicate\" checked"));
  BOOST_TEST(has(html, "value=\"số 12 &quot;cũ&quot;\""));
  BOOST_TEST(has(html, "Có người vừa lưu."));
  BOOST_TEST(has(html, "Thông báo về người phát ngôn"));
  BOOST_TEST(has(html, "name=\"revision\" value=\"2\""));
}

BOOST_AUTO_TEST_CASE(what_is_held_offers_no_form_to_delete_it) {
  const auto html =
      removal_page(sample_context(vietnamese), {{"1", "Thông báo", 2}, "", "Đang thanh tra", {}});
  BOOST_TEST(has(html, "Đang thanh tra"));
  BOOST_TEST(!has(html, "action=\"/m/1/delete\""));
}

BOOST_AUTO_TEST_CASE(a_reason_is_the_common_one_or_their_own_words_or_both) {
  BOOST_TEST(reason_text("by_mistake", "", vietnamese) == "Nạp nhầm");
  BOOST_TEST(reason_text("by_mistake", "hộp 3", vietnamese) == "Nạp nhầm: hộp 3");
  BOOST_TEST(reason_text("", "hộp 3", vietnamese) == "hộp 3");
  BOOST_TEST(reason_text("no such key", "", vietnamese) == "");
}

BOOST_AUTO_TEST_CASE(the_picture_of_the_store_has_256_slices_as_far_as_they_were_read) {
  const auto html = preservation_html(sample("preservation"));
  BOOST_TEST(count_of(html, "rx=\"3\"") == 256U);
  BOOST_TEST(count_of(html, "class=\"done\"") == 97U);
  BOOST_TEST(count_of(html, "class=\"next\"") == 1U);
  BOOST_TEST(has(html, "còn nguyên vẹn"));
  BOOST_TEST(!has(html, "role=\"alert\""));
}

BOOST_AUTO_TEST_CASE(damage_is_said_first_and_loud_with_what_to_do) {
  const auto html = preservation_html(
      status_with("bad_blobs", boost::json::parse(
                                   R"([{"sha256":"ba7816bf","size_bytes":812000,"state":"missing",
                            "checked_at":"2026-11-26T01:00:00Z"}])")));
  BOOST_TEST(has(html, "role=\"alert\""));
  BOOST_TEST(has(html, "1 tệp trong kho bị hỏng hoặc mất"));
  BOOST_TEST(has(html, "ba7816bf"));
  BOOST_TEST(has(html, "khochung verify"));
  BOOST_TEST(!has(html, "còn nguyên vẹn"));
}

BOOST_AUTO_TEST_CASE(a_backup_that_is_old_or_was_never_made_asks_to_be_looked_at) {
  BOOST_TEST(count_of(preservation_html(sample("preservation")), "class=\"look\"") == 0U);
  for (const auto& backup :
       {boost::json::value(), boost::json::parse(R"({"at":"2026-11-20T01:00:00Z"})")})
    BOOST_TEST(count_of(preservation_html(status_with("last_backup", backup)), "class=\"look\"") ==
               1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pages

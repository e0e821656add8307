#include "server/pages/pages.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "samples.hpp"
#include "server/pages/highlight.hpp"
#include "server/pages/hit_boxes.hpp"
#include "server/pages/kit_page.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/unit_pages.hpp"
#include "server/web/assets.hpp"

namespace khochung::pages {
namespace {

constexpr std::array both_languages{Language::vietnamese, Language::english};
constexpr std::string_view hostile =
    R"(x"'><script>alert(1)</script><img src=x onerror=y>{{csrf}})";

/// Puts the hostile text into every string that a person or a file could have given.
void poison(boost::json::value& value) {
  constexpr std::array given_by_people{
      "title",    "description", "number",       "issuer",     "signer",     "credit",
      "terms",    "notice",      "name",         "name_vi",    "name_en",    "level",
      "snippet",  "path",        "message",      "theme",      "label",      "kind",
      "language", "creator",     "did_you_mean", "media_type", "visibility", "id",
      "value",    "why",         "by",           "hold",       "sha256",     "from",
      "text",     "speaker",     "caption",      "release",    "contact",    "note"};
  if (auto* array = value.if_array()) {
    for (auto& item : *array) poison(item);
  }
  auto* object = value.if_object();
  if (object == nullptr) return;
  for (auto& member : *object) {
    const bool is_given = std::ranges::find(given_by_people, member.key()) != given_by_people.end();
    if (is_given && member.value().is_string()) {
      member.value() = std::string(hostile);
    } else {
      poison(member.value());
    }
  }
}

/// The name of the tag that begins `tag` ("<a href…" gives "a").
std::string_view tag_name(std::string_view tag) {
  const auto name = tag.substr(tag.starts_with("</") ? 2 : 1);
  return name.substr(0, name.find_first_of(" />\n"));
}

/// What is wrong with the nesting of elements; empty when it is right.
std::string nesting_fault(std::string_view html) {
  constexpr std::array void_elements{"!DOCTYPE", "meta", "link", "input", "img", "br"};
  std::vector<std::string> open;
  for (auto at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const auto tag = html.substr(at, html.find('>', at) + 1 - at);
    const auto name = tag_name(tag);
    if (std::ranges::find(void_elements, name) != void_elements.end() || tag.ends_with("/>"))
      continue;
    if (!tag.starts_with("</")) {
      open.emplace_back(name);
    } else if (open.empty() || open.back() != name) {
      return "closes " + std::string(name) + " in " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "leaves open " + open.back();
}

bool has(std::string_view html, std::string_view part) {
  return html.find(part) != std::string_view::npos;
}

/// Keys that templates ask for: "[[key]]".
std::vector<std::string> keys_in_templates() {
  std::vector<std::string> keys;
  for (const auto& asset : web::assets()) {
    if (!asset.name.starts_with("templates/")) continue;
    auto rest = asset.bytes;
    for (auto at = rest.find("[["); at != std::string_view::npos; at = rest.find("[[")) {
      const auto end = rest.find("]]", at);
      const auto key = rest.substr(at + 2, end - at - 2);
      if (!key.starts_with('>')) keys.emplace_back(key);
      rest.remove_prefix(end);
    }
  }
  return keys;
}

/// The names in braces of a text, sorted.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    names.emplace_back(text.substr(at, text.find('}', at) - at));
  }
  std::ranges::sort(names);
  return names;
}

boost::json::value with(boost::json::value material, std::string_view name,
                        std::string_view value) {
  material.as_object()[name] = value;
  return material;
}

std::string material_html(const boost::json::value& material) {
  return material_page(sample_context(Language::vietnamese), material, sample_view());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(every_page_is_one_whole_document_in_both_languages) {
  for (const auto language : both_languages) {
    for (const auto& [name, html] : all_pages(language)) {
      BOOST_TEST_CONTEXT(name) {
        BOOST_TEST(html.starts_with("<!DOCTYPE html>"));
        BOOST_TEST(has(
            html, language == Language::vietnamese ? "<html lang=\"vi\">" : "<html lang=\"en\">"));
        BOOST_TEST(has(html, "<h1>"));
        BOOST_TEST(nesting_fault(html) == "");
        BOOST_TEST(!has(html, "{{"));
        BOOST_TEST(!has(html, "[["));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_people_gave_never_becomes_markup) {
  for (const auto language : both_languages) {
    for (const auto& [name, html] : all_pages(language, poison)) {
      BOOST_TEST_CONTEXT(name) {
        BOOST_TEST(!has(html, "<script>"));
        BOOST_TEST(!has(html, "<img src=x"));
        BOOST_TEST(!has(html, "x\"'><"));
        BOOST_TEST(nesting_fault(html) == "");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_address_says_never_becomes_markup) {
  auto context = sample_context(Language::vietnamese);
  context.path_and_query = "/search?q=" + std::string(hostile);
  context.user_name = hostile;
  context.request_id = hostile;
  SearchParameters parameters;
  parameters.q = hostile;
  parameters.unit = hostile;
  parameters.sort = hostile;
  MaterialView view = sample_view();
  view.query = hostile;
  for (const auto& html : {search_page(context, parameters, sample("search")),
                           search_page(context, parameters, sample("empty_search")),
                           material_page(context, sample("material"), view),
                           sign_in_page(context, {std::string(hostile), std::string(hostile), ""}),
                           error_page(context, 404, hostile)}) {
    BOOST_TEST(!has(html, "<script>"));
    BOOST_TEST(!has(html, "<img src=x"));
    BOOST_TEST(nesting_fault(html) == "");
  }
}

BOOST_AUTO_TEST_CASE(a_snippet_may_mark_and_nothing_else) {
  BOOST_TEST(with_marks_only("a <mark>b</mark> &lt;i&gt; <i>c</i> <mark onclick=x>") ==
             "a <mark>b</mark> &lt;i&gt; &lt;i>c&lt;/i> &lt;mark onclick=x>");
}

BOOST_AUTO_TEST_CASE(both_languages_have_the_same_texts_with_the_same_gaps) {
  const auto vietnamese = texts(Language::vietnamese);
  const auto english = texts(Language::english);
  BOOST_TEST(vietnamese.size() == english.size());
  for (const auto& entry : vietnamese) {
    BOOST_TEST_CONTEXT(entry.key) {
      BOOST_TEST(has_text(entry.key));
      BOOST_TEST(names_in(entry.value) == names_in(text(Language::english, entry.key)),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(templates_ask_only_for_texts_that_there_are) {
  const auto keys = keys_in_templates();
  BOOST_TEST(keys.size() > 50U);
  for (const auto& key : keys) BOOST_TEST(has_text(key), key);
}

BOOST_AUTO_TEST_CASE(no_page_shows_the_key_of_a_text) {
  for (const auto language : both_languages) {
    for (const auto& [name, html] : all_pages(language)) {
      for (const auto* prefix :
           {">search.", ">material.", ">batch.", ">upload.", ">facet.", ">front.", ">history.",
            ">change.", ">remove.", ">hold.", ">preservation.", ">kit.", ">feed.", "\"feed.",
            "\"card.", ">embed."}) {
        BOOST_TEST(!has(html, prefix), name << " shows " << prefix);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(only_public_published_materials_unfold_in_link_previews) {
  const auto material = sample("material");
  const auto shown = material_html(material);
  BOOST_TEST(has(shown, "<meta property=\"og:title\" content=\"Chương trình"));
  BOOST_TEST(has(shown, "<link rel=\"canonical\" href=\"https://kho.example.vn/m/"));
  BOOST_TEST(has(shown, "<meta property=\"og:image\" content=\"https://kho.example.vn/api/"));
  for (const auto& hidden :
       {with(material, "visibility", "union"), with(material, "state", "draft"),
        with(material, "embargo_until", "2030-01-01T00:00:00Z")}) {
    const auto html = material_html(hidden);
    BOOST_TEST(has(html, "<meta property=\"og:title\" content=\"Kho mẫu\">"));
    BOOST_TEST(!has(html, "og:image"));
    BOOST_TEST(!has(html, "og:description"));
    BOOST_TEST(!has(html, "canonical"));
    BOOST_TEST(has(html, "noindex"));
  }
}

BOOST_AUTO_TEST_CASE(nothing_in_a_title_ends_the_data_for_search_engines) {
  const auto html = material_html(with(sample("material"), "title", hostile));
  const auto begin = html.find("<script type=\"application/ld+json\">");
  BOOST_TEST_REQUIRE(begin != std::string::npos);
  const auto data = html.substr(begin, html.find("</script>", begin) - begin);
  BOOST_TEST(has(data, "\\u003cscript\\u003ealert(1)"));
  BOOST_TEST(!has(html, "<script>alert(1)"));
  BOOST_TEST(has(data, "\"usageInfo\""));
}

BOOST_AUTO_TEST_CASE(a_frame_for_other_sites_leads_here_and_has_no_script) {
  for (const auto language : both_languages) {
    const auto context = sample_context(language);
    const auto html =
        embedded_page(context, with(sample("material"), "title", hostile), sample_view());
    BOOST_TEST(nesting_fault(html) == "");
    BOOST_TEST(!has(html, "<script"));
    BOOST_TEST(!has(html, "<img src=x"));
    BOOST_TEST(has(html, "href=\"https://kho.example.vn/m/"));
    BOOST_TEST(has(html, "target=\"_blank\" rel=\"noopener\""));
    BOOST_TEST(has(html, "/pages/1/image?width=840\" width=\"840\" height=\"1188\""));
    const auto kit = embedded_page(context, sample("kit"), MaterialView{});
    BOOST_TEST(has(kit, "href=\"https://kho.example.vn/kit/"));
    const auto none = embedded_error(context, text(language, "embed.none"));
    BOOST_TEST(nesting_fault(none) == "");
    BOOST_TEST(!has(none, "href="));
  }
  BOOST_TEST(has(embed_security_policy(), "frame-ancestors *"));
  BOOST_TEST(!has(embed_security_policy(), "script-src"));
}

BOOST_AUTO_TEST_CASE(a_link_preview_quotes_no_more_than_it_shows_and_only_whole_letters) {
  std::string description = "a";
  for (int i = 0; i < 500; ++i) description += "ữ";
  const auto html = material_html(with(sample("material"), "description", description));
  const auto begin = html.find("og:description\" content=\"") + 25;
  const auto said = html.substr(begin, html.find('"', begin) - begin);
  BOOST_TEST(said.size() <= 403U);
  BOOST_TEST(said.ends_with("ữ…"));
}

BOOST_AUTO_TEST_CASE(a_press_kit_says_what_was_corrected_and_what_its_download_weighs) {
  const auto html = kit_page(sample_context(Language::vietnamese), sample("kit"), sample_now());
  BOOST_TEST(has(html, "Bản 2, công bố lúc 29/04/2026 15:30, đính chính: Lễ phát động dời"));
  BOOST_TEST(has(html, "ZIP\u00a0· 9 tệp\u00a0· 4,4 MB"));
  BOOST_TEST(has(html, "href=\"/kits/0193a4c2-7700-7000-8000-000000000077.zip\" download"));
  BOOST_TEST(has(html, "Ảnh (2)"));
  BOOST_TEST(has(html, "<meta property=\"og:title\" content=\"Tháng Công nhân năm 2026\">"));
}

BOOST_AUTO_TEST_CASE(a_press_kit_under_embargo_says_so_and_does_not_unfold_in_link_previews) {
  const auto kit = with(sample("kit"), "embargo_until", "2026-12-01T01:00:00Z");
  const auto before = kit_page(sample_context(Language::vietnamese), kit, sample_now());
  BOOST_TEST(has(before, "Cấm công bố đến 01/12/2026 08:00."));
  BOOST_TEST(has(before, "<meta property=\"og:title\" content=\"Kho mẫu\">"));
  const auto lifted = *instant_from_rfc3339("2026-12-01T01:00:00Z");
  const auto after = kit_page(sample_context(Language::vietnamese), kit, lifted);
  BOOST_TEST(!has(after, "Cấm công bố"));
  BOOST_TEST(has(after, "og:description"));
}

BOOST_AUTO_TEST_CASE(a_link_preview_says_how_large_its_picture_is) {
  const auto html = material_html(sample("material"));
  BOOST_TEST(has(html, "<meta property=\"og:image:width\" content=\"1200\">"));
  BOOST_TEST(has(html, "<meta property=\"og:image:height\" content=\"1697\">"));
}

BOOST_AUTO_TEST_CASE(without_a_script_the_link_stands_there_to_be_copied) {
  const auto material = sample("material");
  const auto html = material_html(material);
  const auto by_hand = html.substr(html.find("<noscript>"));
  BOOST_TEST(has(by_hand.substr(0, by_hand.find("</noscript>")), "https://kho.example.vn/m/"));
}

BOOST_AUTO_TEST_CASE(reasons_that_the_archive_gives_are_in_the_language_of_the_page) {
  auto view = sample_view();
  view.revisions = boost::json::parse(
      R"([{"revision":2,"at":"2026-11-20T03:10:00Z","why":"Đọc từ các trang"},
          {"revision":1,"at":"2026-11-19T08:00:00Z","why":"Thay bản quét mờ"}])");
  const auto in = [&](Language language) {
    return material_page(sample_context(language), sample("material"), view);
  };
  BOOST_TEST(has(in(Language::english), ">Read from the pages<"));
  BOOST_TEST(has(in(Language::english), ">Thay bản quét mờ<"));
  BOOST_TEST(has(in(Language::vietnamese), ">Đọc từ các trang<"));
}

BOOST_AUTO_TEST_CASE(of_loose_sheets_the_download_says_that_it_is_one_of_them) {
  auto material = sample("photo");
  auto& files = material.as_object()["files"].as_array();
  auto second = files.front();
  second.as_object()["name"] = "to-2.jpg";
  files.push_back(second);
  BOOST_TEST(has(material_html(material), "<span>Tờ 1/2\u00a0· Ảnh"));
  BOOST_TEST(!has(material_html(sample("photo")), "<span>Tờ 1/"));
}

BOOST_AUTO_TEST_CASE(without_a_picture_a_text_shows_how_it_begins_and_a_sound_its_sign) {
  const auto html = search_page(sample_context(Language::vietnamese), {}, sample("search"));
  BOOST_TEST(has(html, "<span class=\"leaf\" aria-hidden=\"true\">Đơn vị\tĐoàn viên\nCông đoàn"));
  BOOST_TEST(has(html, "<span class=\"blank\" aria-hidden=\"true\"><i>\u266a</i>MP3</span>"));
}

BOOST_AUTO_TEST_CASE(a_receipt_says_of_each_file_its_number_or_that_it_was_not_taken_in) {
  const auto html = batch_page(sample_context(Language::vietnamese), sample("batch"));
  BOOST_TEST(has(html, "Mã tư liệu: <code>0193a4c2-7700-7000-8000-000000000003</code>"));
  BOOST_TEST(has(html, "<tr class=\"is-refused\">"));
  BOOST_TEST(has(html, "<b class=\"state\">Chưa nhận</b>"));
  BOOST_TEST(!has(html, "0 byte"));
}

BOOST_AUTO_TEST_CASE(a_verdict_counts_only_what_was_kept_as_received) {
  auto batch = boost::json::parse(
      R"({"items":[{"path":"a","state":"done","id":"1"},{"path":"b","state":"failed","id":null}]})");
  const auto verdict = [&] { return batch_page(sample_context(Language::vietnamese), batch); };
  BOOST_TEST(has(verdict(), "Đã nhận 1/2 tệp. 1 tệp chưa nhận được, lý do ở từng dòng."));
  batch.as_object()["items"].as_array()[1].as_object()["id"] = "2";
  BOOST_TEST(has(verdict(), "Đã nhận đủ 2/2 tệp. 1 tệp chưa đọc được, lý do ở từng dòng."));
}

BOOST_AUTO_TEST_CASE(a_receipt_lists_files_as_people_number_them) {
  const auto html =
      batch_page(sample_context(Language::vietnamese),
                 boost::json::parse(
                     R"({"items":[{"path":"Tờ 10.jpg"},{"path":"tờ 2.jpg"},{"path":"Tờ 01.jpg"},
                       {"path":"anh.jpg"}]})"));
  BOOST_TEST(html.find("anh.jpg") < html.find("Tờ 01.jpg"));
  BOOST_TEST(html.find("Tờ 01.jpg") < html.find("tờ 2.jpg"));
  BOOST_TEST(html.find("tờ 2.jpg") < html.find("Tờ 10.jpg"));
}

BOOST_AUTO_TEST_CASE(units_say_their_level_in_words_and_how_much_their_branch_holds) {
  const auto units = boost::json::parse(
      R"([{"id":"1","code":"cdcs-mau","name_vi":"Công đoàn cơ sở mẫu","level":"co_so"}])");
  const auto all = boost::json::parse(R"({"facets":{"unit":[{"value":"cdcs-mau","count":1200}]}})");
  const auto html = units_page(sample_context(Language::vietnamese), units, all);
  BOOST_TEST(has(html, "<small>cấp cơ sở</small>"));
  BOOST_TEST(has(html, "<small>1.200 tư liệu</small>"));
}

BOOST_AUTO_TEST_CASE(a_decision_about_units_is_shown_before_it_is_made_and_keeps_what_was_typed) {
  const auto context = sample_context(Language::vietnamese);
  const UnitDecision typed{"close", "ldld-<b>", "", "2025-07-01", "Nghị quyết \"A\""};
  const auto refused = unit_decision_page(context, typed, {}, "Không có đơn vị này.");
  BOOST_TEST(has(refused, "role=\"alert\""));
  BOOST_TEST(has(refused, "value=\"close\" checked"));
  BOOST_TEST(has(refused, "ldld-&lt;b&gt;"));
  BOOST_TEST(!has(refused, "name=\"confirmed\""));
  DecisionPreview preview;
  preview.units =
      boost::json::parse(R"([{"name_vi":"Liên đoàn cũ","valid_to":"2025-06-30"}])").as_array();
  preview.beneath = 1'250;
  const auto shown = unit_decision_page(context, typed, preview, {});
  BOOST_TEST(has(shown, "1 đơn vị, cùng 1.250 đơn vị bên dưới"));
  BOOST_TEST(has(shown, "đến 30/06/2025"));
  BOOST_TEST(has(shown, "name=\"confirmed\" value=\"1\""));
  BOOST_TEST(nesting_fault(shown) == "");
}

BOOST_AUTO_TEST_CASE(who_holds_a_session_is_not_offered_to_sign_in_on_an_error_page) {
  auto context = sample_context(Language::vietnamese);
  BOOST_TEST(has(error_page(context, 403, "…"), "/sign-in"));
  context.has_session = true;
  BOOST_TEST(!has(error_page(context, 403, "…"), "/sign-in"));
}

BOOST_AUTO_TEST_CASE(words_of_a_hit_on_one_line_share_a_box) {
  const auto word = [](int x, int y) { return storage::PageWord{"chữ", x, y, 80, 30}; };
  // "nắng nóng" on a line a little askew, again over a line break, and once more far to the right.
  const std::vector<storage::PageWord> words{word(100, 100), word(190, 106), word(900, 200),
                                             word(100, 250), word(700, 250), word(790, 250)};
  const auto boxes = boxes_around(words, {0, 1, 2, 3, 4, 5});
  BOOST_REQUIRE(boxes.size() == 4U);
  BOOST_TEST(boxes[0].x == 100);
  BOOST_TEST(boxes[0].y == 100);
  BOOST_TEST(boxes[0].w == 170);
  BOOST_TEST(boxes[0].h == 36);
  BOOST_TEST(boxes[3].x == 700);
  BOOST_TEST(boxes_around(words, {0, 2}).size() == 2U);
  BOOST_TEST(boxes_around(words, {}).empty());
}

BOOST_AUTO_TEST_CASE(hits_are_boxed_on_the_page_picture_in_its_own_pixels) {
  const auto html = material_html(sample("material"));
  BOOST_TEST(has(html, "viewBox=\"0 0 1654 2339\""));
  BOOST_TEST(has(html, "width=\"1654\" height=\"2339\""));
  BOOST_TEST(has(html, "<rect class=\"box\""));
}

BOOST_AUTO_TEST_CASE(the_download_says_its_format_and_size) {
  const auto html = material_html(sample("material"));
  BOOST_TEST(has(html, "<b>Tải về</b><span>PDF\u00a0· 2,4 MB</span>"));
  BOOST_TEST(has(html, "<b>Bản nhẹ</b><span>1.600 px · 310 KB</span>"));
  BOOST_TEST(has(html, "Mọi người đều xem được."));
}

BOOST_AUTO_TEST_CASE(forms_send_the_token_before_anything_else) {
  auto context = sample_context(Language::vietnamese);
  context.may_upload = true;
  const auto html = upload_page(context, sample("units"), boost::json::array(), {});
  const auto form = html.substr(html.find("action=\"/upload\""));
  BOOST_TEST(form.find("name=\"csrf\"") < form.find("name=\"file\""));
  BOOST_TEST(has(form, "enctype=\"multipart/form-data\""));
}

BOOST_AUTO_TEST_CASE(no_page_needs_what_the_policy_forbids) {
  for (const auto& [name, html] : all_pages(Language::vietnamese)) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(!has(html, " style="));
      BOOST_TEST(!has(html, " onclick="));
      BOOST_TEST(!has(html, "<script>"));
      BOOST_TEST(!has(html, "http://"));
    }
  }
}

BOOST_AUTO_TEST_CASE(style_and_script_stay_small) {
  BOOST_TEST(web::asset("style.css").bytes.size() <= 10'000U);
  BOOST_TEST(web::asset("app.js").bytes.size() <= 15'000U);
}

BOOST_AUTO_TEST_CASE(an_asset_is_found_by_its_address_and_templates_are_not) {
  const auto address = web::address_of(web::asset("app.js"));
  BOOST_TEST(address.starts_with("/assets/"));
  BOOST_TEST(web::asset_at(address.substr(8)) == &web::asset("app.js"));
  BOOST_TEST(web::asset_at("app.js") == nullptr);
  BOOST_TEST(web::asset_at("") == nullptr);
  for (const auto& asset : web::assets()) {
    if (!asset.name.starts_with("templates/")) continue;
    BOOST_TEST(web::asset_at(web::address_of(asset).substr(8)) == nullptr);
  }
}

BOOST_AUTO_TEST_CASE(addresses_keep_the_state_of_a_search_and_encode_it) {
  SearchParameters parameters;
  BOOST_TEST(search_address(parameters) == "/search");
  parameters.q = "số 01/CTr & khác";
  parameters.kind = "quyet_dinh";
  parameters.offset = 20;
  BOOST_TEST(search_address(parameters) ==
             "/search?q=s%E1%BB%91%2001%2FCTr%20%26%20kh%C3%A1c&kind=quyet_dinh&offset=20");
  BOOST_TEST(material_address("7", "a b", 3) == "/m/7?q=a%20b&page=3");
  BOOST_TEST(material_address("7", "", 1) == "/m/7");
  BOOST_TEST(file_address("7", "Kế hoạch.pdf") ==
             "/api/v1/materials/7/files/K%E1%BA%BF%20ho%E1%BA%A1ch.pdf");
}

BOOST_AUTO_TEST_CASE(the_language_switch_stays_on_the_page) {
  auto context = sample_context(Language::vietnamese);
  context.path_and_query = "/search?q=a&lang=vi&page=2";
  BOOST_TEST(other_language_address(context) == "/search?q=a&page=2&lang=en");
  context.language = Language::english;
  context.path_and_query = "/";
  BOOST_TEST(other_language_address(context) == "/?lang=vi");
}

BOOST_AUTO_TEST_CASE(words_are_marked_with_marks_without_and_decomposed) {
  const std::string plain = "Người phát ngôn <phát> của công đoàn";
  const std::string marked = "Người <mark>phát ngôn</mark> &lt;phát&gt; của công đoàn";
  BOOST_TEST(highlighted(plain, "phat ngon") == marked);
  BOOST_TEST(highlighted(plain, "phát ngôn") == marked);
  BOOST_TEST(highlighted(plain, "pha\u0301t ngo\u0302n") == marked);
  BOOST_TEST(highlighted("cong đoàn, Công Đoàn", "công đoàn") ==
             "cong đoàn, <mark>Công Đoàn</mark>");
  BOOST_TEST(highlighted("phát\nngôn", "phat ngon") == "<mark>phát</mark>\n<mark>ngôn</mark>");
  BOOST_TEST(highlighted("báo và chí", "báo chí") == "<mark>báo</mark> và <mark>chí</mark>");
  BOOST_TEST(highlighted("a & b", "") == "a &amp; b");
}

BOOST_AUTO_TEST_CASE(pages_with_the_words_are_those_where_they_stand_together) {
  const std::vector<std::string> texts{"báo và chí", "Người phát ngôn báo chí", "BÁO CHÍ", "không"};
  BOOST_TEST(pages_with(texts, "bao chi") == (std::vector{2, 3}), boost::test_tools::per_element());
  BOOST_TEST(pages_with(texts, "người") == (std::vector{2}), boost::test_tools::per_element());
  BOOST_TEST(pages_with(texts, "chí báo") == (std::vector{1, 2, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(pages_with(texts, "").empty());
}

BOOST_AUTO_TEST_CASE(a_strange_answer_still_gives_a_page) {
  const auto context = sample_context(Language::vietnamese);
  for (const auto* answer : {"null", "[]", "{}", R"({"hits":7,"facets":[]})", R"({"hits":[{}]})",
                             R"({"items":[{}],"files":[{}],"units":[{"id":"a","parent":"a"}]})"}) {
    const auto value = boost::json::parse(answer);
    for (const auto& html : {front_page(context, value, value), search_page(context, {}, value),
                             material_page(context, value, {}), withdrawn_page(context, value),
                             batch_page(context, value), units_page(context, value, value),
                             upload_page(context, value, value, {})}) {
      BOOST_TEST(nesting_fault(html) == "");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pages

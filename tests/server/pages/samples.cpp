#include "samples.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "server/pages/history_pages.hpp"
#include "server/pages/kit_page.hpp"
#include "server/pages/preservation_page.hpp"
#include "server/pages/unit_pages.hpp"

namespace khochung::pages {
namespace {

std::filesystem::path source_folder() {
  const char* given = std::getenv("KHOCHUNG_SOURCE_DIR");
  return given == nullptr ? std::filesystem::current_path() : std::filesystem::path(given);
}

}  // namespace

boost::json::value sample(const std::string& name) {
  std::ifstream file(source_folder() / "tests/server/pages/samples" / (name + ".json"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return boost::json::parse(text);
}

PageContext sample_context(Language language) {
  PageContext context;
  context.language = language;
  context.csrf_token = "b7f3c1d09a";
  context.request_id = "0193a4c2-77";
  context.site_name = language == Language::vietnamese ? "Kho mẫu" : "Sample archive";
  context.origin = "https://kho.example.vn";
  return context;
}

Instant sample_now() {
  return *instant_from_rfc3339("2026-11-27T03:00:00Z");
}

MaterialView sample_view() {
  MaterialView view;
  view.query = "phat ngon";
  view.page = 2;
  view.hit_pages = {2, 5};
  view.page_width = 1654;
  view.page_height = 2339;
  view.boxes = {{356, 434, 190, 40}, {786, 762, 190, 40}, {356, 1224, 190, 40}};
  view.page_text =
      "3. Người phát ngôn\n\nMỗi cấp công đoàn cử một người phát ngôn và thông báo tên, chức vụ, "
      "số "
      "điện thoại cho cơ quan báo chí.\n\nViệc phát ngôn thực hiện đúng quy chế, kịp thời, chính "
      "xác.\n\n4. Tổ chức thực hiện";
  view.is_machine_read = true;
  view.revisions = boost::json::parse(
      R"([{"revision":2,"at":"2026-11-20T03:10:00Z","by":"vanthu","why":"Sửa trích yếu"},
          {"revision":1,"at":"2026-11-19T08:00:00Z","by":"vanthu","why":""}])");
  view.may_edit = view.may_remove = view.may_hold = true;
  return view;
}

namespace {

using Read = std::function<boost::json::value(const std::string&)>;

/// The pages of one material's past and of the store's keeping.
void add_keeping_pages(std::map<std::string, std::string>& pages, const PageContext& context,
                       const Read& read) {
  const auto history = read("history");
  const auto& revisions = history.as_array();
  const Subject subject{"1", std::string(revisions[1].at("material").at("title").as_string()), 3};
  const Sent sent{"duplicate", "xem số 12", "Có người vừa lưu.", revisions[0], revisions[1]};
  pages["history"] = history_page(context, {subject, history, true, "removed"});
  pages["revision"] =
      revision_page(context, {subject, revisions[0], revisions[1], true, false, {}});
  pages["revision_conflict"] =
      revision_page(context, {subject, revisions[0], revisions[1], true, false, sent});
  pages["remove"] = removal_page(context, {subject, "Thông báo", "", {}});
  pages["remove_conflict"] = removal_page(context, {subject, "Thông báo", "", sent});
  pages["remove_held"] = removal_page(context, {subject, "", subject.title, {}});
  pages["hold"] = hold_page(context, {subject, "", {}});
  pages["hold_end"] = hold_page(context, {subject, subject.title, {}});
  auto status = read("preservation");
  pages["preservation"] = preservation_page(context, status, sample_now());
  status.as_object()["bad_blobs"] = boost::json::parse(
      R"([{"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
           "size_bytes":812000,"state":"damaged","checked_at":"2026-11-26T01:00:00Z"}])");
  status.as_object()["last_backup"] = nullptr;
  status.as_object()["replicas"] = {{"count", 1}, {"slices_behind", 3}};
  pages["preservation_bad"] = preservation_page(context, status, sample_now());
}

}  // namespace

std::map<std::string, std::string> all_pages(Language language,
                                             void (*change)(boost::json::value&)) {
  const auto read = [change](const std::string& name) {
    auto value = sample(name);
    if (change != nullptr) change(value);
    return value;
  };
  auto visitor = sample_context(language);
  auto archivist = visitor;
  archivist.user_name = "vanthu.ldld";
  archivist.may_upload = true;
  const auto search = read("search");
  const auto material = read("material");
  const auto units = read("units");
  auto plain = sample_view();
  plain.hit_pages.clear();
  plain.boxes.clear();
  plain.query.clear();
  plain.page = 1;
  plain.may_edit = false;
  auto waiting = plain;
  waiting.page_width = waiting.page_height = 0;
  waiting.is_layout_waiting = true;
  waiting.parts = search.is_object() && search.as_object().contains("hits")
                      ? search.as_object().at("hits")
                      : boost::json::value();
  SearchParameters asked;
  asked.q = "phat ngon";
  SearchParameters filtered = asked;
  filtered.kind = "chuong_trinh";
  filtered.offset = 20;
  std::map<std::string, std::string> pages;
  const auto at = [](PageContext context, std::string path) {
    context.path_and_query = std::move(path);
    return context;
  };
  const auto shipped = [](std::string_view name) {
    return std::make_shared<const Vocabulary>(shipped_vocabulary(name));
  };
  const ConceptChoices choices{{"kind", shipped("kinds")}, {"theme", shipped("themes")}};
  pages["front"] = front_page(at(visitor, "/"), search, units);
  pages["front_empty"] = front_page(at(archivist, "/"), read("empty_search"), units);
  pages["search"] = search_page(at(visitor, "/search?q=phat+ngon"), asked, search);
  pages["search_filtered"] = search_page(at(archivist, "/search?q=phat+ngon"), filtered, search);
  pages["search_nothing"] =
      search_page(at(visitor, "/search?q=phat+ngon"), filtered, read("empty_search"));
  pages["material"] = material_page(at(archivist, "/m/1"), material, sample_view());
  pages["material_plain"] = material_page(at(visitor, "/m/1"), material, plain);
  pages["material_waiting"] = material_page(at(visitor, "/m/1"), read("draft"), waiting);
  pages["material_photo"] = material_page(at(visitor, "/m/1"), read("photo"), [] {
    MaterialView view;
    view.page_width = 1200;
    view.page_height = 800;
    return view;
  }());
  pages["material_sound"] = material_page(at(visitor, "/m/1"), read("sound"), MaterialView{});
  pages["material_film"] = material_page(at(visitor, "/m/1"), read("film"), MaterialView{});
  auto kit = read("kit");
  pages["kit"] = kit_page(at(visitor, "/kit/1"), kit, sample_now());
  kit.as_object()["embargo_until"] = "2026-12-01T01:00:00Z";
  kit.as_object()["versions"].as_array().pop_back();
  pages["kit_embargoed"] = kit_page(at(visitor, "/kit/1"), kit, sample_now());
  kit.as_object()["state"] = "draft";
  kit.as_object()["versions"].as_array().clear();
  kit.as_object()["zip"] = nullptr;
  pages["kit_draft"] = kit_page(at(archivist, "/kit/1"), kit, sample_now());
  pages["upload"] = upload_page(at(archivist, "/upload"), units, boost::json::array(), choices);
  pages["upload_unfinished"] =
      upload_page(at(archivist, "/upload"), units,
                  boost::json::array{{{"id", "01940000-0000-7000-8000-000000000001"},
                                      {"name", "Phim Đại hội.mp4"},
                                      {"size_bytes", 4000},
                                      {"offset_bytes", 1250},
                                      {"expires_at", "2026-12-05T08:00:00.000Z"}}},
                  choices);
  pages["batch"] = batch_page(at(archivist, "/batches/1"), read("batch"));
  pages["units"] = units_page(at(visitor, "/units"), units, search);
  pages["sign_in"] = sign_in_page(at(visitor, "/sign-in"),
                                  {.name = "vanthu.ldld",
                                   .next = "/upload",
                                   .error = std::string(sentence("wrong_password", language))});
  pages["withdrawn"] = withdrawn_page(at(visitor, "/m/1"), read("withdrawn"));
  auto deleted = read("withdrawn");
  deleted.as_object()["state"] = "deleted";
  deleted.as_object()["deletion"] = {{"at", "2026-11-26T07:05:00Z"}};
  pages["deleted"] = withdrawn_page(at(visitor, "/m/1"), deleted);
  archivist.is_caretaker = true;
  add_keeping_pages(pages, at(archivist, "/m/1/history"), read);
  pages["error"] = error_page(at(visitor, "/nowhere"), 404, sentence("not_found", language));
  return pages;
}

}  // namespace khochung::pages

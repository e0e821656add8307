#include "server/pages/site.hpp"

#include <boost/json.hpp>
#include <ranges>

#include "indexer/pipeline/sheets.hpp"
#include "schemas/access/review.hpp"
#include "schemas/json_reader.hpp"
#include "server/api/history.hpp"
#include "server/api/labels.hpp"
#include "server/api/material_json.hpp"
#include "server/api/preservation.hpp"
#include "server/api/readable.hpp"
#include "server/api/search_answer.hpp"
#include "server/api/upload_intake.hpp"
#include "server/api/upload_sink.hpp"
#include "server/api/use_rights.hpp"
#include "server/delivery/kit_json.hpp"
#include "server/delivery/notices.hpp"
#include "server/delivery/selection.hpp"
#include "server/delivery/shares.hpp"
#include "server/http/compression.hpp"
#include "server/http/cookies.hpp"
#include "server/http/encoding.hpp"
#include "server/http/problem.hpp"
#include "server/pages/account_site.hpp"
#include "server/pages/audit_site.hpp"
#include "server/pages/bulk_site.hpp"
#include "server/pages/call_site.hpp"
#include "server/pages/edit_site.hpp"
#include "server/pages/embed_site.hpp"
#include "server/pages/history_pages.hpp"
#include "server/pages/history_site.hpp"
#include "server/pages/invite_site.hpp"
#include "server/pages/kit_builder_site.hpp"
#include "server/pages/kit_page.hpp"
#include "server/pages/notice_site.hpp"
#include "server/pages/open_page.hpp"
#include "server/pages/pages.hpp"
#include "server/pages/preservation_page.hpp"
#include "server/pages/press_site.hpp"
#include "server/pages/privacy_site.hpp"
#include "server/pages/recovery_site.hpp"
#include "server/pages/review_site.hpp"
#include "server/pages/share_site.hpp"
#include "server/pages/sign_in_site.hpp"
#include "server/pages/unit_site.hpp"
#include "server/pages/visit.hpp"
#include "server/pages/vocabulary_site.hpp"
#include "server/web/assets.hpp"

namespace khochung::pages {
namespace {

using access::Identity;
using api::Services;
using boost::json::array;
using boost::json::object;
using boost::json::value;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

constexpr int newest_on_the_front_page = 12;

/// The top unit and those directly beneath it.
array highest_units(const UnitTree& tree, Language language) {
  array units;
  if (tree.root() == nullptr) return units;
  units.push_back(api::unit_json(*tree.root(), tree, language));
  for (const Unit* unit : tree.children_of(tree.root()->number))
    units.push_back(api::unit_json(*unit, tree, language));
  return units;
}

Result<Response> front(const Visit& visit) {
  api::SearchParameters newest;
  newest.limit = newest_on_the_front_page;
  auto answer = KHOCHUNG_TRY(
      api::search_answer(visit.services, newest, visit.identity.viewer, visit.language));
  return page(200, front_page(context_of(visit), answer,
                              highest_units(*visit.services.units.tree(), visit.language)));
}

/// Facets name units by their code, so that a filter by id is known among them.
SearchParameters shown_parameters(const Visit& visit, const api::SearchParameters& asked) {
  auto shown = shown_search(asked);
  const auto tree = visit.services.units.tree();
  if (const Unit* unit = tree->find(asked.unit)) shown.unit = unit->code;
  return shown;
}

Result<Response> search(const Visit& visit) {
  const auto asked = KHOCHUNG_TRY(api::SearchParameters::of(visit.request));
  auto answer = KHOCHUNG_TRY(
      api::search_answer(visit.services, asked, visit.identity.viewer, visit.language));
  return page(200, search_page(context_of(visit), shown_parameters(visit, asked), answer));
}

/// All that was found in one piece, as far as one download may go.
Result<Response> selection(const Visit& visit) {
  auto asked = KHOCHUNG_TRY(api::SearchParameters::of(visit.request));
  asked.limit = static_cast<int>(delivery::most_selected);
  asked.offset = 0;
  const auto found = KHOCHUNG_TRY(
      api::find_materials(visit.services, asked, visit.identity.viewer, api::Facets::left_out));
  SelectionView view{shown_parameters(visit, asked), found.answer.total, 0, "/selection.zip?ids="};
  view.search.limit = SearchParameters().limit;
  array materials;
  for (const auto& one : found.materials) {
    const auto& material = one.entry.material;
    std::uint64_t size_bytes = 0;
    for (const auto& file : material.files) size_bytes += file.size_bytes;
    const bool fits = view.size_bytes + size_bytes <= delivery::most_selected_bytes;
    if (material.files.empty() || !fits) continue;
    view.size_bytes += size_bytes;
    view.zip_address += (materials.empty() ? "" : ",") + material.id.text();
    materials.push_back(
        object{{"id", material.id.text()}, {"title", material.title}, {"size_bytes", size_bytes}});
  }
  return page(200, selection_page(context_of(visit), view, materials));
}

array parts_json(const Visit& visit, MaterialId whole) {
  array parts;
  const auto ids = visit.services.catalogue.parts_of(whole);
  if (!ids) return parts;
  for (const auto& id : *ids) {
    const auto part = api::find_readable(visit.services, id.text(), visit.identity.viewer);
    if (!part) continue;
    const auto& material = part->entry->material;
    parts.push_back(object{
        {"id", id.text()}, {"title", material.title}, {"page_count", part->entry->page_count}});
    if (material.files.empty()) continue;
    parts.back().as_object()["media_type"] = material.files.front().media_type;
    parts.back().as_object()["size_bytes"] = material.files.front().size_bytes;
  }
  return parts;
}

value whole_json(const Visit& visit, const Material& material) {
  if (!material.part_of) return nullptr;
  const auto whole =
      api::find_readable(visit.services, material.part_of->text(), visit.identity.viewer);
  if (!whole) return nullptr;
  return object{{"id", material.part_of->text()}, {"title", whole->entry->material.title}};
}

array revisions_json(const Visit& visit, const api::Readable& readable) {
  array revisions;
  const auto history = api::history_for(visit.services, readable, visit.identity.viewer);
  if (!history) return revisions;
  for (const auto& record : std::views::reverse(*history)) {
    revisions.push_back(
        object{{"revision", record.revision}, {"at", to_rfc3339(record.at)}, {"why", record.why}});
  }
  return revisions;
}

/// Where links to the material are made, and where it is taken further on its way, for those who
/// may.
void add_officers_pages(const Visit& visit, const api::Readable& readable, object& json) {
  const auto& material = readable.entry->material;
  const auto takes = [&](access::Step step) {
    return access::may_take(step, visit.identity.viewer, material, *readable.tree, now());
  };
  const bool takes_part = takes(access::Step::submit) || takes(access::Step::comment);
  if (material.state < State::published && takes_part)
    json["review_page"] = "/m/" + material.id.text() + "/review";
  if (delivery::may_share(visit.identity.viewer, readable))
    json["shares_page"] = "/m/" + readable.entry->material.id.text() + "/shares";
}

/// Which kinds of viewers see the material now: everybody, the press, people of the union in
/// general, of the owner's unit, above and beneath it.
array seen_by_json(const api::Readable& readable) {
  using access::AccountKind;
  const auto& tree = *readable.tree;
  const auto owner = readable.standing.owner;
  const auto reader_of = [](UnitNumber unit) {
    return access::Viewer{AccountKind::union_person, {}, {{access::Role::reader, unit}}};
  };
  std::vector<std::pair<std::string_view, access::Viewer>> viewers{
      {"anonymous", access::Viewer::anonymous()},
      {"press", {AccountKind::press, {}, {}}},
      {"union", {AccountKind::union_person, {}, {}}}};
  if (const Unit* above = tree.parent_of(owner))
    viewers.emplace_back("above", reader_of(above->number));
  viewers.emplace_back("unit", reader_of(owner));
  if (const auto beneath = tree.children_of(owner); !beneath.empty())
    viewers.emplace_back("beneath", reader_of(beneath.front()->number));
  array seen;
  for (const auto& [who, viewer] : viewers)
    seen.push_back(object{
        {"who", who},
        {"sees", access::may(viewer, access::Action::read, readable.standing, tree, now())}});
  return seen;
}

Result<Response> material(const Visit& visit) {
  const auto& id = visit.request.parameter("id");
  const auto readable = api::find_readable(visit.services, id, visit.identity.viewer);
  if (!readable && readable.error().code == ErrorCode::gone) return tombstone(visit);
  if (!readable) return fail(readable.error());
  const auto& entry = *readable->entry;
  if (entry.material.kit) return Response::redirect("/kit/" + entry.material.id.text());
  MaterialView view;
  view.now = now();
  view.query = visit.request.query_value("q");
  view.page = page_number(visit.request.query_value("page"));
  if (api::use_refusal(*readable, visit.identity.viewer).empty())
    open_page(visit.services.derivatives, entry.material, view);
  view.parts = parts_json(visit, entry.material.id);
  view.whole = whole_json(visit, entry.material);
  view.revisions = revisions_json(visit, *readable);
  const auto may = [&](access::Action action) {
    return access::may(visit.identity.viewer, action, readable->standing, *readable->tree, now());
  };
  view.may_edit = may(access::Action::edit);
  view.may_remove = may(access::Action::publish);
  view.may_hold = may(access::Action::administer);
  if (view.may_edit) view.seen_by = seen_by_json(*readable);
  auto json =
      api::material_json(entry, *readable->tree, visit.services.derivatives, visit.identity.viewer);
  if (const Unit* unit = readable->tree->find(entry.material.unit))
    json["unit"] = api::unit_json(*unit, *readable->tree, visit.language);
  add_officers_pages(visit, *readable, json);
  api::add_labels(json, visit.services, visit.language);
  return page(200, material_page(context_of(visit), json, view));
}

Result<Response> kit(const Visit& visit) {
  const auto& id = visit.request.parameter("id");
  const auto readable = api::find_readable(visit.services, id, visit.identity.viewer);
  if (!readable && readable.error().code == ErrorCode::gone) return tombstone(visit);
  if (!readable) return fail(readable.error());
  auto json = KHOCHUNG_TRY(delivery::kit_json(visit.services, *readable, visit.identity.viewer));
  if (const Unit* unit = readable->tree->find(readable->entry->material.unit))
    json["unit"] = api::unit_json(*unit, *readable->tree, visit.language);
  add_officers_pages(visit, *readable, json);
  if (delivery::offers_notices(visit.services, readable->entry->material))
    json["notices_page"] = "/kit/" + readable->entry->material.id.text() + "/notices";
  const bool may_edit = access::may(visit.identity.viewer, access::Action::edit, readable->standing,
                                    *readable->tree, now());
  if (may_edit && readable->entry->material.state < State::withdrawn)
    json["edit_page"] = "/kit/" + readable->entry->material.id.text() + "/edit";
  return page(200, kit_page(context_of(visit), json, now()));
}

Result<Response> preservation(const Visit& visit) {
  KHOCHUNG_CHECK(api::caretaker(visit.services, visit.request));
  const auto status = KHOCHUNG_TRY(api::preservation_status(visit.services));
  return page(200, preservation_page(context_of(visit), api::to_json(status), now()));
}

Result<Response> upload_form(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=/upload");
  if (!context_of(visit).may_upload) return fail(ErrorCode::forbidden, "no right to take in");
  array unfinished;
  for (const auto& one : KHOCHUNG_TRY(visit.services.uploads.receiving(visit.identity.viewer.name)))
    unfinished.push_back(api::upload_json(one, visit.language));
  return page(200, upload_page(context_of(visit), units_to_add_to(visit), unfinished,
                               KHOCHUNG_TRY(concept_choices(visit.services))));
}

Result<Response> batch(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous) {
    return Response::redirect("/sign-in?next=" + http::percent_encode(visit.request.path));
  }
  const auto found = KHOCHUNG_TRY(
      api::find_batch(visit.services, visit.request.parameter("id"), visit.identity.viewer));
  const auto items = KHOCHUNG_TRY(visit.services.catalogue.batch_items(found.id));
  return page(200, batch_page(context_of(visit), api::batch_json(found, items, visit.language)));
}

/// The material, when the person behind a form may edit it.
Result<MaterialId> editable(const Visit& visit, const std::string& id) {
  const auto readable = KHOCHUNG_TRY(api::find_readable(visit.services, id, visit.identity.viewer));
  if (access::may(visit.identity.viewer, access::Action::edit, readable.standing, *readable.tree,
                  now())) {
    return readable.entry->material.id;
  }
  return fail(ErrorCode::forbidden, "may not edit " + id);
}

pipeline::Sheets sheets_of(const Services& services) {
  return {services.catalogue, services.derivatives, services.materials};
}

Result<Response> merge(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  std::vector<MaterialId> ids;
  const auto [first, last] = form.equal_range("id");
  for (auto chosen = first; chosen != last; ++chosen)
    ids.push_back(KHOCHUNG_TRY(editable(visit, chosen->second)));
  const pipeline::Change change{visit.identity.viewer.name, "web", pipeline::reason_of("merged")};
  const auto whole = KHOCHUNG_TRY(sheets_of(visit.services).merge(ids, change));
  visit.services.index_bell.ring();
  return Response::redirect("/m/" + whole.id.text());
}

Result<Response> split(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto id = KHOCHUNG_TRY(editable(visit, visit.request.parameter("id")));
  const pipeline::Change change{visit.identity.viewer.name, "web", pipeline::reason_of("split")};
  KHOCHUNG_CHECK(sheets_of(visit.services).split(id, change));
  visit.services.index_bell.ring();
  return Response::redirect("/m/" + id.text());
}

Result<Response> asset(const Request& request) {
  const auto* found = web::asset_at(request.parameter("name"));
  if (found == nullptr) return fail(ErrorCode::not_found, "no such asset");
  auto response = Response::text(200, std::string(found->media_type), std::string(found->bytes));
  response.fields.set("Cache-Control", "public, max-age=31536000, immutable");
  http::compress_for(request, response);
  return response;
}

}  // namespace

void add_page_routes(http::Router& router, const Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add_page(router, services, site, {Method::get, "/", front, http::Load::search});
  add_page(router, services, site, {Method::get, "/search", search, http::Load::search});
  add_page(router, services, site, {Method::get, "/selection", selection, http::Load::search});
  add(Method::get, "/m/{id}", material);
  add(Method::get, "/kit/{id}", kit);
  add(Method::get, "/upload", upload_form);
  add(Method::get, "/batches/{id}", batch);
  add(Method::post, "/batches/{id}/merge", merge);
  add(Method::post, "/m/{id}/split", split);
  add_history_pages(router, services, site);
  add_audit_page(router, services, site);
  add_edit_page(router, services, site);
  add_call_pages(router, services, site);
  add_review_pages(router, services, site);
  add_kit_builder_pages(router, services, site);
  add_embed_page(router, services, site);
  add_share_pages(router, services, site);
  add_notice_pages(router, services, site);
  add_unit_pages(router, services, site);
  add_bulk_pages(router, services, site);
  add_vocabulary_pages(router, services, site);
  add_recovery_pages(router, services, site);
  add_press_pages(router, services, site);
  add_privacy_pages(router, services, site);
  add_sign_in_pages(router, services, site);
  add_account_pages(router, services, site);
  add_invite_pages(router, services, site);
  add(Method::get, "/preservation", preservation);
  router.add({Method::get, "/assets/{name}", BodyKind::none, asset, {}, 0});
  const auto upload = [&services](const Request& request) {
    return api::UploadSink::begin(
        services, request, api::FilesBecome::a_material_each,
        [](const Request&, api::UploadOutcome&& outcome) -> Result<Response> {
          return Response::redirect("/batches/" + outcome.batch.text());
        });
  };
  router.add({Method::post, "/upload", BodyKind::stream, {}, upload, 0});
}

Response error_answer(const Request& request, const Error& error, const Site& site) {
  const auto language = api::language_of(request);
  auto context = context_of(request, site, {}, language);
  context.has_session =
      error.code != ErrorCode::unauthenticated && !http::cookie(request, "session").empty();
  auto response = page(http::status_of(error),
                       error_page(context, http::status_of(error), sentence_for(error, language)));
  http::compress_for(request, response);
  return response;
}

}  // namespace khochung::pages

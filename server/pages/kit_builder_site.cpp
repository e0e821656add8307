#include "server/pages/kit_builder_site.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "schemas/rights.hpp"
#include "server/api/history.hpp"
#include "server/api/labels.hpp"
#include "server/api/material_json.hpp"
#include "server/api/review.hpp"
#include "server/api/search_answer.hpp"
#include "server/api/use_rights.hpp"
#include "server/delivery/kit_changes.hpp"
#include "server/delivery/kit_json.hpp"
#include "server/delivery/selection.hpp"
#include "server/http/encoding.hpp"
#include "server/http/problem.hpp"
#include "server/pages/choices.hpp"
#include "server/pages/format.hpp"
#include "server/pages/kit_builder_pages.hpp"
#include "server/pages/kit_page.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using api::Readable;
using boost::json::array;
using boost::json::object;
using boost::json::value;
using http::Method;
using http::Response;

constexpr int most_found = 12;
constexpr int most_listed = 50;

bool is_nobody(const Visit& visit) {
  return visit.identity.viewer.kind == access::AccountKind::anonymous;
}

Response to_sign_in(const Visit& visit) {
  return Response::redirect("/sign-in?next=" + http::percent_encode(visit.request.path));
}

bool may_edit(const Visit& visit, const Readable& readable) {
  return readable.entry->material.state < State::withdrawn &&
         access::may(visit.identity.viewer, access::Action::edit, readable.standing, *readable.tree,
                     now());
}

/// The kit, for those who may edit it. Errors: not_found; gone; unauthenticated; forbidden.
Result<Readable> editable(const Visit& visit, const std::string& id) {
  auto readable = KHOCHUNG_TRY(api::find_readable(visit.services, id, visit.identity.viewer));
  if (!readable.entry->material.kit) return fail(ErrorCode::not_found, "it is no press kit");
  if (may_edit(visit, readable)) return readable;
  return fail(is_nobody(visit) ? ErrorCode::unauthenticated : ErrorCode::forbidden,
              "may not edit it");
}

/// What the form calls a unit: its code, else its id.
std::string key_of(const UnitId& id, const UnitTree& tree) {
  const Unit* unit = tree.find(id);
  return unit == nullptr || unit->code.empty() ? id.text() : unit->code;
}

/// A kit that nobody has kept yet, of the first unit to which the person may add.
Material blank_kit(const std::string& unit, const Visit& visit) {
  Material kit;
  kit.kit.emplace();
  kit.kind = kit_kind;
  kit.visibility = Visibility::press;
  kit.creator = visit.identity.viewer.name;
  kit.revision = 0;
  if (const Unit* found = visit.services.units.tree()->find(unit)) kit.unit = found->id;
  return kit;
}

/// The kit that the form is about: as kept, or a blank one.
struct Subject {
  Material kept;
  std::shared_ptr<const UnitTree> tree;
  array units;  ///< to which it may belong
  bool is_new = true;

  [[nodiscard]] KitForm form() const { return form_of(kept, key_of(kept.unit, *tree)); }
};

/// Errors: forbidden for who may add nowhere.
Result<Subject> new_subject(const Visit& visit) {
  auto units = units_to_add_to(visit);
  if (units.empty()) return fail(ErrorCode::forbidden, "may make no kit");
  const auto first = std::string(units.front().at("id").as_string());
  return Subject{blank_kit(first, visit), visit.services.units.tree(), std::move(units), true};
}

Subject subject_of(const Visit& visit, const Readable& readable) {
  Subject subject{readable.entry->material, readable.tree, {}, false};
  if (const Unit* owner = subject.tree->find(subject.kept.unit))
    subject.units.push_back(api::unit_json(*owner, *subject.tree, visit.language));
  for (auto& unit : units_to_add_to(visit)) {
    if (unit.at("id") != subject.units.front().at("id")) subject.units.push_back(std::move(unit));
  }
  return subject;
}

/// The kit as the form has it, whether the person may make it so or not.
Material as_in(const KitForm& form, const Subject& subject) {
  auto kit = subject.kept;
  kit.kit->draft = form.content;
  if (const Unit* unit = subject.tree->find(form.unit)) kit.unit = unit->id;
  // What is no visibility leaves the one that was.
  static_cast<void>(set_field(kit, "visibility", form.visibility));
  if (const auto until = instant_of_field(form.embargo); until || form.embargo.empty())
    kit.embargo_until = until ? std::optional(*until) : std::nullopt;
  return kit;
}

/// What a row says of its item. Of what the person may not read nothing is told.
object item_json(const Visit& visit, const KitItem& item, std::string_view hindrance) {
  const auto found =
      api::find_readable(visit.services, item.material.text(), visit.identity.viewer);
  if (!found) return {{"is_found", false}, {"hindrance", "gone"}};
  auto json = line_json(visit, *found->entry, *found->tree);
  json["is_found"] = true;
  json["hindrance"] = hindrance;
  const auto& files = found->entry->material.files;
  const auto file = std::ranges::find(files, item.file, &MaterialFile::sha256);
  if (file == files.end()) return json;
  json["media_type"] = file->media_type;
  json["size_bytes"] = file->size_bytes;
  return json;
}

Result<array> items_json(const Visit& visit, const Material& kit) {
  const auto hindrances = KHOCHUNG_TRY(visit.services.kits.hindrances(kit));
  array items;
  for (std::size_t i = 0; i < hindrances.size(); ++i)
    items.push_back(item_json(visit, kit.kit->draft.items[i], hindrances[i]));
  return items;
}

KitAwaits awaits_of(const Visit& visit, const Material& kit, const UnitTree& tree) {
  const auto may = delivery::check_publication(kit, visit.identity.viewer, tree);
  if (may) return KitAwaits::nobody;
  if (may.error().reason == "needs_spokesperson") return KitAwaits::spokesperson;
  if (may.error().reason == "needs_second_person") return KitAwaits::second_person;
  return KitAwaits::publisher;
}

bool holds(const KitForm& form, const MaterialId& id) {
  return std::ranges::count(form.content.items, id, &KitItem::material) > 0;
}

/// What the words find that the person may use.
Result<array> found_json(const Visit& visit, const KitForm& form) {
  api::SearchParameters asked;
  asked.q = form.find;
  asked.limit = most_found;
  const auto found = KHOCHUNG_TRY(
      api::find_materials(visit.services, asked, visit.identity.viewer, api::Facets::left_out));
  array materials;
  for (const auto& [_, entry] : found.materials) {
    const auto& material = entry.material;
    // In a kit it would go to others: that the person keeps it does not help.
    const bool may_be_used = !material.kit && !material.files.empty() &&
                             rights::refusal(material, day_of(now())).empty();
    if (!may_be_used) continue;
    auto json = line_json(visit, entry, *found.tree);
    json["is_in"] = holds(form, material.id);
    materials.push_back(std::move(json));
  }
  return materials;
}

/// What a page says besides the form.
struct Shown {
  int status = 200;
  std::string done, error;
  bool is_unsaved = false;
  KitMove move;
  value seen, newest;
  std::string saved_by;
};

Result<Response> builder(const Visit& visit, const Subject& subject, const KitForm& form,
                         Shown shown) {
  const auto kit = as_in(form, subject);
  KitBuilderView view;
  view.id = subject.is_new ? std::string() : kit.id.text();
  view.form = form;
  view.kept_title = subject.kept.title;
  view.versions = static_cast<int>(kit.kit->versions.size());
  view.is_draft = kit.state == State::draft;
  view.awaits = awaits_of(visit, kit, *subject.tree);
  view.units = subject.units;
  view.items = KHOCHUNG_TRY(items_json(visit, kit));
  view.has_searched = !form.find.empty();
  if (view.has_searched) view.found = KHOCHUNG_TRY(found_json(visit, form));
  view.done = std::move(shown.done);
  view.error = std::move(shown.error);
  view.is_unsaved = shown.is_unsaved;
  view.move = shown.move;
  view.seen = std::move(shown.seen);
  view.newest = std::move(shown.newest);
  view.saved_by = std::move(shown.saved_by);
  return page(shown.status, kit_builder_page(context_of(visit), view));
}

/// Puts the originals of a material that are not in it yet at the end of the form.
/// Errors: not_found; gone; too_large.
Result<void> add_material(const Visit& visit, KitForm& form, std::string_view id) {
  const auto readable = KHOCHUNG_TRY(api::find_readable(visit.services, id, visit.identity.viewer));
  KHOCHUNG_CHECK(api::demand_use(readable, visit.identity.viewer));
  const auto& material = readable.entry->material;
  if (material.kit || holds(form, material.id)) return {};
  if (form.content.items.size() + material.files.size() > Kit::most_items)
    return fail(ErrorCode::too_large, "more than a press kit can hold");
  for (const auto& file : material.files)
    form.content.items.push_back({material.id, file.sha256, {}, {}, {}});
  return {};
}

/// The materials that the address brings along; those that are not for these eyes are left out.
bool add_brought(const Visit& visit, KitForm& form) {
  const auto ids = visit.request.query_value("ids");
  std::string_view rest = ids;
  const auto before = form.content.items.size();
  for (std::size_t count = 0; !rest.empty() && count < delivery::most_selected; ++count) {
    const auto id = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(id.size() + 1, rest.size()));
    static_cast<void>(add_material(visit, form, id));
  }
  return form.content.items.size() > before;
}

Result<Response> new_kit(const Visit& visit) {
  if (is_nobody(visit)) return to_sign_in(visit);
  const auto subject = KHOCHUNG_TRY(new_subject(visit));
  auto form = subject.form();
  Shown shown;
  shown.is_unsaved = add_brought(visit, form);
  return builder(visit, subject, form, std::move(shown));
}

Result<Response> edit(const Visit& visit) {
  if (is_nobody(visit)) return to_sign_in(visit);
  const auto readable = KHOCHUNG_TRY(editable(visit, visit.request.parameter("id")));
  const auto subject = subject_of(visit, readable);
  auto form = subject.form();
  Shown shown;
  if (visit.request.query_value("done") == "saved") shown.done = text(visit.language, "kits.saved");
  shown.is_unsaved = add_brought(visit, form);
  return builder(visit, subject, form, std::move(shown));
}

// -- two editors at once

/// A revision with the words that tell it apart, for those who might have edited it then.
Result<value> revision_json(const Visit& visit, const Material& kit, const UnitTree& tree) {
  const auto standing = KHOCHUNG_TRY(access::Standing::of(kit, tree));
  if (!access::may(visit.identity.viewer, access::Action::edit, standing, tree, now()))
    return fail(ErrorCode::forbidden, "may not see that revision");
  auto json = to_json(kit).as_object();
  if (const Unit* unit = tree.find(kit.unit))
    json["unit"] = api::unit_json(*unit, tree, visit.language);
  api::add_labels(json, visit.services, visit.language);
  for (auto& item : json.at("kit").at("draft").at("items").as_array()) {
    const auto found =
        api::find_readable(visit.services, item.at("material").as_string(), visit.identity.viewer);
    if (found) item.as_object()["title"] = found->entry->material.title;
  }
  return value(std::move(json));
}

/// The record of the revision on which the form was opened. Errors: not_found; bad_input.
Result<Material> seen_kit(const Visit& visit, const Material& kept, int revision) {
  for (const auto& record : KHOCHUNG_TRY(visit.services.materials.history(kept.id))) {
    if (record.revision != revision) continue;
    auto seen = KHOCHUNG_TRY(material_from_json(record.body));
    if (seen.kit) return seen;
  }
  return fail(ErrorCode::not_found, "no such revision of the kit");
}

/// The form with what somebody else saved since it was opened: what was typed stays, the rest is
/// theirs.
Result<Response> come_too_late(const Visit& visit, const Subject& subject, const KitForm& form) {
  const auto& newest = subject.kept;
  Shown shown;
  shown.status = 412;
  shown.is_unsaved = true;
  shown.error = text(visit.language, "meanwhile.error");
  const auto seen = seen_kit(visit, newest, form.revision);
  Result<value> was = fail(ErrorCode::not_found, "no such revision");
  if (seen) was = revision_json(visit, *seen, *subject.tree);
  auto together = form;
  if (was) {
    together.revision = newest.revision;
    shown.seen = *was;
    shown.newest = KHOCHUNG_TRY(revision_json(visit, newest, *subject.tree));
    together = merged(form, form_of(*seen, key_of(seen->unit, *subject.tree)), subject.form());
    const auto records = KHOCHUNG_TRY(visit.services.materials.history(newest.id));
    shown.saved_by =
        text(visit.language, "kits.saved_by",
             {{"name", records.back().by}, {"at", instant_text(to_rfc3339(records.back().at))}});
  }
  return builder(visit, subject, together, std::move(shown));
}

// -- keeping

pipeline::Change change_on_the_web(const Visit& visit) {
  return {visit.identity.viewer.name, "web", {}};
}

/// Keeps what the form says. Without a change no revision is made.
Result<Material> keep(const Visit& visit, const Subject& subject, const KitForm& form) {
  const auto body = KHOCHUNG_TRY(changes_in(form, subject.form()));
  const auto& viewer = visit.identity.viewer;
  if (subject.is_new) {
    auto whole = body;
    whole["unit"] = form.unit;
    return delivery::begin_kit(visit.services, viewer, change_on_the_web(visit), std::move(whole));
  }
  if (form.revision != subject.kept.revision)
    return fail(ErrorCode::precondition_failed, "somebody saved it meanwhile");
  if (body.empty()) return subject.kept;
  const auto readable = KHOCHUNG_TRY(editable(visit, subject.kept.id.text()));
  return delivery::change_kit(visit.services, readable,
                              {viewer, form.revision, change_on_the_web(visit)}, body);
}

/// Whether a form goes back to who sent it, so that nothing typed is lost.
bool is_for_the_form(const Error& error) {
  return http::status_of(error) < 500 && error.code != ErrorCode::unauthenticated;
}

Result<Response> sent_back(const Visit& visit, const Subject& subject, const KitForm& form,
                           const Error& error) {
  if (!is_for_the_form(error)) return fail(error);
  if (error.code == ErrorCode::precondition_failed && !subject.is_new) {
    const auto readable = KHOCHUNG_TRY(editable(visit, subject.kept.id.text()));
    const auto now_kept = subject_of(visit, readable);
    if (now_kept.kept.revision > form.revision) return come_too_late(visit, now_kept, form);
  }
  Shown shown;
  shown.status = http::status_of(error);
  shown.error = sentence_for(error, visit.language);
  shown.is_unsaved = true;
  return builder(visit, subject, form, std::move(shown));
}

/// Publishes what was just kept; when that is refused, the form says why.
Result<Response> publish(const Visit& visit, const Material& kept, const KitForm& form) {
  const auto readable = KHOCHUNG_TRY(editable(visit, kept.id.text()));
  const auto published = delivery::publish_kit(
      visit.services, readable, {visit.identity.viewer, kept.revision, change_on_the_web(visit)},
      form.note);
  if (published) return Response::redirect("/kit/" + kept.id.text());
  if (!is_for_the_form(published.error())) return fail(published.error());
  const auto subject = subject_of(visit, readable);
  auto again = subject.form();
  again.note = form.note;
  if (subject.kept.revision != kept.revision)
    return sent_back(visit, subject, form, published.error());
  Shown shown;
  shown.status = http::status_of(published.error());
  shown.error = sentence_for(published.error(), visit.language);
  shown.done = text(visit.language, "kits.saved");
  return builder(visit, subject, again, std::move(shown));
}

/// Where a person goes once the form is kept.
Result<Response> keep_and_go(const Visit& visit, const Subject& subject, const KitForm& form,
                             std::string_view where) {
  const auto kept = keep(visit, subject, form);
  if (!kept) return sent_back(visit, subject, form, kept.error());
  const auto id = kept->id.text();
  if (where == "publish") return publish(visit, *kept, form);
  if (where == "preview") return Response::redirect("/kit/" + id + "/preview");
  if (where == "review") return Response::redirect("/m/" + id + "/review");
  return Response::redirect("/kit/" + id + "/edit?done=saved");
}

/// Carries out the button that was pressed.
Result<Response> take_form(const Visit& visit, const Form& sent, const Subject& subject) {
  auto form = KHOCHUNG_TRY(kit_form_from(sent));
  const std::string button = form_value(sent, "do");
  for (const std::string_view where : {"save", "preview", "review", "publish"}) {
    if (button == where) return keep_and_go(visit, subject, form, where);
  }
  Shown shown;
  shown.is_unsaved = true;
  if (button.starts_with("add ")) {
    const auto added = add_material(visit, form, std::string_view(button).substr(4));
    if (!added) return sent_back(visit, subject, form, added.error());
  }
  if (button != "find" && !button.starts_with("add ")) form.find.clear();
  shown.move = do_in_form(form, sent, button);
  return builder(visit, subject, form, std::move(shown));
}

Result<Response> take_new(const Visit& visit) {
  const auto sent = KHOCHUNG_TRY(form_for_change(visit));
  return take_form(visit, sent, KHOCHUNG_TRY(new_subject(visit)));
}

Result<Response> take(const Visit& visit) {
  const auto sent = KHOCHUNG_TRY(form_for_change(visit));
  const auto readable = KHOCHUNG_TRY(editable(visit, visit.request.parameter("id")));
  return take_form(visit, sent, subject_of(visit, readable));
}

// -- looking ahead

array closed_json(const array& items, const Material& kit) {
  array closed;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i].as_object();
    if (item.at("hindrance").as_string().empty()) continue;
    const auto* title = item.if_contains("title");
    closed.push_back(object{{"material", kit.kit->draft.items[i].material.text()},
                            {"title", title == nullptr ? value("") : *title},
                            {"hindrance", item.at("hindrance")}});
  }
  return closed;
}

/// The page as the press will see it, at the end of an embargo where nobody gets it before.
Result<Response> preview(const Visit& visit) {
  if (is_nobody(visit)) return to_sign_in(visit);
  const auto readable = KHOCHUNG_TRY(editable(visit, visit.request.parameter("id")));
  const auto& kit = readable.entry->material;
  auto json = KHOCHUNG_TRY(delivery::kit_preview_json(visit.services, readable));
  if (const Unit* unit = readable.tree->find(kit.unit))
    json["unit"] = api::unit_json(*unit, *readable.tree, visit.language);
  const auto items = KHOCHUNG_TRY(items_json(visit, kit));
  json["preview"] = object{{"closed", closed_json(items, kit)}};
  auto at = now();
  if (kit.press_recipients.empty()) at = std::max(at, kit.embargo_until.value_or(at));
  const access::Identity press{{access::AccountKind::press, {}, {}}, {}, false};
  return page(200,
              kit_page(context_of(visit.request, visit.site, press, visit.language), json, at));
}

// -- the list

Result<Response> list(const Visit& visit) {
  if (is_nobody(visit)) return to_sign_in(visit);
  if (!context_of(visit).may_upload) return fail(ErrorCode::forbidden, "no right to make kits");
  KitListView view;
  view.ids = visit.request.query_value("ids");
  std::set<std::string> listed;
  const auto tree = visit.services.units.tree();
  const auto add = [&](const storage::CatalogueEntry& entry) {
    const auto& material = entry.material;
    const auto standing = access::Standing::of(material, *tree);
    const bool may =
        material.kit && standing && material.state < State::withdrawn &&
        access::may(visit.identity.viewer, access::Action::edit, *standing, *tree, now());
    if (!may || !listed.insert(material.id.text()).second) return;
    view.kits.push_back(line_json(visit, entry, *tree));
  };
  const auto own =
      KHOCHUNG_TRY(api::contributed_by(visit.services, visit.identity.viewer, {}, most_listed));
  for (const auto& entry : own.entries) add(entry);
  api::SearchParameters asked;
  asked.kind = kit_kind;
  asked.sort = "newest";
  asked.limit = most_listed;
  const auto found = KHOCHUNG_TRY(
      api::find_materials(visit.services, asked, visit.identity.viewer, api::Facets::left_out));
  for (const auto& one : found.materials) add(one.entry);
  return page(200, kits_page(context_of(visit), view));
}

}  // namespace

void add_kit_builder_pages(http::Router& router, const api::Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add_page(router, services, site, {Method::get, "/kits", list, http::Load::search});
  add(Method::get, "/kits/new", new_kit);
  add(Method::post, "/kits/new", take_new);
  add(Method::get, "/kit/{id}/edit", edit);
  add(Method::post, "/kit/{id}/edit", take);
  add(Method::get, "/kit/{id}/preview", preview);
}

}  // namespace khochung::pages

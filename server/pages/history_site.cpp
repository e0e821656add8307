#include "server/pages/history_site.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "schemas/json_reader.hpp"
#include "server/api/history.hpp"
#include "server/api/labels.hpp"
#include "server/api/material_json.hpp"
#include "server/api/revision.hpp"
#include "server/pages/context.hpp"
#include "server/pages/history_pages.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using access::Action;
using api::Readable;
using boost::json::array;
using boost::json::object;
using boost::json::value;
using http::Method;
using http::Response;

Result<Readable> readable_of(const Visit& visit) {
  return api::find_readable(visit.services, visit.request.parameter("id"), visit.identity.viewer);
}

bool may(const Visit& visit, Action action, const Readable& readable) {
  return access::may(visit.identity.viewer, action, readable.standing, *readable.tree, now());
}

/// The material, when the visitor may do that with it. Errors: not_found; gone; unauthenticated;
/// forbidden.
Result<Readable> readable_for(const Visit& visit, Action action) {
  auto readable = KHOCHUNG_TRY(readable_of(visit));
  if (may(visit, action, readable)) return readable;
  const bool is_nobody = visit.identity.viewer.kind == access::AccountKind::anonymous;
  return fail(is_nobody ? ErrorCode::unauthenticated : ErrorCode::forbidden,
              "may not do this with " + visit.request.parameter("id"));
}

bool may_restore(const Visit& visit, const Readable& readable) {
  return may(visit, Action::publish, readable) && api::demand_return(readable.entry->material);
}

Subject subject_of(const Readable& readable) {
  const auto& material = readable.entry->material;
  return {material.id.text(), material.title, material.revision};
}

/// What a revision said, for those who might have edited it then; else null.
Result<value> body_for(const Visit& visit, const Readable& readable, const Record& record) {
  const auto then = KHOCHUNG_TRY(material_from_json(record.body));
  const auto standing = access::Standing::of(then, *readable.tree);
  if (!standing ||
      !access::may(visit.identity.viewer, Action::edit, *standing, *readable.tree, now()))
    return value();
  auto body = to_json(then).as_object();
  if (const Unit* unit = readable.tree->find(then.unit))
    body["unit"] = api::unit_json(*unit, *readable.tree, visit.language);
  api::add_labels(body, visit.services, visit.language);
  return value(std::move(body));
}

object about(const Record& record) {
  return {{"revision", record.revision}, {"at", to_rfc3339(record.at)}, {"why", record.why}};
}

/// A revision with all that those who may edit are told.
Result<value> revision_json(const Visit& visit, const Readable& readable, const Record& record) {
  auto json = about(record);
  json["by"] = record.by;
  json["from"] = record.from;
  json["material"] = KHOCHUNG_TRY(body_for(visit, readable, record));
  return value(std::move(json));
}

Result<Response> history(const Visit& visit) {
  const auto readable = readable_of(visit);
  if (!readable && readable.error().code == ErrorCode::gone) return tombstone(visit);
  if (!readable) return fail(readable.error());
  History shown{subject_of(*readable),
                {},
                may(visit, Action::publish, *readable),
                visit.request.query_value("done")};
  const bool may_edit = may(visit, Action::edit, *readable);
  array revisions;
  for (const auto& record :
       KHOCHUNG_TRY(api::history_for(visit.services, *readable, visit.identity.viewer))) {
    revisions.push_back(may_edit ? KHOCHUNG_TRY(revision_json(visit, *readable, record))
                                 : value(about(record)));
  }
  shown.revisions = std::move(revisions);
  return page(200, history_page(context_of(visit), shown));
}

/// Revision `number` as those see it who may edit. Errors: not_found; forbidden.
Result<value> revision_at(const Visit& visit, const Readable& readable, int number) {
  return revision_json(
      visit, readable,
      KHOCHUNG_TRY(api::revision_of(visit.services, readable, visit.identity.viewer, number)));
}

/// The revision on which the form was opened, as it says itself. Errors: precondition_required.
Result<int> seen_revision(const Form& form) {
  const auto number = api::whole_number(form_value(form, "revision"));
  if (!number) return fail(ErrorCode::precondition_required, "the form names no revision");
  return *number;
}

/// A form that could not be carried out, as it stood, beside what happened meanwhile.
Result<Sent> sent_back(const Visit& visit, const Readable& readable, const Form& form,
                       const Error& error) {
  Sent sent{form_value(form, "chosen"),
            form_value(form, "reason"),
            std::string(sentence_for(error, visit.language)),
            {},
            {}};
  if (error.code != ErrorCode::precondition_failed) return sent;
  const auto seen = KHOCHUNG_TRY(seen_revision(form));
  const auto newest = readable.entry->material.revision;
  if (seen >= newest) return sent;
  sent.error = text(visit.language, "meanwhile.error");
  sent.seen = KHOCHUNG_TRY(revision_at(visit, readable, seen));
  sent.newest = KHOCHUNG_TRY(revision_at(visit, readable, newest));
  return sent;
}

/// Whether a form goes back to who sent it, so that nothing typed is lost.
bool is_for_the_form(const Error& error) {
  return error.code == ErrorCode::bad_input || error.code == ErrorCode::precondition_failed ||
         error.code == ErrorCode::conflict;
}

Response done(const Visit& visit, std::string_view what) {
  return Response::redirect("/m/" + visit.request.parameter("id") +
                            "/history?done=" + std::string(what));
}

api::Deed deed_of(const Visit& visit, int expected, std::string why) {
  return {visit.identity.viewer, expected, {visit.identity.viewer.name, "web", std::move(why)}};
}

/// A page that holds a form: for the first time, or as it was sent.
using FormPage = Result<std::string> (*)(const Visit&, const Readable&, Sent);
/// What a form does; gives the word for what was done.
using FormDeed = Result<std::string_view> (*)(const Visit&, const Readable&, const Form&);

/// Carries a form out, or shows it again with what was typed and why not.
Result<Response> carry_out(const Visit& visit, Action action, FormDeed deed, FormPage form_page) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto readable = KHOCHUNG_TRY(readable_for(visit, action));
  const auto outcome = deed(visit, readable, form);
  if (outcome) return done(visit, *outcome);
  const auto& error = outcome.error();
  if (!is_for_the_form(error)) return fail(error);
  const auto now_readable = KHOCHUNG_TRY(readable_for(visit, action));
  auto sent = KHOCHUNG_TRY(sent_back(visit, now_readable, form, error));
  return page(face_of(error.code).http_status,
              KHOCHUNG_TRY(form_page(visit, now_readable, std::move(sent))));
}

// -- one revision, and going back to it

Result<std::string> revision_html(const Visit& visit, const Readable& readable, Sent sent) {
  const auto number = KHOCHUNG_TRY(api::whole_number(visit.request.parameter("n")));
  const auto record =
      KHOCHUNG_TRY(api::revision_of(visit.services, readable, visit.identity.viewer, number));
  const auto then = KHOCHUNG_TRY(material_from_json(record.body));
  const RevisionView shown{
      subject_of(readable),
      KHOCHUNG_TRY(revision_json(visit, readable, record)),
      KHOCHUNG_TRY(revision_at(visit, readable, readable.entry->material.revision)),
      may_restore(visit, readable),
      !api::demand_bytes(visit.services, then),
      std::move(sent)};
  return revision_page(context_of(visit), shown);
}

Result<Response> revision(const Visit& visit) {
  const auto readable = KHOCHUNG_TRY(readable_for(visit, Action::edit));
  return page(200, KHOCHUNG_TRY(revision_html(visit, readable, {})));
}

Result<std::string_view> restore_by_form(const Visit& visit, const Readable& readable,
                                         const Form& form) {
  const auto number = KHOCHUNG_TRY(api::whole_number(visit.request.parameter("n")));
  const auto seen = KHOCHUNG_TRY(seen_revision(form));
  auto why = form_value(form, "reason");
  if (why.empty()) why = pipeline::reason_of("restored");
  KHOCHUNG_CHECK(api::check_reason(why));
  KHOCHUNG_CHECK(api::restore_revision(visit.services, readable,
                                       deed_of(visit, seen, std::move(why)), number));
  return "restored";
}

Result<Response> restore(const Visit& visit) {
  return carry_out(visit, Action::publish, restore_by_form, revision_html);
}

// -- taking out

Result<std::string> removal_html(const Visit& visit, const Readable& readable, Sent sent) {
  const auto& material = readable.entry->material;
  auto hold = material.hold;
  if (hold.empty() && material.is_held()) hold = text(visit.language, "remove.evidence");
  const RemovalView shown{subject_of(readable), facts_line(to_json(material), visit.language),
                          std::move(hold), std::move(sent)};
  return removal_page(context_of(visit), shown);
}

Result<Response> removal(const Visit& visit) {
  const auto readable = KHOCHUNG_TRY(readable_for(visit, Action::publish));
  if (readable.entry->material.state == State::deleted)
    return Response::redirect("/m/" + visit.request.parameter("id") + "/history");
  return page(200, KHOCHUNG_TRY(removal_html(visit, readable, {})));
}

Result<std::string_view> remove_by_form(const Visit& visit, const Readable& readable,
                                        const Form& form) {
  const auto seen = KHOCHUNG_TRY(seen_revision(form));
  auto why = reason_text(form_value(form, "chosen"), form_value(form, "reason"), visit.language);
  KHOCHUNG_CHECK(
      api::remove_material(visit.services, readable, deed_of(visit, seen, std::move(why))));
  return "removed";
}

Result<Response> remove_(const Visit& visit) {
  return carry_out(visit, Action::publish, remove_by_form, removal_html);
}

// -- holding

Result<std::string> hold_html(const Visit& visit, const Readable& readable, Sent sent) {
  return hold_page(context_of(visit),
                   {subject_of(readable), readable.entry->material.hold, std::move(sent)});
}

Result<Response> hold(const Visit& visit) {
  const auto readable = KHOCHUNG_TRY(readable_for(visit, Action::administer));
  return page(200, KHOCHUNG_TRY(hold_html(visit, readable, {})));
}

Result<std::string_view> hold_by_form(const Visit& visit, const Readable& readable,
                                      const Form& form) {
  const auto seen = KHOCHUNG_TRY(seen_revision(form));
  const auto reason = form_value(form, "reason");
  KHOCHUNG_CHECK(api::check_reason(reason));
  const bool ends = form_value(form, "end") == "1";
  auto why = text(visit.language, ends ? "hold.why.end" : "hold.why", {{"reason", reason}});
  KHOCHUNG_CHECK(api::hold_material(visit.services, readable, deed_of(visit, seen, std::move(why)),
                                    ends ? std::string() : reason));
  return ends ? "released" : "held";
}

Result<Response> change_hold(const Visit& visit) {
  return carry_out(visit, Action::administer, hold_by_form, hold_html);
}

}  // namespace

Result<Response> tombstone(const Visit& visit) {
  const auto id = KHOCHUNG_TRY(MaterialId::parse(visit.request.parameter("id")));
  const auto entry = KHOCHUNG_TRY(visit.services.catalogue.material(id));
  return page(410, withdrawn_page(context_of(visit), to_json(entry.material)));
}

void add_history_pages(http::Router& router, const api::Services& services, const Site& site) {
  const auto add = [&](Method method, const std::string& rest, PageHandler handler) {
    add_page(router, services, site, {method, "/m/{id}" + rest, handler});
  };
  add(Method::get, "/history", history);
  add(Method::get, "/history/{n}", revision);
  add(Method::post, "/history/{n}/restore", restore);
  add(Method::get, "/delete", removal);
  add(Method::post, "/delete", remove_);
  add(Method::get, "/hold", hold);
  add(Method::post, "/hold", change_hold);
}

}  // namespace khochung::pages

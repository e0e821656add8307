#include "server/pages/call_site.hpp"

#include <boost/json.hpp>

#include "server/api/audit_notes.hpp"
#include "server/api/calls.hpp"
#include "server/api/material_json.hpp"
#include "server/api/readable.hpp"
#include "server/api/review.hpp"
#include "server/http/encoding.hpp"
#include "server/http/problem.hpp"
#include "server/pages/call_pages.hpp"

namespace khochung::pages {
namespace {

using api::Contributor;
using boost::json::value;
using http::Method;
using http::Request;
using http::Response;

constexpr int most_listed = 100;

Result<CallsView> calls_view(const Visit& visit) {
  const auto tree = visit.services.units.tree();
  CallsView view;
  for (const auto& call : KHOCHUNG_TRY(visit.services.accounts.calls().listed(most_listed)))
    view.open.push_back(api::call_json(call, *tree, visit.language, false));
  for (const Unit* unit : api::units_decided_by(visit.identity.viewer, *tree)) {
    view.units.push_back(api::unit_json(*unit, *tree, visit.language));
    for (const auto& call : KHOCHUNG_TRY(visit.services.accounts.calls().calls_of(unit->id)))
      view.own.push_back(api::call_json(call, *tree, visit.language, true));
  }
  return view;
}

Result<Response> calls(const Visit& visit) {
  auto view = KHOCHUNG_TRY(calls_view(visit));
  // Only what is there is said to have been made.
  const auto made = storage::CallId::parse(visit.request.query_value("made"));
  if (made && !view.units.empty() && visit.services.accounts.calls().find(*made))
    view.made = made->text();
  return page(200, calls_page(context_of(visit), view));
}

Result<storage::Call> make_by_form(const Visit& visit, const CallTyped& typed) {
  const auto tree = visit.services.units.tree();
  const Unit* unit = tree->find(typed.unit);
  if (unit == nullptr) return fail(ErrorCode::bad_input, "unknown_unit", "no such unit");
  storage::CallTerms terms;
  terms.unit = unit->id;
  terms.title = typed.title;
  terms.text = typed.text;
  terms.maker = visit.identity.viewer.name;
  terms.is_listed = typed.is_listed;
  if (!typed.kind.empty()) terms.preset["kind"] = typed.kind;
  const auto end = instant_from_rfc3339(typed.ends_on + "T23:59:59+07:00");
  if (!end) return fail(ErrorCode::bad_input, "share_expiry", "no day");
  terms.ends_at = *end;
  return api::make_call(visit.services, visit.identity.viewer, terms);
}

Result<Response> make(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  CallTyped typed{form_value(form, "unit"),
                  form_value(form, "title"),
                  form_value(form, "text"),
                  form_value(form, "kind"),
                  form_value(form, "ends_on"),
                  {},
                  form_value(form, "is_listed") == "1"};
  const auto call = make_by_form(visit, typed);
  if (call) {
    KHOCHUNG_CHECK(api::note_action(visit.services, visit.request, visit.identity.viewer,
                                    "call.make", call->id.text(), boost::json::object()));
    return Response::redirect("/calls?made=" + call->id.text());
  }
  if (http::status_of(call.error()) >= 500 || call.error().code == ErrorCode::forbidden)
    return fail(call.error());
  typed.error = sentence_for(call.error(), visit.language);
  auto view = KHOCHUNG_TRY(calls_view(visit));
  view.typed = std::move(typed);
  return page(http::status_of(call.error()), calls_page(context_of(visit), view));
}

Result<storage::CallId> call_of(const Request& request) {
  const auto id = storage::CallId::parse(request.parameter("call"));
  if (!id) return fail(ErrorCode::not_found, "call_over", "no such call");
  return *id;
}

Result<Response> close(const Visit& visit) {
  KHOCHUNG_CHECK(form_for_change(visit));
  const auto id = KHOCHUNG_TRY(call_of(visit.request));
  KHOCHUNG_CHECK(api::close_call(visit.services, visit.identity.viewer, id));
  KHOCHUNG_CHECK(api::note_action(visit.services, visit.request, visit.identity.viewer,
                                  "call.close", id.text(), boost::json::object()));
  return Response::redirect("/calls");
}

Result<Response> contribute_form(const Visit& visit) {
  const auto id = KHOCHUNG_TRY(call_of(visit.request));
  const auto call = KHOCHUNG_TRY(visit.services.accounts.calls().find(id));
  const value json = api::call_json(call, *visit.services.units.tree(), visit.language, false);
  return page(200, call_page(context_of(visit), json, {}));
}

/// Thanks, or the form again with what was written; files have to be chosen again.
Result<Response> contributed(const api::Services& services, const Site& site,
                             const Request& request, const storage::Call& call,
                             const Contributor& said, const Result<std::size_t>& kept) {
  const auto language = api::language_of(request);
  const auto context = context_of(request, site, {}, language);
  const value json = api::call_json(call, *services.units.tree(), language, false);
  if (kept) return page(201, thanks_page(context, json, static_cast<std::int64_t>(*kept)));
  if (http::status_of(kept.error()) >= 500) return fail(kept.error());
  return page(http::status_of(kept.error()),
              call_page(context, json,
                        {said.name, said.contact, said.note, said.agrees, said.has_consent,
                         std::string(sentence_for(kept.error(), language))}));
}

}  // namespace

void add_call_pages(http::Router& router, const api::Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add(Method::get, "/calls", calls);
  add(Method::post, "/calls", make);
  add(Method::post, "/calls/{call}/close", close);
  add(Method::get, "/call/{call}", contribute_form);
  const auto contribute = [&services, &site](const Request& request) {
    return api::ContributionSink::begin(
        services, request,
        [&services, &site](const Request& asked, const storage::Call& call, const Contributor& said,
                           const Result<std::size_t>& kept) {
          return contributed(services, site, asked, call, said, kept);
        });
  };
  router.add({Method::post, "/call/{call}", http::BodyKind::stream, {}, contribute, 0});
}

}  // namespace khochung::pages

#include "server/pages/privacy_site.hpp"

#include <boost/json.hpp>

#include "server/api/administration.hpp"
#include "server/api/audit_notes.hpp"
#include "server/http/form.hpp"
#include "server/http/problem.hpp"
#include "server/pages/account_mail.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/mail_links.hpp"
#include "server/pages/people_pages.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using api::Services;
using http::Method;
using http::Response;
using storage::DataRequest;
using storage::QueuedMail;
using Written = Result<std::optional<mail::Message>>;

constexpr int most_listed = 100;

/// Those who administer the top unit answer for the whole archive.
bool answers(const Visit& visit) {
  const auto tree = visit.services.units.tree();
  return tree->root() != nullptr &&
         api::administers(visit.identity.viewer, {tree->root()->number}, *tree);
}

bool has_mail(const Visit& visit) {
  return visit.services.postman != nullptr;
}

// -- asking

Result<Response> ask_form(const Visit& visit) {
  return page(200, privacy_page(context_of(visit), {}, answers(visit)));
}

Result<DataRequest> keep(const Visit& visit, const PrivacyTyped& typed) {
  const storage::DataRequestStore::Asked asked{
      KHOCHUNG_TRY(storage::data_wish_from(typed.wish)), typed.person,
      KHOCHUNG_TRY(MailAddress::parse(typed.address)), typed.subject, visit.language};
  return visit.services.accounts.data_requests().ask(asked, has_mail(visit),
                                                     access::network_of(visit.request.client));
}

Result<Response> ask(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  KHOCHUNG_CHECK(visit.services.doorkeeper.identify_asker(visit.request, form_value(form, "csrf")));
  PrivacyTyped typed{form_value(form, "wish"),
                     form_value(form, "person"),
                     form_value(form, "address"),
                     form_value(form, "subject"),
                     {}};
  const auto kept = keep(visit, typed);
  if (!kept && kept.error().reason.empty()) return fail(kept.error());
  if (!kept) {
    typed.error = sentence_for(kept.error(), visit.language);
    return page(http::status_of(kept.error()),
                privacy_page(context_of(visit), typed, answers(visit)));
  }
  if (has_mail(visit)) visit.services.postman->ring();
  return page(202, step_page(context_of(visit),
                             {"privacy.kept", instant_text(to_rfc3339(kept->due_at)), {}}));
}

// -- answering

Response list_answer(const Visit& visit, int status, std::vector<DataRequest> open,
                     std::string_view done, std::string_view error) {
  auto response = page(
      status, privacy_requests_page(context_of(visit), open, done, error, has_mail(visit), now()));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> requests(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=/privacy/requests");
  if (!answers(visit)) return fail(ErrorCode::forbidden, "does not administer the top unit");
  auto open = KHOCHUNG_TRY(visit.services.accounts.data_requests().open_ones(most_listed));
  const bool is_done = visit.request.query_value("done") == "answered";
  // Whoever reads what people ask about themselves is known.
  KHOCHUNG_CHECK(api::note_action(visit.services, visit.request, visit.identity.viewer,
                                  "privacy.read", std::to_string(open.size()),
                                  boost::json::object()));
  return list_answer(visit, 200, std::move(open),
                     is_done ? text(visit.language, "privacy.answered") : "", "");
}

Result<Response> answer(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  if (!answers(visit)) return fail(ErrorCode::forbidden, "does not administer the top unit");
  auto& kept = visit.services.accounts.data_requests();
  const auto answered = kept.answer(visit.request.parameter("id"), form_value(form, "answer"),
                                    visit.identity.viewer.name, has_mail(visit));
  if (answered) {
    KHOCHUNG_CHECK(api::note_action(visit.services, visit.request, visit.identity.viewer,
                                    "privacy.answer", answered->id.text(), boost::json::object()));
    if (has_mail(visit)) visit.services.postman->ring();
    return Response::redirect("/privacy/requests?done=answered");
  }
  const auto& error = answered.error();
  if (http::status_of(error) >= 500 || error.reason.empty()) return fail(error);
  return list_answer(visit, http::status_of(error), KHOCHUNG_TRY(kept.open_ones(most_listed)), "",
                     sentence_for(error, visit.language));
}

// -- mails

Written write_mail(const Services& services, const Site& site, const QueuedMail& mail) {
  const auto one = services.accounts.data_requests().find(mail.subject);
  if (!one && one.error().code == ErrorCode::not_found) return std::nullopt;
  const auto& request = KHOCHUNG_TRY(one);
  auto words = privacy_mail(
      {site.origin, site.name},
      {request.person, request.subject, request.answer, instant_text(to_rfc3339(request.due_at))},
      request.language);
  return mail::Message{
      request.address, std::move(words.subject), std::move(words.text), request.language, {}};
}

}  // namespace

void add_privacy_pages(http::Router& router, const Services& services, const Site& site) {
  add_page(router, services, site, {Method::get, "/privacy", ask_form});
  add_page(router, services, site, {Method::post, "/privacy", ask});
  add_page(router, services, site, {Method::get, "/privacy/requests", requests});
  add_page(router, services, site, {Method::post, "/privacy/requests/{id}/answer", answer});
}

void add_privacy_mails(mail::Postman& postman, const Services& services, const Site& site) {
  for (const auto kind : {storage::data_request_received, storage::data_request_answered})
    add_mail_kind(postman, services, site, kind, write_mail);
}

}  // namespace khochung::pages

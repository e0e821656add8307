#include "server/pages/press_site.hpp"

#include "server/api/accreditations.hpp"
#include "server/api/invitations.hpp"
#include "server/api/readable.hpp"
#include "server/api/search_answer.hpp"
#include "server/http/form.hpp"
#include "server/http/problem.hpp"
#include "server/pages/account_mail.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/mail_links.hpp"
#include "server/pages/people_pages.hpp"

namespace khochung::pages {
namespace {

using api::Services;
using http::Method;
using http::Request;
using http::Response;
using storage::Accreditation;
using storage::QueuedMail;
using Written = Result<std::optional<mail::Message>>;

constexpr int most_listed = 100;
constexpr std::chrono::hours link_opens_for{7 * 24};
constexpr std::chrono::days offered_life{365};

bool decides(const Visit& visit) {
  return api::decides_about_press(visit.identity.viewer, *visit.services.units.tree());
}

// -- asking

Result<Response> ask_form(const Visit& visit) {
  return page(200, press_page(context_of(visit), {}, decides(visit)));
}

Result<storage::AccreditationWish> wish_of(const PressTyped& typed, Language language) {
  return storage::AccreditationWish{typed.person,  typed.newsroom,
                                    typed.card,    typed.telephone,
                                    typed.purpose, KHOCHUNG_TRY(MailAddress::parse(typed.address)),
                                    language};
}

Result<Response> ask(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  KHOCHUNG_CHECK(visit.services.doorkeeper.identify_asker(visit.request, form_value(form, "csrf")));
  PressTyped typed{form_value(form, "person"),
                   form_value(form, "newsroom"),
                   form_value(form, "card"),
                   form_value(form, "telephone"),
                   form_value(form, "purpose"),
                   form_value(form, "address"),
                   {}};
  auto asked = Result<void>();
  const auto wish = wish_of(typed, visit.language);
  if (wish) {
    asked = api::ask_accreditation(visit.services, visit.request, *wish);
  } else {
    asked = fail(wish.error());
  }
  if (!asked && asked.error().reason.empty()) return fail(asked.error());
  if (!asked) {
    typed.error = sentence_for(asked.error(), visit.language);
    return page(http::status_of(asked.error()),
                press_page(context_of(visit), typed, decides(visit)));
  }
  const auto* key = visit.services.postman != nullptr ? "press.sent" : "press.kept";
  return page(202, step_page(context_of(visit), {key, typed.address, {}}));
}

Response answer(const Opening& opening, const StepView& view) {
  return page(200, step_page(opening.context(), view));
}

Result<Response> confirm_form(const Opening& opening) {
  const auto one =
      KHOCHUNG_TRY(opening.services.accounts.accreditations().wish_of(opening.token()));
  return answer(opening, {"press.confirm", one.wish.address.text(), "press.confirm.button"});
}

Result<Response> confirm(const Opening& opening) {
  const auto one =
      KHOCHUNG_TRY(opening.services.accounts.accreditations().confirm(opening.token()));
  return answer(opening, {"press.kept", one.wish.address.text(), {}});
}

// -- deciding

Result<PressView> view_of(const Visit& visit) {
  const auto& kept = visit.services.accounts.accreditations();
  PressView view;
  view.waiting = KHOCHUNG_TRY(kept.waiting(most_listed));
  view.in_force = KHOCHUNG_TRY(kept.in_force(most_listed));
  view.ends_on = to_text(day_of(now() + offered_life));
  const auto done = visit.request.query_value("done");
  for (const auto* known : {"granted", "refused", "ended"}) {
    if (done == known) view.done = text(visit.language, "press.done." + done);
  }
  return view;
}

Response requests_answer(const Visit& visit, int status, const PressView& view) {
  auto response = page(status, press_requests_page(context_of(visit), view));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> requests(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=/press/requests");
  if (!decides(visit)) return fail(ErrorCode::forbidden, "does not decide about the press");
  return requests_answer(visit, 200, KHOCHUNG_TRY(view_of(visit)));
}

/// The list, with why nothing was decided.
Result<Response> complaint(const Visit& visit, const Error& error) {
  if (http::status_of(error) >= 500 || error.reason.empty()) return fail(error);
  auto view = KHOCHUNG_TRY(view_of(visit));
  view.error = sentence_for(error, visit.language);
  return requests_answer(visit, http::status_of(error), view);
}

Result<Response> grant(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto end = instant_from_rfc3339(form_value(form, "ends_on") + "T23:59:59+07:00");
  const auto account = form_value(form, "account");
  const auto granted =
      api::grant_accreditation(visit.services, visit.request, visit.identity.viewer,
                               {visit.request.parameter("id"), account, end.value_or(Instant{})});
  if (!granted) return complaint(visit, granted.error());
  if (granted->token.empty()) return Response::redirect("/press/requests?done=granted");
  auto view = KHOCHUNG_TRY(view_of(visit));
  view.made_url = api::origin_of(visit.request, visit.site) + api::invitation_path(granted->token);
  view.made_for = granted->accreditation.account;
  return requests_answer(visit, 201, view);
}

Result<Response> refuse(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto refused =
      api::refuse_accreditation(visit.services, visit.request, visit.identity.viewer,
                                visit.request.parameter("id"), form_value(form, "reason"));
  if (!refused) return complaint(visit, refused.error());
  return Response::redirect("/press/requests?done=refused");
}

Result<Response> end(const Visit& visit) {
  KHOCHUNG_CHECK(form_for_change(visit));
  KHOCHUNG_CHECK(api::end_accreditation(visit.services, visit.request, visit.identity.viewer,
                                        visit.request.parameter("id")));
  return Response::redirect("/press/requests?done=ended");
}

// -- mails

PressWords words_of(const Accreditation& one, std::string url) {
  return {one.wish.person, one.account, instant_text(to_rfc3339(one.ends_at)), one.reason,
          std::move(url)};
}

mail::Message message_to(const Accreditation& one, MailText words) {
  return {one.wish.address, std::move(words.subject), std::move(words.text), one.wish.language, {}};
}

/// The accreditation that a mail is about; nothing when it is gone or no longer in that state.
Result<std::optional<Accreditation>> in_state(const Services& services, const QueuedMail& mail,
                                              storage::AccreditationState state) {
  const auto one = services.accounts.accreditations().find(mail.subject);
  if (!one && one.error().code == ErrorCode::not_found) return std::nullopt;
  if (KHOCHUNG_TRY(one).state != state) return std::nullopt;
  return *one;
}

Written write_confirmation(const Services& services, const Site& site, const QueuedMail& mail) {
  const auto begun = services.accounts.accreditations().begin_confirmation(mail.subject);
  if (!begun && begun.error().code == ErrorCode::not_found) return std::nullopt;
  const auto& [one, token] = KHOCHUNG_TRY(begun);
  const auto url = site.origin + "/press/confirm/" + token;
  return message_to(one, press_confirmation_mail({site.origin, site.name}, words_of(one, url),
                                                 one.wish.language));
}

Written write_granted(const Services& services, const Site& site, const QueuedMail& mail) {
  using enum storage::AccreditationState;
  const auto one = KHOCHUNG_TRY(in_state(services, mail, granted));
  if (!one) return std::nullopt;
  const auto account = services.accounts.account(one->account);
  if (!account && account.error().code == ErrorCode::not_found) return std::nullopt;
  std::string url;
  if (!KHOCHUNG_TRY(account).has_password) {
    const auto link = services.accounts.invitations().recover(one->account, link_opens_for);
    if (!link && link.error().code == ErrorCode::not_found) return std::nullopt;
    url = site.origin + api::invitation_path(KHOCHUNG_TRY(link).token);
  }
  return message_to(
      *one, press_granted_mail({site.origin, site.name}, words_of(*one, url), one->wish.language));
}

Written write_refused(const Services& services, const Site& site, const QueuedMail& mail) {
  using enum storage::AccreditationState;
  const auto one = KHOCHUNG_TRY(in_state(services, mail, refused));
  if (!one) return std::nullopt;
  return message_to(
      *one, press_refused_mail({site.origin, site.name}, words_of(*one, {}), one->wish.language));
}

Written write_ending(const Services& services, const Site& site, const QueuedMail& mail) {
  using enum storage::AccreditationState;
  const auto one = KHOCHUNG_TRY(in_state(services, mail, granted));
  if (!one || one->ends_at <= now()) return std::nullopt;
  return message_to(
      *one, press_ending_mail({site.origin, site.name}, words_of(*one, {}), one->wish.language));
}

}  // namespace

void add_press_pages(http::Router& router, const Services& services, const Site& site) {
  add_page(router, services, site, {Method::get, "/press", ask_form});
  add_page(router, services, site, {Method::post, "/press", ask});
  add_page(router, services, site, {Method::get, "/press/requests", requests});
  add_page(router, services, site, {Method::post, "/press/requests/{id}/grant", grant});
  add_page(router, services, site, {Method::post, "/press/requests/{id}/refuse", refuse});
  add_page(router, services, site, {Method::post, "/press/requests/{id}/end", end});
  add_link_page(router, services, site, {"/press/confirm/{token}", confirm_form, confirm});
}

void add_press_mails(mail::Postman& postman, const Services& services, const Site& site) {
  const auto add = [&](std::string_view kind, MailWriter writer) {
    add_mail_kind(postman, services, site, kind, writer);
  };
  add(storage::accreditation_confirmation, write_confirmation);
  add(storage::accreditation_granted, write_granted);
  add(storage::accreditation_refused, write_refused);
  add(storage::accreditation_ending, write_ending);
  postman.do_before([&services](const std::stop_token&) {
    return services.accounts.accreditations().look_after(true);
  });
}

}  // namespace khochung::pages

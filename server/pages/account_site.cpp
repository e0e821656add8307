#include "server/pages/account_site.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "schemas/digest.hpp"
#include "server/api/accreditations.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/invitations.hpp"
#include "server/api/provider_sign_in.hpp"
#include "server/api/work_news.hpp"
#include "server/delivery/qr_code.hpp"
#include "server/http/encoding.hpp"
#include "server/http/form.hpp"
#include "server/http/problem.hpp"
#include "server/pages/invite_site.hpp"
#include "server/pages/people_pages.hpp"
#include "storage/accounts/second_step_store.hpp"

namespace khochung::pages {
namespace {

using api::Services;
using boost::json::object;
using http::Method;
using http::Response;

constexpr int longest_token_days = 365;
constexpr std::chrono::minutes fresh_for{10};

storage::AccountStore& accounts_of(const Visit& visit) {
  return visit.services.accounts;
}

const std::string& name_of(const Visit& visit) {
  return visit.identity.viewer.name;
}

Result<void> note(const Visit& visit, std::string_view action, object detail = {}) {
  return api::note_action(visit.services, visit.request, visit.identity.viewer, action,
                          name_of(visit), std::move(detail));
}

/// The form that the signed-in person sent. Errors: as form_for_change(); forbidden.
Result<Form> own_form(const Visit& visit) {
  auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  KHOCHUNG_CHECK(
      visit.services.doorkeeper.identify_in_person(visit.request, form_value(form, "csrf")));
  return form;
}

Result<AccountView> view_of(const Visit& visit) {
  const auto& accounts = accounts_of(visit);
  const auto& name = name_of(visit);
  auto& steps = accounts_of(visit).second_steps();
  AccountView view;
  view.sessions = KHOCHUNG_TRY(accounts.sessions_of(name));
  view.present_session = Digest::of(access::session_token_of(visit.request)).hex();
  view.may_invite = administers_some(visit.identity.viewer);
  view.decides_about_press =
      api::decides_about_press(visit.identity.viewer, *visit.services.units.tree());
  view.tokens = KHOCHUNG_TRY(accounts.api_tokens_of(name));
  view.has_second_step = KHOCHUNG_TRY(steps.is_on(name));
  const auto kept = KHOCHUNG_TRY(accounts.account(name));
  const auto is_administrator = [](const auto& grant) {
    return grant.role == access::Role::administrator;
  };
  view.rights_rest = std::ranges::any_of(kept.grants, is_administrator) &&
                     std::ranges::none_of(visit.identity.viewer.grants, is_administrator);
  view.identities = KHOCHUNG_TRY(accounts_of(visit).identities().identities_of(name));
  view.has_password = kept.has_password;
  if (const auto* provider = visit.services.identity_provider) {
    view.provider = provider->name(visit.language);
    for (auto& one : view.identities) {
      if (one.issuer != provider->settings().issuer) continue;
      one.issuer = view.provider;
      view.is_linked = true;
    }
  }
  view.has_mail = visit.services.postman != nullptr;
  view.address = KHOCHUNG_TRY(accounts_of(visit).addresses().address_of(name));
  view.recovery_codes_left = KHOCHUNG_TRY(steps.recovery_codes_left(name));
  return view;
}

/// The page holds secrets, so nothing keeps it.
Response secret_page(int status, std::string html) {
  auto response = page(status, std::move(html));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

/// What went wrong with a form, in a sentence on the page. Errors: our own ones, as they are.
Result<Response> complaint(const Visit& visit, const Error& error, const AccountView& typed = {}) {
  const auto status = http::status_of(error);
  if (status >= 500 || error.reason.empty()) return fail(error);
  auto view = KHOCHUNG_TRY(view_of(visit));
  view.error = sentence_for(error, visit.language);
  view.typed_address = typed.typed_address;
  view.label = typed.label;
  view.days = typed.days;
  return secret_page(status, account_page(context_of(visit), view));
}

Result<Response> show(const Visit& visit) {
  if (visit.identity.viewer.kind == access::AccountKind::anonymous)
    return Response::redirect("/sign-in?next=/account");
  if (visit.identity.csrf_token.empty())
    return fail(ErrorCode::forbidden, "needs_session", "only for whoever is signed in");
  auto view = KHOCHUNG_TRY(view_of(visit));
  const auto done = visit.request.query_value("done");
  for (const auto* known : {"session", "token", "password", "second_step_off", "linked", "unlinked",
                            "address", "address_asked", "address_gone"}) {
    if (done == known) view.done = done;
  }
  const auto trouble = visit.request.query_value("trouble");
  for (const std::string_view known :
       {"provider_away", "provider_busy", "provider_refused", "provider_cancelled",
        "provider_answer", "provider_start_again", "identity_taken"}) {
    if (trouble == known)
      view.error = sentence_for(Error{ErrorCode::conflict, {}, known}, visit.language);
  }
  return secret_page(200, account_page(context_of(visit), view));
}

Response done(std::string_view what) {
  return Response::redirect("/account?done=" + std::string(what));
}

/// After a change of what one needs to sign in, the browser goes on with another session, for which
/// as much is proven.
Result<void> begin_anew(const Visit& visit, Response& response) {
  auto& accounts = accounts_of(visit);
  KHOCHUNG_CHECK(accounts.end_session(access::session_token_of(visit.request)));
  auto from = access::sign_in_from(visit.request);
  from.had_second_factor = visit.identity.had_second_factor;
  const auto session = KHOCHUNG_TRY(accounts.begin_session(name_of(visit), from));
  access::Doorkeeper::add_cookies(response, visit.request, session);
  return {};
}

// -- sessions

Result<Response> end_sessions(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  const auto id = form_value(form, "id");
  auto& accounts = accounts_of(visit);
  if (id == "others") {
    KHOCHUNG_CHECK(
        accounts.end_other_sessions(name_of(visit), access::session_token_of(visit.request)));
  } else {
    KHOCHUNG_CHECK(accounts.end_session_of(name_of(visit), id));
  }
  KHOCHUNG_CHECK(note(visit, "session.end", {{"which", id == "others" ? "others" : "one"}}));
  return done("session");
}

// -- the password

/// Whether the present session began just now.
Result<bool> is_fresh(const Visit& visit) {
  const auto id = Digest::of(access::session_token_of(visit.request)).hex();
  const auto sessions = KHOCHUNG_TRY(accounts_of(visit).sessions_of(name_of(visit)));
  return std::ranges::any_of(sessions, [&](const storage::SessionLine& one) {
    return one.id == id && now() - one.began_at < fresh_for;
  });
}

/// Whoever finds a browser signed in must not open the account to himself for good: the present
/// password is asked for or, where there is none, a sign-in of just now.
/// Errors: those of AccountStore::check_password; unauthenticated "needs_fresh_sign_in".
Result<void> expect_owner(const Visit& visit, const std::string& password) {
  auto& accounts = accounts_of(visit);
  if (KHOCHUNG_TRY(accounts.account(name_of(visit))).has_password)
    return accounts.check_password(name_of(visit), password, access::sign_in_from(visit.request));
  if (!KHOCHUNG_TRY(is_fresh(visit)))
    return fail(ErrorCode::unauthenticated, "needs_fresh_sign_in", "the session is too old");
  return {};
}

Result<void> change_password(const Visit& visit, const Form& form) {
  const auto password = form_value(form, "password");
  if (password != form_value(form, "again"))
    return fail(ErrorCode::bad_input, "passwords_differ", "two passwords");
  KHOCHUNG_CHECK(storage::check_password(password, name_of(visit)));
  KHOCHUNG_CHECK(expect_owner(visit, form_value(form, "present")));
  KHOCHUNG_CHECK(accounts_of(visit).set_password(name_of(visit), password));
  api::tell_account(visit.services, name_of(visit), "password");
  return note(visit, "account.password");
}

Result<Response> send_password(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  if (const auto changed = change_password(visit, form); !changed)
    return complaint(visit, changed.error());
  auto response = done("password");
  KHOCHUNG_CHECK(begin_anew(visit, response));
  return response;
}

// -- identities at a provider

Result<Response> begin_link(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  const auto* provider = visit.services.identity_provider;
  if (provider == nullptr) return fail(ErrorCode::not_found, "no provider is configured");
  if (const auto owner = expect_owner(visit, form_value(form, "present")); !owner)
    return complaint(visit, owner.error());
  const auto way = api::way_to_provider(visit.services, visit.request, visit.site,
                                        {access::ProviderErrand::link,
                                         "/account",
                                         std::string(access::session_token_of(visit.request)),
                                         {}});
  if (!way) return Response::redirect("/account?trouble=" + std::string(way.error().reason));
  // A link and no redirection: form-action keeps what a form leads to on this site.
  auto response = secret_page(
      200, link_page(context_of(visit), {provider->name(visit.language), way->location}));
  response.fields.add("Set-Cookie",
                      access::IdentityProvider::cookie_field(visit.request, way->kept));
  return response;
}

Result<Response> unlink(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  if (const auto owner = expect_owner(visit, form_value(form, "present")); !owner)
    return complaint(visit, owner.error());
  const auto gone = api::unlink_identity(visit.services, visit.request, visit.identity.viewer,
                                         form_value(form, "id"));
  if (!gone) return complaint(visit, gone.error());
  return done("unlinked");
}

// -- the second step

/// What an authenticator program reads from the picture.
/// Source: github.com/google/google-authenticator/wiki/Key-Uri-Format
std::string key_address(const std::string& name, const std::string& secret) {
  return "otpauth://totp/Kho%20Chung:" + http::percent_encode(name) + "?secret=" + secret +
         "&issuer=Kho%20Chung";
}

Result<Response> second_step_form(const Visit& visit, const std::string& secret,
                                  const Error* error) {
  SecondStepView view;
  view.secret = secret;
  view.qr = KHOCHUNG_TRY(delivery::qr_code(key_address(name_of(visit), secret)));
  if (error != nullptr) view.error = sentence_for(*error, visit.language);
  return secret_page(error == nullptr ? 200 : http::status_of(*error),
                     second_step_page(context_of(visit), view));
}

/// Without a password a second step would make an old session of somebody else's a new one.
Result<void> expect_password_or_fresh(const Visit& visit) {
  if (KHOCHUNG_TRY(accounts_of(visit).account(name_of(visit))).has_password) return {};
  return expect_owner(visit, {});
}

Result<Response> begin_second_step(const Visit& visit) {
  KHOCHUNG_CHECK(own_form(visit));
  if (const auto owns = expect_password_or_fresh(visit); !owns)
    return complaint(visit, owns.error());
  const auto secret = accounts_of(visit).second_steps().begin(name_of(visit));
  if (!secret) return complaint(visit, secret.error());
  return second_step_form(visit, *secret, nullptr);
}

Result<Response> confirm_second_step(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  if (const auto owns = expect_password_or_fresh(visit); !owns)
    return complaint(visit, owns.error());
  auto& steps = accounts_of(visit).second_steps();
  const auto codes = steps.confirm(name_of(visit), form_value(form, "code"));
  if (!codes && codes.error().reason == "wrong_code")
    return second_step_form(visit, KHOCHUNG_TRY(steps.begun(name_of(visit))), &codes.error());
  if (!codes) return fail(codes.error());
  KHOCHUNG_CHECK(note(visit, "account.second_step_on"));
  api::tell_account(visit.services, name_of(visit), "second_step_on");
  auto response = secret_page(200, recovery_codes_page(context_of(visit), *codes));
  KHOCHUNG_CHECK(begin_anew(visit, response));
  return response;
}

Result<Response> end_second_step(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  const auto code = form_value(form, "code");
  auto& accounts = accounts_of(visit);
  // Without a code the password alone would do.
  const auto proven = code.empty()
                          ? Result<void>(fail(ErrorCode::unauthenticated, "wrong_code", "no code"))
                          : accounts.check_password(name_of(visit), form_value(form, "password"),
                                                    access::sign_in_from(visit.request, code));
  if (!proven) return complaint(visit, proven.error());
  KHOCHUNG_CHECK(accounts.second_steps().turn_off(name_of(visit)));
  KHOCHUNG_CHECK(note(visit, "account.second_step_off"));
  api::tell_account(visit.services, name_of(visit), "second_step_off");
  auto response = done("second_step_off");
  KHOCHUNG_CHECK(begin_anew(visit, response));
  return response;
}

// -- where the person is written to

Result<void> ask_address(const Visit& visit, const Form& form) {
  if (visit.services.postman == nullptr)
    return fail(ErrorCode::unsupported, "mail_unset", "no mail server is configured");
  const auto address = KHOCHUNG_TRY(MailAddress::parse(form_value(form, "address")));
  auto& accounts = accounts_of(visit);
  // Whoever finds a browser signed in must not make a way of recovery of it.
  KHOCHUNG_CHECK(expect_owner(visit, form_value(form, "password")));
  KHOCHUNG_CHECK(accounts.addresses().ask(name_of(visit), address, visit.language));
  visit.services.postman->ring();
  return note(visit, "account.address_asked");
}

Result<Response> send_address(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  const auto asked = ask_address(visit, form);
  if (asked) return done("address_asked");
  AccountView typed;
  typed.typed_address = form_value(form, "address");
  return complaint(visit, asked.error(), typed);
}

Result<Response> remove_address(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  // Warnings go there.
  if (const auto owns = expect_owner(visit, form_value(form, "password")); !owns)
    return complaint(visit, owns.error());
  KHOCHUNG_CHECK(accounts_of(visit).addresses().forget(name_of(visit)));
  KHOCHUNG_CHECK(note(visit, "account.address_end"));
  return done("address_gone");
}

Result<Response> choose_work(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  KHOCHUNG_CHECK(accounts_of(visit).addresses().set_wants_work(name_of(visit),
                                                               form_value(form, "work") == "1"));
  return done("address");
}

// -- the end of the account

Result<Response> erase(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  const auto proven = expect_owner(visit, form_value(form, "password"));
  if (!proven) return complaint(visit, proven.error());
  const auto erased =
      api::erase_account(visit.services, visit.request, visit.identity.viewer, name_of(visit));
  if (!erased) return complaint(visit, erased.error());
  auto response = Response::redirect("/sign-in?done=erased");
  response.fields.add("Set-Cookie", visit.services.doorkeeper.sign_out(visit.request));
  return response;
}

// -- API tokens

Result<storage::TokenTerms> terms_of(const Form& form) {
  const auto text = form_value(form, "days");
  int days = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, days);
  if (problem != std::errc() || stopped != end || days < 1 || days > longest_token_days)
    return fail(ErrorCode::bad_input, "token_expiry", "no such number of days");
  return storage::TokenTerms{form_value(form, "label"),
                             KHOCHUNG_TRY(storage::token_scope_from(form_value(form, "scope"))),
                             now() + std::chrono::days(days)};
}

Result<Response> make_token(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  AccountView typed;
  typed.label = form_value(form, "label");
  typed.days = form_value(form, "days");
  const auto terms = terms_of(form);
  if (!terms) return complaint(visit, terms.error(), typed);
  const auto token = KHOCHUNG_TRY(accounts_of(visit).make_api_token(name_of(visit), *terms));
  KHOCHUNG_CHECK(
      note(visit, "account.token",
           {{"scope", to_text(terms->scope)}, {"expires_at", to_rfc3339(terms->expires_at)}}));
  api::tell_account(visit.services, name_of(visit), "token");
  auto view = KHOCHUNG_TRY(view_of(visit));
  view.new_token = token;
  return secret_page(201, account_page(context_of(visit), view));
}

Result<Response> end_token(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(own_form(visit));
  KHOCHUNG_CHECK(accounts_of(visit).revoke_api_token(name_of(visit), form_value(form, "id")));
  KHOCHUNG_CHECK(note(visit, "account.token_end"));
  return done("token");
}

}  // namespace

void add_account_pages(http::Router& router, const Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add(Method::get, "/account", show);
  add(Method::post, "/account/sessions/end", end_sessions);
  add(Method::post, "/account/identities", begin_link);
  add(Method::post, "/account/identities/end", unlink);
  add(Method::post, "/account/password", send_password);
  add(Method::post, "/account/second-step", begin_second_step);
  add(Method::post, "/account/second-step/confirm", confirm_second_step);
  add(Method::post, "/account/second-step/off", end_second_step);
  add(Method::post, "/account/address", send_address);
  add(Method::post, "/account/address/remove", remove_address);
  add(Method::post, "/account/address/work", choose_work);
  add(Method::post, "/account/erase", erase);
  add(Method::post, "/account/tokens", make_token);
  add(Method::post, "/account/tokens/end", end_token);
}

}  // namespace khochung::pages

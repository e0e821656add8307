#include "server/pages/people_pages.hpp"

#include <boost/json.hpp>

#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t letters_at_once = 4;

std::string instant_words(Instant instant) {
  return instant_text(to_rfc3339(instant));
}

/// Its address or its content is a secret, so no robot shall keep it.
std::string private_page(const PageContext& context, std::string_view title, std::string body) {
  Frame frame;
  frame.tab_title = title;
  frame.card_title = title;
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, std::move(body));
}

std::string role_text(access::Role role, Language language) {
  return std::string(text(language, "role." + std::string(access::to_text(role))));
}

array sessions_view(const AccountView& view, Language language) {
  array sessions;
  for (const auto& one : view.sessions) {
    const auto browser =
        one.browser.empty() ? std::string(text(language, "account.session.unknown")) : one.browser;
    const bool is_present = one.id == view.present_session;
    sessions.push_back(object{{"id", one.id},
                              {"browser", browser},
                              {"is_present", is_present},
                              {"may_end", !is_present},
                              {"line", text(language, "account.session.line",
                                            {{"began", instant_words(one.began_at)},
                                             {"seen", instant_words(one.seen_at)},
                                             {"network", one.network + "…"}})}});
  }
  return sessions;
}

array identities_view(const AccountView& view, Language language) {
  array identities;
  for (const auto& one : view.identities)
    identities.push_back(object{{"id", one.id},
                                {"label", one.label},
                                {"line", text(language, "account.identity.line",
                                              {{"provider", one.issuer},
                                               {"linked", instant_words(one.linked_at)},
                                               {"used", instant_words(one.used_at)}})}});
  return identities;
}

/// What the page says of the provider: empty where there is none.
void add_provider(object& page, const AccountView& view, Language language) {
  page["has_password"] = view.has_password;
  page["identities"] = identities_view(view, language);
  page["has_provider"] = !view.provider.empty() || !view.identities.empty();
  const auto named = [&](std::string_view key) {
    return view.provider.empty() ? std::string() : text(language, key, {{"name", view.provider}});
  };
  page["identity_what"] =
      named(view.is_linked ? "account.identity.linked" : "account.identity.what");
  page["identity_button"] = view.is_linked ? std::string() : named("account.identity.button");
}

array tokens_view(const AccountView& view, Language language) {
  array tokens;
  for (const auto& one : view.tokens) {
    const auto scope =
        text(language, one.terms.scope == storage::TokenScope::read ? "account.token.read"
                                                                    : "account.token.write");
    tokens.push_back(object{{"id", one.id},
                            {"label", one.terms.label},
                            {"line", text(language, "account.token.line",
                                          {{"scope", scope},
                                           {"made", instant_words(one.made_at)},
                                           {"until", instant_words(one.terms.expires_at)}})}});
  }
  return tokens;
}

array roles_view(const PeopleView& view, Language language) {
  array roles;
  for (const auto role :
       {access::Role::reader, access::Role::contributor, access::Role::archivist,
        access::Role::editor, access::Role::spokesperson, access::Role::administrator}) {
    const auto key = access::to_text(role);
    roles.push_back(object{
        {"key", key}, {"label", role_text(role, language)}, {"is_chosen", key == view.role}});
  }
  return roles;
}

array open_view(const PeopleView& view, Language language) {
  array open;
  for (std::size_t i = 0; i < view.open.size(); ++i) {
    const auto& one = view.open[i];
    const auto what =
        one.grant
            ? text(language, "invitation.role",
                   {{"role", role_text(one.grant->role, language)}, {"unit", view.open_units[i]}})
            : std::string(text(language, "invitation.reset.title"));
    open.push_back(
        object{{"id", one.id},
               {"name", one.name},
               {"what", what},
               {"until", text(language, "people.until", {{"at", instant_words(one.ends_at)}})}});
  }
  return open;
}

array accreditations_view(const std::vector<storage::Accreditation>& all, Language language) {
  array views;
  for (const auto& one : all) {
    const auto& wish = one.wish;
    const auto card = wish.card.empty() ? std::string()
                                        : text(language, "press.card_line", {{"card", wish.card}});
    const bool is_granted = one.state == storage::AccreditationState::granted;
    views.push_back(object{{"id", one.id.text()},
                           {"person", wish.person},
                           {"newsroom", joined({wish.newsroom, card})},
                           {"contact", joined({wish.address.text(), wish.telephone})},
                           {"purpose", wish.purpose},
                           {"account", is_granted ? one.account : wish.address.text()},
                           {"line", is_granted ? text(language, "press.until",
                                                      {{"account", one.account},
                                                       {"at", instant_words(one.ends_at)},
                                                       {"by", one.decided_by}})
                                               : text(language, "press.asked",
                                                      {{"at", instant_words(one.asked_at)}})}});
  }
  return views;
}

/// "ABCD EFGH …", to be typed from the screen.
std::string in_groups(const std::string& secret) {
  std::string groups;
  for (std::size_t at = 0; at < secret.size(); at += letters_at_once)
    groups += (at == 0 ? "" : " ") + secret.substr(at, letters_at_once);
  return groups;
}

}  // namespace

std::string invitation_page(const PageContext& context, const InvitationView& view) {
  const auto language = context.language;
  const auto& invitation = view.invitation;
  const auto kind = std::string(to_text(invitation.kind));
  const auto title = text(language, "invitation." + kind + ".title");
  const bool asks_name = invitation.kind == storage::InvitationKind::set_up;
  const object page{
      {"address", view.address},
      {"heading", title},
      {"lead", text(language, "invitation." + kind + ".lead")},
      {"error", view.error},
      {"asks_name", asks_name},
      {"name", asks_name ? view.name : invitation.name},
      {"role", invitation.grant ? text(language, "invitation.role",
                                       {{"role", role_text(invitation.grant->role, language)},
                                        {"unit", view.unit}})
                                : std::string()},
      {"until", text(language, "invitation.until", {{"at", instant_words(invitation.ends_at)}})}};
  return private_page(context, title, render("invitation", page, language));
}

std::string sign_in_code_page(const PageContext& context, const SignInCodeView& view) {
  const auto language = context.language;
  const object page{
      {"next", view.next},
      {"error", view.error},
      {"lead", view.provider.empty()
                   ? std::string(text(language, "sign_in.code.lead"))
                   : text(language, "sign_in.code.lead_provider", {{"name", view.provider}})}};
  return private_page(context, text(context.language, "sign_in.code.title"),
                      render("sign_in_code", page, context.language));
}

std::string link_page(const PageContext& context, const LinkView& view) {
  const auto language = context.language;
  const auto with_name = [&](std::string_view key) {
    return text(language, key, {{"name", view.provider}});
  };
  const auto title = with_name("link.title");
  const object page{{"heading", title},
                    {"address", view.address},
                    {"lead", with_name("link.lead")},
                    {"button", with_name("link.button")}};
  return private_page(context, title, render("link", page, language));
}

std::string forgot_page(const PageContext& context, std::string_view typed,
                        std::string_view error) {
  const object page{{"csrf", context.csrf_token}, {"name", typed}, {"error", error}};
  return private_page(context, text(context.language, "forgot.title"),
                      render("forgot", page, context.language));
}

std::string step_page(const PageContext& context, const StepView& view) {
  const auto language = context.language;
  const auto heading = text(language, view.key + ".title");
  object page{
      {"heading", heading}, {"lead", text(language, view.key + ".lead", {{"about", view.about}})},
      {"kit_address", ""},  {"error", ""},
      {"button", nullptr},  {"form", nullptr}};
  if (!view.button.empty()) page["button"] = object{{"label", text(language, view.button)}};
  return private_page(context, heading, render("notice", page, language));
}

std::string account_page(const PageContext& context, const AccountView& view) {
  const auto language = context.language;
  object page{
      {"csrf", context.csrf_token},
      {"name", context.user_name},
      {"error", view.error},
      {"done", view.done.empty() ? std::string()
                                 : std::string(text(language, "account.done." + view.done))},
      {"has_mail", view.has_mail},
      {"address", view.address ? view.address->address.text() : std::string()},
      {"wants_work", view.address && view.address->wants_work},
      {"typed_address", view.typed_address},
      {"sessions", sessions_view(view, language)},
      {"has_others", view.sessions.size() > 1},
      {"has_second_step", view.has_second_step},
      {"rights_rest", view.rights_rest},
      {"codes_left", text(language, "account.second_step.left",
                          {{"count", number_text(view.recovery_codes_left, language)}})},
      {"may_invite", view.may_invite},
      {"decides_about_press", view.decides_about_press},
      {"new_token", view.new_token},
      {"data_address", "/api/v1/users/" + encoded(context.user_name) + "/data"},
      {"has_tokens", !view.tokens.empty()},
      {"tokens", tokens_view(view, language)},
      {"label", view.label},
      {"days", view.days}};
  add_provider(page, view, language);
  return private_page(context, text(language, "account.title"), render("account", page, language));
}

std::string people_page(const PageContext& context, const PeopleView& view) {
  const auto language = context.language;
  array units;
  for (const auto& unit : view.units)
    units.push_back(object{{"code", unit.code}, {"name", unit.name}});
  const object page{
      {"csrf", context.csrf_token},
      {"error", view.error},
      {"is_revoked", view.is_revoked},
      {"url", view.made_url},
      {"made", view.made_url.empty() ? std::string()
                                     : text(language, "people.made", {{"name", view.made_for}})},
      {"name", view.name},
      {"unit", view.unit},
      {"units", std::move(units)},
      {"roles", roles_view(view, language)},
      {"has_open", !view.open.empty()},
      {"open", open_view(view, language)}};
  return private_page(context, text(language, "people.title"), render("people", page, language));
}

std::string press_page(const PageContext& context, const PressTyped& typed, bool decides) {
  const object page{
      {"csrf", context.csrf_token}, {"decides", decides},       {"person", typed.person},
      {"newsroom", typed.newsroom}, {"card", typed.card},       {"telephone", typed.telephone},
      {"purpose", typed.purpose},   {"address", typed.address}, {"error", typed.error}};
  Frame frame;
  frame.tab_title = text(context.language, "press.title");
  frame.card_title = frame.tab_title;
  frame.card_path = "/press";
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("press", page, context.language));
}

std::string press_requests_page(const PageContext& context, const PressView& view) {
  const auto language = context.language;
  const object page{
      {"csrf", context.csrf_token},
      {"error", view.error},
      {"done", view.done},
      {"url", view.made_url},
      {"made", view.made_url.empty() ? std::string()
                                     : text(language, "people.made", {{"name", view.made_for}})},
      {"ends_on", view.ends_on},
      {"has_waiting", !view.waiting.empty()},
      {"waiting", accreditations_view(view.waiting, language)},
      {"has_in_force", !view.in_force.empty()},
      {"in_force", accreditations_view(view.in_force, language)}};
  return private_page(context, text(language, "press.requests.title"),
                      render("press_requests", page, language));
}

std::string privacy_page(const PageContext& context, const PrivacyTyped& typed, bool answers) {
  const auto language = context.language;
  array wishes;
  for (const std::string key : {"see", "correct", "erase", "withdraw_consent", "other"})
    wishes.push_back(object{{"key", key},
                            {"label", text(language, "privacy.wish." + key)},
                            {"is_chosen", key == typed.wish}});
  const object page{{"csrf", context.csrf_token},  {"answers", answers},
                    {"wishes", std::move(wishes)}, {"person", typed.person},
                    {"address", typed.address},    {"subject", typed.subject},
                    {"error", typed.error}};
  Frame frame;
  frame.tab_title = text(language, "privacy.title");
  frame.card_title = frame.tab_title;
  frame.card_path = "/privacy";
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("privacy", page, language));
}

std::string privacy_requests_page(const PageContext& context,
                                  const std::vector<storage::DataRequest>& open,
                                  std::string_view done, std::string_view error, bool by_mail,
                                  Instant at) {
  const auto language = context.language;
  array views;
  for (const auto& one : open) {
    const auto* due = one.due_at < at ? "privacy.overdue" : "privacy.due";
    views.push_back(object{
        {"id", one.id.text()},
        {"what", text(language, "privacy.wish." + std::string(to_text(one.wish)))},
        {"subject", one.subject},
        {"person", one.person},
        {"address", one.address.text()},
        {"answer_label", text(language, by_mail ? "privacy.answer" : "privacy.answer.by_hand")},
        {"due",
         text(language, due,
              {{"asked", instant_words(one.asked_at)}, {"due", instant_words(one.due_at)}})}});
  }
  const object page{{"csrf", context.csrf_token},
                    {"done", done},
                    {"error", error},
                    {"has_open", !views.empty()},
                    {"open", std::move(views)}};
  return private_page(context, text(language, "privacy.requests.title"),
                      render("privacy_requests", page, language));
}

std::string second_step_page(const PageContext& context, const SecondStepView& view) {
  const object page{{"csrf", context.csrf_token},
                    {"qr", view.qr},
                    {"secret", in_groups(view.secret)},
                    {"error", view.error}};
  return private_page(context, text(context.language, "second_step.title"),
                      render("second_step", page, context.language));
}

std::string recovery_codes_page(const PageContext& context, const std::vector<std::string>& codes) {
  array list;
  for (const auto& code : codes) list.push_back(object{{"code", code}});
  return private_page(
      context, text(context.language, "recovery.title"),
      render("recovery_codes", object{{"codes", std::move(list)}}, context.language));
}

}  // namespace khochung::pages

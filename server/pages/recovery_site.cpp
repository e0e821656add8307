#include "server/pages/recovery_site.hpp"

#include <boost/json.hpp>

#include "server/api/audit_notes.hpp"
#include "server/api/invitations.hpp"
#include "server/api/work_news.hpp"
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
using storage::QueuedMail;
using Written = Result<std::optional<mail::Message>>;

// -- a forgotten password

Result<void> expect_mail(const Services& services) {
  if (services.postman != nullptr) return {};
  return fail(ErrorCode::not_found, "no mail server is configured");
}

Result<Response> forgot_form(const Visit& visit) {
  KHOCHUNG_CHECK(expect_mail(visit.services));
  return page(200, forgot_page(context_of(visit), {}, {}));
}

Result<Response> forgot(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  KHOCHUNG_CHECK(visit.services.doorkeeper.identify_asker(visit.request, form_value(form, "csrf")));
  KHOCHUNG_CHECK(expect_mail(visit.services));
  const auto name = form_value(form, "name");
  const auto network = access::network_of(visit.request.client);
  const auto asked =
      name.empty()
          ? Result<void>(fail(ErrorCode::bad_input, "name_missing", "no name"))
          : visit.services.accounts.addresses().ask_recovery(name, visit.language, network);
  if (!asked && asked.error().reason.empty()) return fail(asked.error());
  if (!asked)
    return page(http::status_of(asked.error()),
                forgot_page(context_of(visit), name, sentence_for(asked.error(), visit.language)));
  visit.services.postman->ring();
  return page(202, step_page(context_of(visit), {"forgot.sent", {}, {}}));
}

// -- the links of mails

Response answer(const Opening& opening, std::string_view key, const std::string& address,
                bool has_button) {
  return page(200, step_page(opening.context(), {std::string(key), address,
                                                 has_button ? std::string(key) + ".button" : ""}));
}

Result<Response> confirm_form(const Opening& opening) {
  const auto wish = KHOCHUNG_TRY(opening.services.accounts.addresses().wish_of(opening.token()));
  return answer(opening, "address.confirm", wish.address.text(), true);
}

Result<Response> confirm(const Opening& opening) {
  const auto wish = KHOCHUNG_TRY(opening.services.accounts.addresses().confirm(opening.token()));
  const access::Viewer person{access::AccountKind::union_person, wish.account, {}};
  KHOCHUNG_CHECK(api::note_action(opening.services, opening.request, person, "account.address",
                                  wish.account, boost::json::object()));
  return answer(opening, "address.confirmed", wish.address.text(), false);
}

// -- mails

Sender sender_of(const Site& site) {
  return {site.origin, site.name};
}

mail::Message message_to(const storage::AccountAddress& to, MailText words) {
  return {to.address, std::move(words.subject), std::move(words.text), to.language, {}};
}

bool is_over(const Error& error) {
  return error.code == ErrorCode::not_found;
}

Written write_confirmation(const Services& services, const Site& site, const QueuedMail& mail) {
  const auto begun = services.accounts.addresses().begin_confirmation(mail.subject);
  if (!begun && is_over(begun.error())) return std::nullopt;
  const auto& [wish, token] = KHOCHUNG_TRY(begun);
  return message_to(wish, address_mail(sender_of(site), wish.account,
                                       site.origin + "/address/" + token, wish.language));
}

Written write_recovery(const Services& services, const Site& site, const QueuedMail& mail) {
  const auto asked = services.accounts.addresses().recovery(mail.subject);
  if (!asked && is_over(asked.error())) return std::nullopt;
  const auto& [address, language, accounts] = KHOCHUNG_TRY(asked);
  std::vector<RecoveryLink> links;
  for (const auto& account : accounts) {
    const auto made = services.accounts.invitations().recover(account);
    if (!made && is_over(made.error())) continue;
    links.push_back({account, site.origin + api::invitation_path(KHOCHUNG_TRY(made).token)});
  }
  if (links.empty()) return std::nullopt;
  auto words = recovery_mail(sender_of(site), links, language);
  return mail::Message{address, std::move(words.subject), std::move(words.text), language, {}};
}

Written write_account_notice(const Services& services, const Site& site, const QueuedMail& mail) {
  const auto to = services.accounts.addresses().address_of(mail.subject);
  if (!to && is_over(to.error())) return std::nullopt;
  if (!KHOCHUNG_TRY(to)) return std::nullopt;
  const auto& one = **to;
  return message_to(one,
                    account_notice_mail(sender_of(site), one.account, mail.detail, one.language));
}

std::string about(const api::WorkLine& line, Language language) {
  const bool in_english = language == Language::english && !line.unit_en.empty();
  const auto since =
      text(language, "mail.work.since", {{"at", instant_text(to_rfc3339(line.since))}});
  const auto due = line.due.empty()
                       ? std::string()
                       : text(language, line.is_overdue ? "review.due.over" : "review.due.until",
                              {{"day", date_text(line.due)}});
  return joined({in_english ? line.unit_en : line.unit_vi, since, due});
}

Written write_work_notice(const Services& services, const Site& site, const QueuedMail& mail) {
  const auto news = KHOCHUNG_TRY(api::work_news_for(services, mail));
  if (!news) return std::nullopt;
  const auto language = news->to.language;
  std::vector<WorkWords> work;
  for (const auto& line : news->lines)
    work.push_back(
        {line.title, about(line, language), site.origin + "/m/" + line.id.text() + "/review"});
  return message_to(news->to, work_mail(sender_of(site), work, language));
}

Written write_step_notice(const Services& services, const Site& site, const QueuedMail& mail) {
  const auto news = KHOCHUNG_TRY(api::step_news_for(services, mail));
  if (!news) return std::nullopt;
  const auto path = "/m/" + news->id.text() + (news->step == "publish" ? "" : "/review");
  return message_to(news->to, step_mail(sender_of(site),
                                        {news->title, news->step, news->remark, site.origin + path},
                                        news->to.language));
}

}  // namespace

void add_recovery_pages(http::Router& router, const Services& services, const Site& site) {
  add_page(router, services, site, {Method::get, "/forgot", forgot_form});
  add_page(router, services, site, {Method::post, "/forgot", forgot});
  add_link_page(router, services, site, {"/address/{token}", confirm_form, confirm});
}

void add_account_mails(mail::Postman& postman, const Services& services, const Site& site) {
  const auto add = [&](std::string_view kind, MailWriter writer) {
    add_mail_kind(postman, services, site, kind, writer);
  };
  add(storage::address_confirmation, write_confirmation);
  add(storage::password_recovery, write_recovery);
  add(storage::account_notice, write_account_notice);
  add(storage::work_notice, write_work_notice);
  add(storage::step_notice, write_step_notice);
  postman.do_before(
      [&services](const std::stop_token& stop) { return api::find_work_news(services, stop); });
}

}  // namespace khochung::pages

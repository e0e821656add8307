#include "server/pages/notice_site.hpp"

#include <boost/json.hpp>

#include "server/delivery/notices.hpp"
#include "server/http/form.hpp"
#include "server/http/problem.hpp"
#include "server/pages/mail_links.hpp"
#include "server/pages/notice_mail.hpp"
#include "server/pages/notice_page.hpp"

namespace khochung::pages {
namespace {

using api::Services;
using delivery::NoticeSubject;
using http::Method;
using http::Request;
using http::Response;
using storage::QueuedMail;

// -- asking

Result<NoticeView> asking(const Visit& visit) {
  const auto& id = visit.request.parameter("id");
  const auto readable = KHOCHUNG_TRY(api::find_readable(visit.services, id, visit.identity.viewer));
  const auto& material = readable.entry->material;
  if (!delivery::offers_notices(visit.services, material))
    return fail(ErrorCode::not_found, "no notices of this are offered");
  return NoticeView{NoticeStep::asking, material.id.text(), material.title, {}, {}};
}

Result<Response> ask_form(const Visit& visit) {
  return page(200, notice_page(context_of(visit), KHOCHUNG_TRY(asking(visit))));
}

Result<Response> ask(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(http::form_values(visit.request));
  KHOCHUNG_CHECK(visit.services.doorkeeper.identify_asker(visit.request, form_value(form, "csrf")));
  auto view = KHOCHUNG_TRY(asking(visit));
  view.address = form_value(form, "address");
  const auto asked = delivery::ask_for_notices(visit.services, visit.request, visit.identity.viewer,
                                               {view.kit, view.address, visit.language});
  if (asked) {
    view.step = NoticeStep::asked;
    return page(202, notice_page(context_of(visit), view));
  }
  const auto& error = asked.error();
  if (http::status_of(error) >= 500) return fail(error);
  view.error = sentence_for(error, visit.language);
  return page(http::status_of(error), notice_page(context_of(visit), view));
}

// -- the links of mails

Response step_page(const Opening& opening, NoticeStep step, const NoticeSubject& subject) {
  return page(200,
              notice_page(opening.context(), {step, subject.kit.text(), subject.title, {}, {}}));
}

Result<Response> confirm_form(const Opening& opening) {
  return step_page(opening, NoticeStep::confirming,
                   KHOCHUNG_TRY(delivery::wish_behind(opening.services, opening.token())));
}

Result<Response> confirm(const Opening& opening) {
  return step_page(opening, NoticeStep::confirmed,
                   KHOCHUNG_TRY(delivery::confirm_notices(opening.services, opening.token())));
}

Result<Response> leave_form(const Opening& opening) {
  return step_page(opening, NoticeStep::leaving,
                   KHOCHUNG_TRY(delivery::notices_behind(opening.services, opening.token())));
}

Result<Response> leave(const Opening& opening) {
  KHOCHUNG_CHECK(delivery::end_notices(opening.services, opening.token()));
  return step_page(opening, NoticeStep::left, {});
}

// -- mails

std::string url_of(const Site& site, MaterialId kit) {
  return site.origin + "/kit/" + kit.text();
}

mail::Message message_of(const storage::NoticeWish& wish, MailText words, std::string leave_url) {
  return {wish.address, std::move(words.subject), std::move(words.text), wish.language,
          std::move(leave_url)};
}

Result<std::optional<mail::Message>> write_confirmation(const Services& services, const Site& site,
                                                        const QueuedMail& mail) {
  const auto asked = KHOCHUNG_TRY(delivery::confirmation_for(services, mail));
  if (!asked) return std::nullopt;
  const NoticeWords words{asked->title,
                          asked->unit,
                          {},
                          {},
                          url_of(site, asked->wish.kit),
                          site.origin + delivery::confirm_path(asked->token),
                          site.name};
  return message_of(asked->wish, confirmation_mail(words, asked->wish.language), {});
}

Result<std::optional<mail::Message>> write_notice(const Services& services, const Site& site,
                                                  const QueuedMail& mail) {
  const auto notice = KHOCHUNG_TRY(delivery::notice_for(services, mail));
  if (!notice) return std::nullopt;
  const auto& [id, wish, leave_token] = notice->follower;
  const NoticeWords words{
      notice->title,  notice->unit,           notice->versions,
      notice->reason, url_of(site, wish.kit), site.origin + delivery::leave_path(leave_token),
      site.name};
  const bool is_withdrawal = mail.kind == storage::notice_withdrawal;
  auto text =
      is_withdrawal ? withdrawal_mail(words, wish.language) : correction_mail(words, wish.language);
  return message_of(wish, std::move(text), words.action_url);
}

}  // namespace

void add_notice_pages(http::Router& router, const Services& services, const Site& site) {
  add_page(router, services, site, {Method::get, "/kit/{id}/notices", ask_form});
  add_page(router, services, site, {Method::post, "/kit/{id}/notices", ask});
  add_link_page(router, services, site, {"/n/{token}", confirm_form, confirm});
  add_link_page(router, services, site, {"/n/{token}/leave", leave_form, leave});
}

void add_notice_mails(mail::Postman& postman, const Services& services, const Site& site) {
  add_mail_kind(postman, services, site, storage::notice_confirmation, write_confirmation);
  add_mail_kind(postman, services, site, storage::notice_correction, write_notice);
  add_mail_kind(postman, services, site, storage::notice_withdrawal, write_notice);
  postman.do_before(
      [&services](const std::stop_token& stop) { return delivery::find_news(services, stop); });
}

}  // namespace khochung::pages

#include "server/pages/mail_links.hpp"

#include "server/api/readable.hpp"

namespace khochung::pages {

PageContext Opening::context() const {
  return context_of(request, site, {}, api::language_of(request));
}

void add_link_page(http::Router& router, const api::Services& services, const Site& site,
                   const LinkPage& link) {
  const auto add = [&](http::Method method, http::BodyKind body, OpeningHandler handler) {
    const auto answer = [&services, &site, handler](const http::Request& request) {
      return discreetly(request, site, handler({services, site, request}));
    };
    router.add({method, link.pattern, body, answer, {}, 0});
  };
  add(http::Method::get, http::BodyKind::none, link.show);
  add(http::Method::post, http::BodyKind::small, link.act);
}

void add_mail_kind(mail::Postman& postman, const api::Services& services, const Site& site,
                   std::string_view kind, MailWriter writer) {
  postman.add_kind(kind, [&services, &site, writer](const storage::QueuedMail& mail) {
    return writer(services, site, mail);
  });
}

}  // namespace khochung::pages

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/mail/postman.hpp"
#include "server/pages/visit.hpp"

/// What mails and their links share: who writes a kind of mail, and what its links open.
namespace khochung::pages {

/// What a handler of a link out of a mail gets: whoever has the link may use it, so the visitor's
/// account plays no part.
struct Opening {
  const api::Services& services;
  const Site& site;
  const http::Request& request;

  [[nodiscard]] const std::string& token() const { return request.parameter("token"); }
  [[nodiscard]] PageContext context() const;
};
using OpeningHandler = Result<http::Response> (*)(const Opening&);

/// A link out of a mail: mail programs open links by themselves, so a GET only shows what a POST
/// does. `pattern` has "{token}".
struct LinkPage {
  std::string pattern;
  OpeningHandler show, act;
};
void add_link_page(http::Router& router, const api::Services& services, const Site& site,
                   const LinkPage& link);

using MailWriter = Result<std::optional<mail::Message>> (*)(const api::Services&, const Site&,
                                                            const storage::QueuedMail&);
void add_mail_kind(mail::Postman& postman, const api::Services& services, const Site& site,
                   std::string_view kind, MailWriter writer);

}  // namespace khochung::pages

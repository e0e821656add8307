#pragma once

#include "server/mail/postman.hpp"
#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /kit/{id}/notices: asking for notices of a press kit. /n/{token}, /n/{token}/leave: what the
/// links of mails open; a look changes nothing, its button does, and so does a mail program's
/// "unsubscribe". Nothing beneath /n/ is kept by a cache, told to another site or shown to robots.
void add_notice_pages(http::Router& router, const api::Services& services, const Site& site);

/// Has the postman write notices, and look for reasons to.
void add_notice_mails(mail::Postman& postman, const api::Services& services, const Site& site);

}  // namespace khochung::pages

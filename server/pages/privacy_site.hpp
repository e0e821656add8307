#pragma once

#include "server/mail/postman.hpp"
#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /privacy: what the archive keeps about people and why, and where they ask about it;
/// /privacy/requests: where administrators of the top unit answer, within two working days.
void add_privacy_pages(http::Router& router, const api::Services& services, const Site& site);

/// Has the postman write to those who asked.
void add_privacy_mails(mail::Postman& postman, const api::Services& services, const Site& site);

}  // namespace khochung::pages

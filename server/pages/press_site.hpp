#pragma once

#include "server/mail/postman.hpp"
#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /press: where journalists ask for an account; /press/confirm/{token}: their mailbox answers;
/// /press/requests: where those decide who speak for the union.
void add_press_pages(http::Router& router, const api::Services& services, const Site& site);

/// Has the postman write to journalists, and see to accreditations that end.
void add_press_mails(mail::Postman& postman, const api::Services& services, const Site& site);

}  // namespace khochung::pages

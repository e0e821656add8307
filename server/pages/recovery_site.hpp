#pragma once

#include "server/mail/postman.hpp"
#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /forgot: a mail with a link to choose a new password, the same answer whether there is an
/// account or not. /address/{token}: confirms where an account is written to.
void add_recovery_pages(http::Router& router, const api::Services& services, const Site& site);

/// Has the postman write mails about accounts and about work that waits.
void add_account_mails(mail::Postman& postman, const api::Services& services, const Site& site);

}  // namespace khochung::pages

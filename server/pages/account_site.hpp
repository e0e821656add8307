#pragma once

#include "server/pages/visit.hpp"

namespace khochung::pages {

/// /account: where somebody's browsers and programs are signed in, the second step, the password.
/// Only for the person who is signed in, never by a token.
void add_account_pages(http::Router& router, const api::Services& services, const Site& site);

}  // namespace khochung::pages

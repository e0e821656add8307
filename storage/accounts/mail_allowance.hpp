#pragma once

#include <string_view>

#include "schemas/instant.hpp"
#include "schemas/mail_address.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/database.hpp"

/// How often mail may be asked for in a day by people who are not signed in: so that nobody fills
/// another's mailbox from here. Within transactions of others.
namespace khochung::storage {

inline constexpr int mails_of_an_address = 3;
inline constexpr int mails_of_a_client = 20;

/// Counts one for that purpose, so that what one form sends keeps no other's mail back; false: this
/// address had enough of it, and nothing may be sent. What comes of it must not show to whoever
/// asked.
Result<bool> allow_mail_to(Connection& connection, std::string_view purpose,
                           std::string_view folded_address, Instant at);
/// Counts one, whatever comes of it. `network`: the client's address shortened to its network;
/// empty: no limit. Errors: unavailable "notice_too_many".
Result<void> expect_allowed_client(Connection& connection, std::string_view network, Instant at);

}  // namespace khochung::storage

#pragma once

#include <string>

#include "schemas/error.hpp"
#include "schemas/instant.hpp"
#include "schemas/mail_address.hpp"

namespace khochung::mail {

/// A mail to one person. Subject and text may hold anything: what could end a header's line is
/// taken out when it is composed.
struct Message {
  MailAddress to;
  std::string subject;
  std::string text;  ///< plain, UTF-8, lines end with "\n"
  Language language = Language::vietnamese;
  /// An address at which a POST ends mails of this kind; empty: there is nothing to end.
  /// Source: RFC 8058.
  std::string unsubscribe_url = {};
};

/// What a mail has from whoever sends it.
struct Envelope {
  MailAddress from;
  std::string from_name;  ///< may be empty
  std::string id;         ///< the same each time that this mail is sent; letters, digits, '-'
  Instant date{};
};

}  // namespace khochung::mail

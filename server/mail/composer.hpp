#pragma once

#include <string>
#include <string_view>

#include "server/mail/message.hpp"

namespace khochung::mail {

/// The mail as it goes over the wire: headers in ASCII, a body of UTF-8 in base64.
/// Source: RFC 5322; RFC 2045 to 2047 (MIME); RFC 3834 (Auto-Submitted); RFC 8058.
std::string compose(const Message& message, const Envelope& envelope);

/// A header's text: as it is where it is short and plain, else as encoded words on lines that are
/// short enough. Control characters become blanks. Source: RFC 2047.
std::string header_text(std::string_view text);

}  // namespace khochung::mail

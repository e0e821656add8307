#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung {

/// Where mail goes: "name@example.vn". Nothing that could end a line or begin another command of
/// SMTP fits into one.
class MailAddress {
 public:
  /// Reads an address without blanks around it: letters of ASCII, digits and the usual signs, at
  /// most 254 bytes; no quoted names, no comments, no address literals. Errors: bad_input, reason
  /// "mail_address". Source: RFC 5321, 4.1.2 and 4.5.3.1; RFC 3696, erratum 1690 for the length.
  static Result<MailAddress> parse(std::string_view text);

  /// As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view domain() const;
  /// The same for all spellings of one mailbox: servers do not tell large letters from small ones.
  [[nodiscard]] std::string folded() const;
  auto operator<=>(const MailAddress&) const = default;

 private:
  explicit MailAddress(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace khochung

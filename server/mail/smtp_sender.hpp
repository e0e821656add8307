#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "schemas/result.hpp"
#include "server/mail/message.hpp"

namespace khochung::mail {

/// The server that takes our mail.
struct SmtpServer {
  std::string url;   ///< "smtp://host:587" or "smtps://host"
  std::string user;  ///< empty: it takes mail without a sign-in
  std::string password;
  std::string ca_file;  ///< PEM; empty: the authorities that the system trusts
  MailAddress from;
  std::string from_name;
  std::chrono::milliseconds longest{30'000};  ///< that one mail may take

  /// Errors: bad_input, reason "mail_server_address", for anything but host and port.
  static Result<void> check_url(const std::string& url);
  /// Without encryption nothing leaves this machine.
  [[nodiscard]] bool needs_encryption() const;
};

/// Sends mail by SMTP, one after the other over a connection that is kept. The way to the server is
/// encrypted and its certificate checked; only a server on this machine may do without, unless an
/// authority is named for it.
/// Threads: one at a time.
/// Source: RFC 5321; RFC 3207 (STARTTLS); RFC 8314.
class SmtpSender {
 public:
  explicit SmtpSender(SmtpServer server);
  ~SmtpSender();
  SmtpSender(SmtpSender&&) noexcept;

  /// The server has the mail when it returns. `id`: as Envelope::id.
  /// Errors: unavailable, reason "mail_server": the server is away, refuses us or is not the one it
  ///         says; nothing can be sent at present. Unavailable, reason "mail_later": this mail is
  ///         not taken at present. bad_input, reason "mail_refused": it never will be. After
  ///         `unavailable` it may have been taken all the same. Messages name no address.
  Result<void> send(const Message& message, const std::string& id, Instant date,
                    const std::stop_token& stop = {});

 private:
  class Session;
  SmtpServer server_;
  std::unique_ptr<Session> session_;
};

}  // namespace khochung::mail

#include "server/mail/composer.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "schemas/base64.hpp"
#include "schemas/language_code.hpp"
#include "schemas/utf8.hpp"

namespace khochung::mail {
namespace {

constexpr std::string_view line_end = "\r\n";
/// "Subject: " and the text stay within the 78 letters that RFC 5322 recommends.
constexpr std::size_t longest_plain_header = 60;
/// A line with encoded words has at most 76 letters: "Subject: ", "=?UTF-8?B?" and "?=" are 21, and
/// 39 bytes become 52. Source: RFC 2047, 2.
constexpr std::size_t bytes_of_a_word = 39;
/// Source: RFC 2045, 6.8.
constexpr std::size_t letters_of_a_line = 76;

std::string base64_of(std::string_view text) {
  return to_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bool is_plain(std::string_view text) {
  return text.size() <= longest_plain_header && text.find("=?") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
}

std::string without_controls(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  return clean;
}

/// A name before an address; quoted, for it may hold commas and brackets.
std::string phrase(std::string_view name) {
  auto text = header_text(name);
  if (text.empty() || text.starts_with("=?")) return text;
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "\"";
}

std::string mailbox(const Envelope& envelope) {
  const auto name = phrase(envelope.from_name);
  return name.empty() ? envelope.from.text() : name + "\r\n <" + envelope.from.text() + ">";
}

/// Vietnam's own time, as on the pages. Source: RFC 5322, 3.3.
std::string date_text(Instant date) {
  const auto local = std::chrono::floor<std::chrono::seconds>(date + std::chrono::hours(7));
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0700",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(local)));
}

/// Lines end with CR LF, as text does on the wire, before they are encoded.
std::string body_of(std::string_view text) {
  std::string canonical;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') canonical += '\r';
    canonical += c;
  }
  const auto encoded = base64_of(canonical);
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += letters_of_a_line)
    lines += encoded.substr(at, letters_of_a_line) + std::string(line_end);
  return lines;
}

}  // namespace

std::string header_text(std::string_view text) {
  auto clean = without_controls(is_utf8(text) ? text : std::string_view("?"));
  if (is_plain(clean)) return clean;
  std::string words;
  for (std::string_view rest = clean; !rest.empty();) {
    const auto piece = first_bytes(rest, bytes_of_a_word);
    if (!words.empty()) words += "\r\n ";
    words += "=?UTF-8?B?" + base64_of(piece) + "?=";
    rest.remove_prefix(piece.size());
  }
  return words;
}

std::string compose(const Message& message, const Envelope& envelope) {
  std::string mail;
  const auto add = [&mail](std::string_view name, std::string_view value) {
    mail.append(name).append(": ").append(value).append(line_end);
  };
  add("Date", date_text(envelope.date));
  add("From", mailbox(envelope));
  add("To", message.to.text());
  add("Message-ID", fmt::format("<{}@{}>", envelope.id, envelope.from.domain()));
  add("Subject", header_text(message.subject));
  // No out-of-office note answers it.
  add("Auto-Submitted", "auto-generated");
  if (!message.unsubscribe_url.empty()) {
    add("List-Unsubscribe", "<" + without_controls(message.unsubscribe_url) + ">");
    add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  add("MIME-Version", "1.0");
  add("Content-Type", "text/plain; charset=UTF-8");
  add("Content-Language", code_of(message.language));
  add("Content-Transfer-Encoding", "base64");
  return mail.append(line_end).append(body_of(message.text));
}

}  // namespace khochung::mail

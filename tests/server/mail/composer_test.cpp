#include "server/mail/composer.hpp"

#include <boost/test/unit_test.hpp>
#include <regex>
#include <sstream>
#include <vector>

#include "schemas/base64.hpp"
#include "schemas/utf8.hpp"
#include "server/mail/smtp_sender.hpp"

namespace khochung::mail {
namespace {

const Instant sent_at = instant_from_rfc3339("2026-11-28T18:05:09Z").value();

MailAddress address(std::string_view text) {
  return MailAddress::parse(text).value();
}

Message message(std::string subject, std::string text = "Chữ\n") {
  return {address("phong.vien@bao.example.vn"), std::move(subject), std::move(text)};
}

std::string composed(const Message& message, std::string from_name = {}) {
  return compose(message, {address("kho@example.vn"), std::move(from_name), "0193f5a0", sent_at});
}

std::string headers_of(const std::string& mail) {
  return mail.substr(0, mail.find("\r\n\r\n") + 2);
}

/// A header's value with its lines joined.
std::string header(const std::string& mail, const std::string& name) {
  std::smatch found;
  const auto headers = "\r\n" + headers_of(mail);
  const std::regex line("\r\n" + name + ": ([^\r]*(?:\r\n [^\r]*)*)\r\n");
  if (!std::regex_search(headers, found, line)) return {};
  return std::regex_replace(found.str(1), std::regex("\r\n "), " ");
}

/// What encoded words say, as a reader puts them together.
std::string decoded(const std::string& text) {
  std::string all;
  const std::regex word("=\\?UTF-8\\?B\\?([^?]*)\\?=");
  for (std::sregex_iterator found(text.begin(), text.end(), word), end; found != end; ++found)
    all += from_base64((*found)[1].str()).value();
  return all.empty() ? text : all;
}

std::string body_of(const std::string& mail) {
  auto encoded = mail.substr(mail.find("\r\n\r\n") + 4);
  std::erase_if(encoded, [](char c) { return c == '\r' || c == '\n'; });
  return from_base64(encoded).value();
}

std::size_t longest_line(const std::string& mail) {
  std::size_t longest = 0;
  std::istringstream lines(mail);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

// "Thông cáo về " once in NFC, once in NFD.
constexpr std::string_view composed_letters = "Th\u00F4ng c\u00E1o v\u1EC1 ";
constexpr std::string_view combined_letters = "Tho\u0302ng ca\u0301o ve\u0302\u0300 ";

}  // namespace

BOOST_AUTO_TEST_SUITE(composing)

BOOST_AUTO_TEST_CASE(a_plain_mail_has_what_readers_and_servers_need) {
  const auto mail = composed(message("Correction", "Xem bản mới.\n"));
  BOOST_TEST(header(mail, "Subject") == "Correction");
  BOOST_TEST(header(mail, "To") == "phong.vien@bao.example.vn");
  BOOST_TEST(header(mail, "From") == "kho@example.vn");
  BOOST_TEST(header(mail, "Message-ID") == "<0193f5a0@example.vn>");
  BOOST_TEST(header(mail, "Date") == "Sun, 29 Nov 2026 01:05:09 +0700");
  BOOST_TEST(header(mail, "Auto-Submitted") == "auto-generated");
  BOOST_TEST(header(mail, "MIME-Version") == "1.0");
  BOOST_TEST(header(mail, "Content-Type") == "text/plain; charset=UTF-8");
  BOOST_TEST(header(mail, "Content-Transfer-Encoding") == "base64");
  BOOST_TEST(header(mail, "Content-Language") == "vi");
  BOOST_TEST(header(mail, "List-Unsubscribe").empty());
  BOOST_TEST(body_of(mail) == "Xem bản mới.\r\n");
}

BOOST_AUTO_TEST_CASE(long_vietnamese_subjects_come_back_letter_for_letter) {
  for (const auto letters : {composed_letters, combined_letters}) {
    std::string subject;
    for (int i = 0; i < 30; ++i) {
      subject += letters;
      const auto mail = composed(message(subject));
      BOOST_TEST(decoded(header(mail, "Subject")) == subject);
      BOOST_TEST(longest_line(mail) <= 77U);  // with its CR
    }
  }
}

BOOST_AUTO_TEST_CASE(each_encoded_word_has_whole_letters) {
  const auto text = header_text("Đ" + std::string(composed_letters) + std::string(100, 'x') +
                                std::string(combined_letters) + "đồng chí");
  const std::regex word("=\\?UTF-8\\?B\\?([^?]*)\\?=");
  for (std::sregex_iterator found(text.begin(), text.end(), word), end; found != end; ++found) {
    BOOST_TEST(found->str().size() <= 75U);
    BOOST_TEST(is_utf8(from_base64((*found)[1].str()).value()));
  }
}

BOOST_AUTO_TEST_CASE(nothing_in_a_name_or_title_becomes_a_header_or_a_command) {
  for (const std::string ending : {"\r\n", "\n", "\r", "\r\n\r\n", "\v", "\f"}) {
    for (const std::string before : {"Title", "Tựa đề"}) {
      auto evil = message(before + ending + "Bcc: x@example.vn" + ending + ".", "Chữ" + ending);
      evil.unsubscribe_url = "https://kho.example.vn/n/1" + ending + "Bcc: x@example.vn";
      const auto mail = composed(evil, before + ending + "Bcc: y@example.vn");
      const auto headers = headers_of(mail);
      BOOST_TEST(headers.find("\r\nBcc") == std::string::npos);
      const std::regex lawful("([A-Za-z-]+: [ -~]*\r\n( [ -~]+\r\n)*)+");
      BOOST_TEST(std::regex_match(headers, lawful));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_zero_byte_and_broken_letters_do_no_harm) {
  const auto mail = composed(message(std::string("a\0b", 3) + "\xFF"));
  BOOST_TEST(headers_of(mail).find('\0') == std::string::npos);
  BOOST_TEST(header(mail, "Subject") == "?");
}

BOOST_AUTO_TEST_CASE(what_looks_encoded_is_encoded_again) {
  const std::string subject = "=?UTF-8?B?QmNj?=";
  BOOST_TEST(decoded(header(composed(message(subject)), "Subject")) == subject);
}

BOOST_AUTO_TEST_CASE(a_senders_name_is_quoted_or_encoded) {
  BOOST_TEST(header(composed(message("x"), R"(Archive, "Kho" <x@y>)"), "From") ==
             R"("Archive, \"Kho\" <x@y>" <kho@example.vn>)");
  const auto from = header(composed(message("x"), "Tổng Liên đoàn Lao động Việt Nam"), "From");
  BOOST_TEST(decoded(from) == "Tổng Liên đoàn Lao động Việt Nam");
  BOOST_TEST(from.ends_with("?= <kho@example.vn>"));
}

BOOST_AUTO_TEST_CASE(lines_of_a_text_end_as_they_do_on_the_wire) {
  BOOST_TEST(body_of(composed(message("x", "a\nb\r\n.\nc"))) == "a\r\nb\r\n.\r\nc");
}

BOOST_AUTO_TEST_CASE(a_list_mail_ends_by_one_click) {
  auto notice = message("x");
  notice.unsubscribe_url = "https://kho.example.vn/n/0a/leave";
  const auto mail = composed(notice);
  BOOST_TEST(header(mail, "List-Unsubscribe") == "<https://kho.example.vn/n/0a/leave>");
  BOOST_TEST(header(mail, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sending)

BOOST_AUTO_TEST_CASE(a_servers_address_is_host_and_port) {
  for (const auto* good : {"smtp://mail.example.vn", "smtp://mail.example.vn:587",
                           "smtps://mail.example.vn:465", "smtp://[::1]:25", "smtp://127.0.0.1"}) {
    BOOST_TEST(SmtpServer::check_url(good).has_value(), good);
  }
  for (const auto* wrong :
       {"", "mail.example.vn", "http://mail.example.vn", "smtp://", "smtp://a:b@mail.example.vn",
        "smtp://mail.example.vn/client", "smtp://mail.example.vn?x", "smtp://mail.example.vn#x",
        "smtp://mail example.vn", "smtp://mail.example.vn:port"}) {
    BOOST_TEST(!SmtpServer::check_url(wrong).has_value(), wrong);
  }
}

BOOST_AUTO_TEST_CASE(only_this_machine_may_do_without_encryption) {
  const auto needs_encryption = [](const char* url, const char* ca_file = "") {
    const SmtpServer server{.url = url,
                            .user = {},
                            .password = {},
                            .ca_file = ca_file,
                            .from = address("kho@example.vn"),
                            .from_name = {}};
    return server.needs_encryption();
  };
  for (const auto* here : {"smtp://127.0.0.1:25", "smtp://[::1]", "smtp://localhost"})
    BOOST_TEST(!needs_encryption(here), here);
  for (const auto* elsewhere : {"smtp://mail.example.vn", "smtp://127.example.vn", "smtp://[::2]",
                                "smtp://localhost.example.vn"})
    BOOST_TEST(needs_encryption(elsewhere), elsewhere);
  BOOST_TEST(needs_encryption("smtp://127.0.0.1:25", "authority.pem"));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_said_to_be_away) {
  // Nobody listens at port 1 of this machine.
  SmtpSender sender({.url = "smtp://127.0.0.1:1",
                     .user = {},
                     .password = {},
                     .ca_file = {},
                     .from = address("kho@example.vn"),
                     .from_name = {}});
  const auto sent = sender.send(message("x"), "1", sent_at);
  BOOST_REQUIRE(!sent);
  BOOST_TEST(sent.error().reason == "mail_server");
  BOOST_TEST(sent.error().message.find("bao.example.vn") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::mail

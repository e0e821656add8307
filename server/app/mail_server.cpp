#include "server/app/mail_server.hpp"

#include <fstream>

namespace khochung::app {
namespace {

/// The first line of the file.
Result<std::string> password_in(const std::filesystem::path& file) {
  std::ifstream lines(file);
  std::string password;
  std::getline(lines, password);
  if (password.ends_with('\r')) password.pop_back();
  if (password.empty())
    return fail(ErrorCode::bad_input, "mail_password_file",
                "[mail] password_file: " + file.string() + " cannot be read or is empty");
  return password;
}

Result<void> check_readable(const std::filesystem::path& file) {
  if (std::ifstream(file).good()) return {};
  return fail(ErrorCode::bad_input, "[mail] ca_file: " + file.string() + " cannot be read");
}

}  // namespace

Result<mail::SmtpServer> mail_server_of(const Config::Mail& said, const DataPaths& paths,
                                        const std::string& site_name) {
  const bool is_complete =
      !said.server.empty() && !said.from.empty() && said.user.empty() == said.password_file.empty();
  if (!is_complete)
    return fail(ErrorCode::bad_input, "mail_incomplete",
                "[mail] needs server and from; user and password_file go together");
  KHOCHUNG_CHECK(mail::SmtpServer::check_url(said.server));
  auto from = MailAddress::parse(said.from);
  if (!from)
    return fail(ErrorCode::bad_input, "mail_address", "[mail] from: " + from.error().message);
  mail::SmtpServer server{.url = said.server,
                          .user = said.user,
                          .password = {},
                          .ca_file = {},
                          .from = *std::move(from),
                          .from_name = said.from_name.empty() ? site_name : said.from_name};
  if (!said.password_file.empty())
    server.password = KHOCHUNG_TRY(password_in(paths.root / said.password_file));
  if (said.ca_file.empty()) return server;
  server.ca_file = (paths.root / said.ca_file).string();
  KHOCHUNG_CHECK(check_readable(server.ca_file));
  return server;
}

}  // namespace khochung::app

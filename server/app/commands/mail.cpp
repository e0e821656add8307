#include "server/app/commands/mail.hpp"

#include <boost/json.hpp>

#include "schemas/identifier.hpp"
#include "server/api/site.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/config.hpp"
#include "server/app/mail_server.hpp"
#include "server/pages/texts.hpp"

namespace khochung::app {
namespace {

Result<void> send_test(const DataPaths& paths, const std::string& address) {
  const auto config = KHOCHUNG_TRY(Config::read(paths.config()));
  if (!config.mail) return fail(ErrorCode::unsupported, "mail_unset", "config.toml has no [mail]");
  const auto site = config.site_name.value_or(api::Site().name);
  mail::SmtpSender sender(KHOCHUNG_TRY(mail_server_of(*config.mail, paths, site)));
  const mail::Message message{
      KHOCHUNG_TRY(MailAddress::parse(address)),
      std::string(pages::text(Language::vietnamese, "mail.test.subject")),
      std::string(pages::text(Language::vietnamese, "mail.test.text")) + "\n"};
  return sender.send(message, Uuid::make().text(), now());
}

}  // namespace

int test_mail(const DataPaths& paths, const std::string& address, bool prints_json) {
  if (const auto sent = send_test(paths, address); !sent)
    return print_error(sent.error(), prints_json);
  if (prints_json) {
    print_json(boost::json::object{{"state", "sent"}});
  } else {
    print_line("Đã gửi (sent).");
  }
  return 0;
}

}  // namespace khochung::app

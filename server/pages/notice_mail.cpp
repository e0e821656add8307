#include "server/pages/notice_mail.hpp"

#include "schemas/instant.hpp"
#include "server/pages/format.hpp"
#include "server/pages/letter.hpp"

namespace khochung::pages {
namespace {

/// Why it came and how it ends.
std::string signature(const NoticeWords& words, Language language) {
  return text(language, "mail.leave", {{"url", words.action_url}}) + "\n" + words.site_name;
}

std::string version_line(const KitVersion& version, Language language) {
  const auto label =
      text(language, "kit.version", {{"number", number_text(version.number, language)}});
  return text(
      language, "kit.corrected",
      {{"version", label}, {"at", instant_text(to_rfc3339(version.at))}, {"note", version.note}});
}

}  // namespace

MailText confirmation_mail(const NoticeWords& words, Language language) {
  return Letter(language)
      .say("mail.confirm.lead")
      .add(words.title + "\n" + words.unit)
      .say("mail.confirm.how", {{"url", words.action_url}})
      .say("mail.confirm.not_you")
      .sign(words.site_name)
      .under("mail.confirm.subject", {{"title", words.title}});
}

MailText correction_mail(const NoticeWords& words, Language language) {
  Letter letter(language);
  letter.say("mail.correction.lead", {{"unit", words.unit}}).add(words.title);
  for (const auto& version : words.versions) letter.add(version_line(version, language));
  return letter.say("mail.correction.look", {{"url", words.kit_url}})
      .sign(signature(words, language))
      .under("mail.correction.subject", {{"title", words.title}});
}

MailText withdrawal_mail(const NoticeWords& words, Language language) {
  Letter letter(language);
  letter.say("mail.withdrawal.lead", {{"unit", words.unit}}).add(words.title);
  if (!words.reason.empty()) letter.say("mail.withdrawal.reason", {{"reason", words.reason}});
  return letter.say("mail.withdrawal.please", {{"url", words.kit_url}})
      .sign(signature(words, language))
      .under("mail.withdrawal.subject", {{"title", words.title}});
}

}  // namespace khochung::pages

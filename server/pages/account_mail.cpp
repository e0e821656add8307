#include "server/pages/account_mail.hpp"

#include "server/pages/format.hpp"

namespace khochung::pages {

MailText address_mail(const Sender& sender, std::string_view account, std::string_view url,
                      Language language) {
  return Letter(language)
      .say("mail.address.lead", {{"name", account}})
      .say("mail.address.how", {{"url", url}})
      .say("mail.confirm.not_you")
      .sign(sender.name)
      .under("mail.address.subject");
}

MailText recovery_mail(const Sender& sender, const std::vector<RecoveryLink>& links,
                       Language language) {
  Letter letter(language);
  letter.say("mail.recovery.lead");
  for (const auto& link : links)
    letter.say("mail.recovery.link", {{"name", link.account}, {"url", link.url}});
  return letter.say("mail.recovery.how")
      .say("mail.recovery.not_you")
      .sign(sender.name)
      .under("mail.recovery.subject");
}

MailText account_notice_mail(const Sender& sender, std::string_view account, std::string_view what,
                             Language language) {
  return Letter(language)
      .say("mail.account." + std::string(what), {{"name", account}})
      .say("mail.account.look", {{"url", sender.origin + "/account"}})
      .sign(sender.name)
      .under("mail.account.subject", {{"name", account}});
}

MailText work_mail(const Sender& sender, const std::vector<WorkWords>& work, Language language) {
  Letter letter(language);
  const auto count = number_text(std::ssize(work), language);
  letter.say(work.size() == 1 ? "mail.work.lead.one" : "mail.work.lead.many", {{"count", count}});
  for (const auto& one : work) letter.add(one.title + "\n" + one.about + "\n" + one.url);
  return letter.say("mail.work.all", {{"url", sender.origin + "/review"}})
      .sign(text(language, "mail.work.leave", {{"url", sender.origin + "/account"}}) + "\n" +
            sender.name)
      .under(work.size() == 1 ? "mail.work.subject.one" : "mail.work.subject.many",
             {{"count", count}, {"title", work.front().title}});
}

MailText step_mail(const Sender& sender, const StepWords& words, Language language) {
  const auto key = "mail.step." + words.step;
  Letter letter(language);
  letter.say(key).add(words.title);
  if (!words.remark.empty()) letter.add("“" + words.remark + "”");
  return letter.add(words.url)
      .sign(text(language, "mail.work.leave", {{"url", sender.origin + "/account"}}) + "\n" +
            sender.name)
      .under(key + ".subject", {{"title", words.title}});
}

MailText privacy_mail(const Sender& sender, const PrivacyWords& words, Language language) {
  // Anybody may give any address: nothing of what was typed goes there unanswered.
  if (words.answer.empty())
    return Letter(language)
        .say("mail.privacy.received", {{"due", words.due}})
        .say("mail.confirm.not_you")
        .sign(sender.name)
        .under("mail.privacy.received.subject");
  return Letter(language)
      .say("mail.press.hello", {{"person", words.person}})
      .say("mail.privacy.answered")
      .add(words.answer)
      .say("mail.privacy.about")
      .add(words.subject)
      .sign(sender.name)
      .under("mail.privacy.answered.subject");
}

MailText press_confirmation_mail(const Sender& sender, const PressWords& words, Language language) {
  return Letter(language)
      .say("mail.press.confirm", {{"url", words.url}})
      .say("mail.confirm.not_you")
      .sign(sender.name)
      .under("mail.press.confirm.subject");
}

MailText press_granted_mail(const Sender& sender, const PressWords& words, Language language) {
  Letter letter(language);
  letter.say("mail.press.hello", {{"person", words.person}})
      .say("mail.press.granted", {{"account", words.account}, {"until", words.until}});
  if (words.url.empty()) {
    letter.say("mail.press.sign_in", {{"url", sender.origin + "/sign-in"}});
  } else {
    letter.say("mail.press.password", {{"url", words.url}});
  }
  return letter.sign(sender.name).under("mail.press.granted.subject");
}

MailText press_refused_mail(const Sender& sender, const PressWords& words, Language language) {
  return Letter(language)
      .say("mail.press.hello", {{"person", words.person}})
      .say("mail.press.refused")
      .add(words.reason)
      .say("mail.press.again", {{"url", sender.origin + "/press"}})
      .sign(sender.name)
      .under("mail.press.refused.subject");
}

MailText press_ending_mail(const Sender& sender, const PressWords& words, Language language) {
  return Letter(language)
      .say("mail.press.hello", {{"person", words.person}})
      .say("mail.press.ending", {{"account", words.account}, {"until", words.until}})
      .say("mail.press.again", {{"url", sender.origin + "/press"}})
      .sign(sender.name)
      .under("mail.press.ending.subject");
}

}  // namespace khochung::pages

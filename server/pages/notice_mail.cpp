#include "server/pages/notice_mail.hpp"

#include "schemas/instant.hpp"
#include "server/pages/format.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

/// Puts paragraphs together, parted by empty lines.
class Letter {
 public:
  explicit Letter(Language language) : language_(language) {}

  Letter& say(std::string_view key,
              std::initializer_list<std::pair<std::string_view, std::string_view>> values = {}) {
    return add(pages::text(language_, key, values));
  }
  Letter& add(std::string_view paragraph) {
    if (!text_.empty()) text_ += '\n';
    text_.append(paragraph).append("\n");
    return *this;
  }
  /// Why it came and how it ends, beneath the line that mail programs know.
  Letter& end(const NoticeWords& words) {
    return add("-- \n" + pages::text(language_, "mail.leave", {{"url", words.action_url}}) + "\n" +
               words.site_name);
  }
  [[nodiscard]] MailText under(std::string_view subject_key, const NoticeWords& words) const {
    return {pages::text(language_, subject_key, {{"title", words.title}}), text_};
  }

 private:
  Language language_;
  std::string text_;
};

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
      .add("-- \n" + words.site_name)
      .under("mail.confirm.subject", words);
}

MailText correction_mail(const NoticeWords& words, Language language) {
  Letter letter(language);
  letter.say("mail.correction.lead", {{"unit", words.unit}}).add(words.title);
  for (const auto& version : words.versions) letter.add(version_line(version, language));
  return letter.say("mail.correction.look", {{"url", words.kit_url}})
      .end(words)
      .under("mail.correction.subject", words);
}

MailText withdrawal_mail(const NoticeWords& words, Language language) {
  Letter letter(language);
  letter.say("mail.withdrawal.lead", {{"unit", words.unit}}).add(words.title);
  if (!words.reason.empty()) letter.say("mail.withdrawal.reason", {{"reason", words.reason}});
  return letter.say("mail.withdrawal.please", {{"url", words.kit_url}})
      .end(words)
      .under("mail.withdrawal.subject", words);
}

}  // namespace khochung::pages

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/pages/letter.hpp"

/// The words of mails about accounts, accreditations and work that waits. Pure, as the pages are.
namespace khochung::pages {

/// What a mail says of the archive that sends it.
struct Sender {
  std::string origin;
  std::string name;
};

/// Asks whoever reads it to confirm that the account is written to there.
MailText address_mail(const Sender& sender, std::string_view account, std::string_view url,
                      Language language);

/// Lets whoever forgot a password choose another.
struct RecoveryLink {
  std::string account, url;
};
MailText recovery_mail(const Sender& sender, const std::vector<RecoveryLink>& links,
                       Language language);

/// Tells what happened to an account; `what` as storage::account_notice has it.
MailText account_notice_mail(const Sender& sender, std::string_view account, std::string_view what,
                             Language language);

/// Materials that wait; each line is ready to be read.
struct WorkWords {
  std::string title, about, url;
};
MailText work_mail(const Sender& sender, const std::vector<WorkWords>& work, Language language);

/// What became of something that was contributed: "return", "publish" or "comment".
struct StepWords {
  std::string title, step, remark, url;
};
MailText step_mail(const Sender& sender, const StepWords& words, Language language);

/// To whoever asked about data of one's own: that it was received, or what is answered.
struct PrivacyWords {
  std::string person, subject;
  std::string answer;  ///< empty: there is none yet
  std::string due;     ///< in words
};
MailText privacy_mail(const Sender& sender, const PrivacyWords& words, Language language);

/// Mails to journalists about their accreditation.
struct PressWords {
  std::string person;
  std::string account;
  std::string until;   ///< in words
  std::string reason;  ///< of a refusal
  std::string url;     ///< to confirm, or to choose a password; empty: there is one
};
MailText press_confirmation_mail(const Sender& sender, const PressWords& words, Language language);
MailText press_granted_mail(const Sender& sender, const PressWords& words, Language language);
MailText press_refused_mail(const Sender& sender, const PressWords& words, Language language);
MailText press_ending_mail(const Sender& sender, const PressWords& words, Language language);

}  // namespace khochung::pages

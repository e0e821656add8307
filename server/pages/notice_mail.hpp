#pragma once

#include <string>
#include <vector>

#include "schemas/error.hpp"
#include "schemas/kit.hpp"
#include "server/pages/letter.hpp"

/// The words of mails about press kits. Pure, as the pages are.
namespace khochung::pages {

/// What a mail tells.
struct NoticeWords {
  std::string title;
  std::string unit;
  std::vector<KitVersion> versions;  ///< of a correction: the new ones
  std::string reason;                ///< of a withdrawal
  std::string kit_url;
  std::string action_url;  ///< that confirms, or ends the notices
  std::string site_name;
};

/// Asks whoever reads it to confirm that they want notices.
MailText confirmation_mail(const NoticeWords& words, Language language);
/// The kit was corrected.
MailText correction_mail(const NoticeWords& words, Language language);
/// The kit was withdrawn.
MailText withdrawal_mail(const NoticeWords& words, Language language);

}  // namespace khochung::pages

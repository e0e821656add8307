#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/readable.hpp"
#include "storage/accounts/mail_queue.hpp"
#include "storage/accounts/notice_store.hpp"

/// Notices of corrections of press kits, by mail to those who asked. A notice tells nothing that
/// its reader could not see at the moment at which it is sent.
namespace khochung::delivery {

/// Whether notices of the kit may be asked for: there is a mail server and a published version.
bool offers_notices(const api::Services& services, const Material& material);

/// What somebody who asks for notices says.
struct NoticeAsk {
  std::string kit;
  std::string address;
  Language language = Language::vietnamese;
};

/// Keeps the wish of whoever asks and has a mail sent that asks for its confirmation. What comes of
/// it does not tell whether the address is known.
/// Errors: those of find_readable(); unsupported, reason "mail_unset"; conflict, reason
///         "notice_kit_unpublished"; bad_input, reason "mail_address"; unavailable, reason
///         "notice_too_many".
Result<void> ask_for_notices(const api::Services& services, const http::Request& request,
                             const access::Viewer& viewer, const NoticeAsk& ask);

/// What a link out of a mail is about, for a page: the kit's title as long as its holder may see
/// it.
struct NoticeSubject {
  MaterialId kit;
  std::string title;  ///< empty: not to be seen
};
/// Errors: not_found for a link that was used, is over or never was one.
Result<NoticeSubject> wish_behind(const api::Services& services, std::string_view token);
Result<NoticeSubject> notices_behind(const api::Services& services, std::string_view leave_token);

/// The address gets notices from now on. Errors: as wish_behind().
Result<NoticeSubject> confirm_notices(const api::Services& services, std::string_view token);
/// The address is forgotten. A link that ended nothing is no error: its wish is done.
Result<void> end_notices(const api::Services& services, std::string_view leave_token);

/// "/n/<token>", "/n/<token>/leave".
std::string confirm_path(std::string_view token);
std::string leave_path(std::string_view leave_token);

/// What the mail tells that asks for a confirmation.
struct Confirmation {
  storage::NoticeWish wish;
  std::string token;
  std::string title;
  std::string unit;
};
/// Nothing when the wish is over or its asker may not see the kit any more.
/// Errors: unavailable; corrupt.
Result<std::optional<Confirmation>> confirmation_for(const api::Services& services,
                                                     const storage::QueuedMail& mail);

/// What one notice tells.
struct Notice {
  storage::NoticeFollower follower;
  std::string title;
  std::string unit;
  std::vector<KitVersion> versions;  ///< that the follower did not know; of a withdrawal none
  std::string reason;                ///< of a withdrawal
};
/// The notice of a mail that is about to be sent, as its reader may see the kit now; nothing when
/// it is not to be told (any more). Errors: unavailable; corrupt.
Result<std::optional<Notice>> notice_for(const api::Services& services,
                                         const storage::QueuedMail& mail);

/// Looks at the followed kits whose time has come and queues what their followers do not know yet.
/// A round looks at 100 kits at most, a kit is looked at each minute at most: whatever changed it,
/// here or on another server, is told within minutes. Asked to stop, it leaves the rest for the
/// next start.
Result<void> find_news(const api::Services& services, const std::stop_token& stop);

}  // namespace khochung::delivery

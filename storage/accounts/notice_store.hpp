#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.hpp"
#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/mail_address.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

using NoticeWishId = Identifier<struct NoticeWishTag>;
using NoticeFollowerId = Identifier<struct NoticeFollowerTag>;

/// That somebody wants to be told when a press kit is corrected.
struct NoticeWish {
  MaterialId kit;
  MailAddress address;
  std::string account;  ///< whose rights decide what it may tell; empty: those of nobody
  Language language = Language::vietnamese;
  int version = 0;  ///< the newest that the asker could see
};

/// Somebody who confirmed that.
struct NoticeFollower {
  NoticeFollowerId id;
  NoticeWish wish;
  std::string leave_token;  ///< ends the notices and does nothing else; each of them carries it
};

/// The kinds of mail that come from here; their subject is the id of a wish or of a follower.
inline constexpr std::string_view notice_confirmation = "notice_confirmation";
/// Its detail is the number of the newest version that the follower knew of before.
inline constexpr std::string_view notice_correction = "notice_correction";
inline constexpr std::string_view notice_withdrawal = "notice_withdrawal";

/// Who is told of corrections of press kits, in the file of the accounts. Mails are queued in the
/// transaction of their reason. What a follower may see of a kit is not known here.
/// Threads: safe from many threads.
class NoticeStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr std::chrono::days wish_lives{3};

  /// Both outlive it.
  NoticeStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // -- asking, confirming, leaving
  /// Keeps the wish and queues the mail that asks for its confirmation; for an address that had
  /// enough of these today nothing happens, and it looks the same. `network`: the client's address
  /// shortened to its network; empty: no limit for this client.
  /// Errors: unavailable, reason "notice_too_many", when the client asked too often.
  Result<void> ask(const NoticeWish& wish, std::string_view network);
  /// A token that confirms the wish, for the mail that is about to be sent; kept only as its
  /// SHA-256. Errors: not_found when the wish is over.
  struct WishToSend {
    NoticeWish wish;
    std::string token;  ///< 256 random bits as 64 hexadecimal digits
  };
  Result<WishToSend> begin_confirmation(std::string_view wish_id);
  /// Errors: not_found for a wrong token, one that was used or one that is over.
  [[nodiscard]] Result<NoticeWish> wish_of(std::string_view token) const;
  /// The wish's address gets notices from now on. Errors: as wish_of().
  Result<NoticeFollower> confirm(std::string_view token);
  /// Errors: not_found.
  [[nodiscard]] Result<NoticeFollower> follower_leaving(std::string_view leave_token) const;
  /// Forgets the address of this follower, and what was still to be sent. Nobody: nothing happens.
  Result<void> leave(std::string_view leave_token);

  // -- telling
  /// Errors: not_found.
  [[nodiscard]] Result<NoticeFollower> follower(std::string_view id) const;
  /// Kits that are followed and whose time to be looked at has come, longest overdue first; at most
  /// `limit`.
  struct DueKit {
    MaterialId kit;
    Instant since{};
  };
  [[nodiscard]] Result<std::vector<DueKit>> due_kits(int limit) const;
  /// The kit is looked at next; one that nobody follows is not.
  Result<void> look_soon(MaterialId kit);
  /// The kits were looked at, and will be at that time again, unless look_soon() came meanwhile;
  /// those that nobody follows any more are forgotten.
  Result<void> look_again(const std::vector<DueKit>& kits, Instant at);
  /// The accounts of followers who know only versions before `version`, each once; "": of nobody.
  [[nodiscard]] Result<std::vector<std::string>> accounts_untold(MaterialId kit, int version) const;
  /// Queues a mail for each follower of this account who was not told of that version, at most
  /// `batch` of them; gives how many.
  Result<int> tell_of_version(MaterialId kit, std::string_view account, int version);
  /// The same for a withdrawal; a kit that is published again may be withdrawn again.
  [[nodiscard]] Result<std::vector<std::string>> accounts_untold_of_withdrawal(
      MaterialId kit) const;
  Result<int> tell_of_withdrawal(MaterialId kit, std::string_view account);
  Result<void> forget_withdrawal(MaterialId kit);
  static constexpr int batch = 500;

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace khochung::storage

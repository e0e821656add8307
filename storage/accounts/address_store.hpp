#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.hpp"
#include "schemas/instant.hpp"
#include "schemas/mail_address.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

/// Where somebody is written to.
struct AccountAddress {
  std::string account;
  MailAddress address;
  Language language = Language::vietnamese;
  bool wants_work = true;  ///< to be told of work that waits
};

/// The kinds of mail that come from here. Their subjects: the account of a wish; a recovery's id;
/// an account.
inline constexpr std::string_view address_confirmation = "address_confirmation";
inline constexpr std::string_view password_recovery = "password_recovery";
/// Its detail is what happened to the account: "password", "recovered", "address",
/// "second_step_on", "second_step_off", "token".
inline constexpr std::string_view account_notice = "account_notice";
/// Its detail is up to when (milliseconds) its person had heard of work before.
inline constexpr std::string_view work_notice = "work_notice";
/// What became of something that the person contributed; its detail is "<step> <material id>".
inline constexpr std::string_view step_notice = "step_notice";

/// Addresses of accounts, each confirmed by its mailbox, and what goes to them, in the file of the
/// accounts. Threads: safe from many threads. Source: OWASP ASVS 5.0, V6.4.
class AddressStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr std::chrono::days wish_lives{3};
  static constexpr std::chrono::hours recovery_lives{1};
  static constexpr int accounts_of_an_address = 5;

  /// Both outlive it.
  AddressStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // -- an account's address
  /// Nothing where none is confirmed. Errors: not_found.
  [[nodiscard]] Result<std::optional<AccountAddress>> address_of(std::string_view name) const;
  /// Queues the mail that asks for the confirmation of a new address, and tells the present one. An
  /// address that had enough mails today gets none. Errors: not_found.
  Result<void> ask(std::string_view name, const MailAddress& address, Language language);
  /// A token that confirms the wish, for the mail that is about to be sent; kept only as its
  /// SHA-256. Errors: not_found when the wish is over.
  struct WishToSend {
    AccountAddress wish;
    std::string token;  ///< 256 random bits as 64 hexadecimal digits
  };
  Result<WishToSend> begin_confirmation(std::string_view name);
  /// Errors: not_found for a wrong token, one that was used or one that is over.
  [[nodiscard]] Result<AccountAddress> wish_of(std::string_view token) const;
  /// It is the account's address from now on. Errors: as wish_of().
  Result<AccountAddress> confirm(std::string_view token);
  /// Nothing is sent there any more. Errors: not_found.
  Result<void> forget(std::string_view name);

  /// Queues a mail of that kind, if the account has an address. Errors: not_found.
  Result<void> tell(std::string_view name, std::string_view kind, std::string_view detail);

  // -- forgotten passwords
  /// Queues a mail with links for whoever is called so or has that address: the same work whether
  /// there is one or not. `network`: as that of NoticeStore::ask().
  /// Errors: unavailable "notice_too_many".
  Result<void> ask_recovery(std::string_view asked, Language language, std::string_view network);
  /// To whom the mail goes, and for which accounts; each may be disabled by now. Accounts that have
  /// one address get one mail. Errors: not_found when there is nobody, or it is over.
  struct Recovery {
    MailAddress address;
    Language language = Language::vietnamese;
    std::vector<std::string> accounts;
  };
  [[nodiscard]] Result<Recovery> recovery(std::string_view id) const;

  // -- work that waits
  /// Errors: not_found.
  Result<void> set_wants_work(std::string_view name, bool wants);
  /// Those whose time to be looked at has come, longest overdue first; at most `limit`.
  struct DueAccount {
    std::string account;
    Instant told_at{};
  };
  [[nodiscard]] Result<std::vector<DueAccount>> due_accounts(int limit) const;
  /// The account is looked at again then; with news, a work_notice is queued and it counts as told.
  Result<void> look_again(const DueAccount& account, bool has_news, Instant at);

 private:
  Database& database_;
  const Clock& clock_;
};

/// Within a transaction of others: an address that is confirmed.
Result<void> put_address(Connection& connection, std::int64_t account,
                         const AccountAddress& address, Instant at);
/// The same: an address that awaits its confirmation never gets it.
Result<void> end_address_wish(Connection& connection, std::int64_t account);
/// The same: nothing is left of the account's address and of mails to it. `name`: as it is written.
Result<void> forget_address(Connection& connection, std::int64_t account, std::string_view name);

}  // namespace khochung::storage

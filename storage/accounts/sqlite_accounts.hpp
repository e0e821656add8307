#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/accounts/account_rows.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/accounts/accreditation_store.hpp"
#include "storage/accounts/address_store.hpp"
#include "storage/accounts/call_store.hpp"
#include "storage/accounts/data_request_store.hpp"
#include "storage/accounts/identity_store.hpp"
#include "storage/accounts/invitation_store.hpp"
#include "storage/accounts/mail_queue.hpp"
#include "storage/accounts/notice_store.hpp"
#include "storage/accounts/password.hpp"
#include "storage/accounts/second_step_store.hpp"
#include "storage/accounts/share_store.hpp"
#include "storage/accounts/sign_in_throttle.hpp"
#include "storage/accounts/strict_lockout.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

/// Accounts in one SQLite file that only its owner may read. Signing in is in sqlite_sign_in.cpp,
/// sessions and API tokens in sqlite_sessions.cpp.
class SqliteAccounts final : public AccountStore {
 public:
  SqliteAccounts(std::unique_ptr<Database> database, Clock clock, Settings settings);

  Result<void> add(const Account& account, std::string_view password) override;
  Result<Account> account(std::string_view name) const override;
  Result<std::vector<Account>> accounts() const override;
  Result<void> set_disabled(std::string_view name, bool is_disabled) override;
  Result<void> set_password(std::string_view name, std::string_view password) override;
  Result<void> set_grants(std::string_view name, const std::vector<AccountGrant>& grants,
                          const UnitsAbove& above) override;
  Result<void> erase(std::string_view name, const UnitsAbove& above,
                     const std::function<Result<void>()>& note) override;

  Result<Session> sign_in(std::string_view name, std::string_view password,
                          const SignInFrom& from) override;
  Result<Session> finish_sign_in(std::string_view awaited, std::string_view code,
                                 const SignInFrom& from) override;
  Result<Session> begin_session(std::string_view name, const SignInFrom& from) override;
  Result<Session> begin_proven_session(std::string_view name, const SignInFrom& from) override;
  Result<void> check_password(std::string_view name, std::string_view password,
                              const SignInFrom& from) override;

  Result<Session> session(std::string_view token) override;
  Result<void> end_session(std::string_view token) override;
  Result<std::vector<SessionLine>> sessions_of(std::string_view name) const override;
  Result<void> end_session_of(std::string_view name, std::string_view id) override;
  Result<int> end_other_sessions(std::string_view name, std::string_view token) override;

  Result<std::string> make_api_token(std::string_view name, const TokenTerms& terms) override;
  Result<std::vector<TokenLine>> api_tokens_of(std::string_view name) const override;
  Result<void> revoke_api_token(std::string_view name, std::string_view id) override;
  Result<TokenHolder> holder_of_api_token(std::string_view token) const override;

  AddressStore& addresses() override { return addresses_; }
  AccreditationStore& accreditations() override { return accreditations_; }
  DataRequestStore& data_requests() override { return data_requests_; }
  InvitationStore& invitations() override { return invitations_; }
  IdentityStore& identities() override { return identities_; }
  SecondStepStore& second_steps() override { return second_steps_; }
  ShareStore& shares() override { return shares_; }
  CallStore& calls() override { return calls_; }
  NoticeStore& notices() override { return notices_; }
  MailQueue& mail() override { return mail_; }
  Result<CheckedPages> check_pages(std::uint8_t slice) override;

 private:
  /// One try of a password or a code, counted as failed until it is let_in().
  struct Try {
    std::string folded;
    std::string place;  ///< the network, or the browser where it is known
    bool was_code_right = false;
  };
  Result<Try> begin_try(const std::string& folded, const SignInFrom& from);
  void let_in(const Try& one);
  /// When a code is looked at: whoever knows the password has a count of wrong ones of its own, so
  /// that strangers' guesses keep nobody waiting.
  enum class CodeComes { before_password, after_password };
  /// Takes a code; of wrong ones there are few for an account, from whatever networks they come.
  /// Errors: unauthenticated "wrong_code"; unavailable "too_many_attempts".
  Result<void> take_code(const std::string& folded, std::string_view code, CodeComes comes);
  /// Errors: unauthenticated "account_idle".
  [[nodiscard]] Result<void> check_is_in_use(const AccountRow& row) const;
  [[nodiscard]] Result<std::vector<AccountRow>> with_rights_in_force(
      Connection& connection, Result<std::vector<AccountRow>> found, bool had_second_factor) const;
  /// The account of a right password. Errors: unauthenticated "wrong_password", "account_over",
  /// "account_idle".
  Result<AccountRow> account_of_password(const std::string& folded, std::string_view password);
  Result<Session> await_code(const AccountRow& row);
  Result<Session> put_session(const std::string& folded, const SignInFrom& from);

  std::unique_ptr<Database> database_;
  Clock clock_;
  Settings settings_;
  PasswordHasher hasher_;
  SignInThrottle throttle_;
  StrictLockout lockout_;
  AddressStore addresses_{*database_, clock_};
  AccreditationStore accreditations_{*database_, clock_};
  DataRequestStore data_requests_{*database_, clock_};
  InvitationStore invitations_{*database_, hasher_, clock_};
  IdentityStore identities_{*database_, clock_};
  SecondStepStore second_steps_{*database_, clock_};
  ShareStore shares_{*database_, hasher_, clock_};
  CallStore calls_{*database_, clock_};
  NoticeStore notices_{*database_, clock_};
  MailQueue mail_{*database_, clock_};
};

/// What a session's pages put into their forms: it does not tell the session's token.
std::string csrf_token_of(std::string_view token);

inline constexpr std::chrono::milliseconds session_idle_limit = std::chrono::hours(12);
inline constexpr std::chrono::milliseconds session_absolute_limit = std::chrono::hours(7 * 24);

}  // namespace khochung::storage

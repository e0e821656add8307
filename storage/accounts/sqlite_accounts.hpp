#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/accounts/account_store.hpp"
#include "storage/accounts/mail_queue.hpp"
#include "storage/accounts/notice_store.hpp"
#include "storage/accounts/password.hpp"
#include "storage/accounts/share_store.hpp"
#include "storage/accounts/sign_in_throttle.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

/// Accounts in one SQLite file that only its owner may read.
class SqliteAccounts final : public AccountStore {
 public:
  SqliteAccounts(std::unique_ptr<Database> database, Clock clock);

  Result<void> add(const Account& account, std::string_view password) override;
  Result<Account> account(std::string_view name) const override;
  Result<std::vector<Account>> accounts() const override;
  Result<void> set_disabled(std::string_view name, bool is_disabled) override;
  Result<void> set_password(std::string_view name, std::string_view password) override;
  Result<void> set_grants(std::string_view name, const std::vector<AccountGrant>& grants) override;

  Result<Session> sign_in(std::string_view name, std::string_view password,
                          std::string_view network) override;
  Result<Session> session(std::string_view token) override;
  Result<void> end_session(std::string_view token) override;

  Result<std::string> make_api_token(std::string_view name, std::string_view label,
                                     Instant expires_at) override;
  Result<Account> account_of_api_token(std::string_view token) const override;
  ShareStore& shares() override { return shares_; }
  NoticeStore& notices() override { return notices_; }
  MailQueue& mail() override { return mail_; }
  Result<CheckedPages> check_pages(std::uint8_t slice) override;

 private:
  Result<Session> begin_session(std::string_view folded, const std::string& new_password);

  std::unique_ptr<Database> database_;
  Clock clock_;
  PasswordHasher hasher_;
  SignInThrottle throttle_;
  ShareStore shares_{*database_, hasher_, clock_};
  NoticeStore notices_{*database_, clock_};
  MailQueue mail_{*database_, clock_};
};

}  // namespace khochung::storage

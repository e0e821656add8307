#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/access/policy.hpp"
#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/checked_pages.hpp"

namespace khochung::storage {

class MailQueue;
class NoticeStore;
class ShareStore;

/// A right that an account holds: a role at a unit, named by its id so that it survives a rebuild.
struct AccountGrant {
  access::Role role = access::Role::reader;
  UnitId unit;
};

struct Account {
  std::string name;  ///< as it was written; names compare without case
  access::AccountKind kind = access::AccountKind::union_person;
  std::vector<AccountGrant> grants;
  bool is_disabled = false;
};

/// A signed-in browser. The token is told once and kept only as its SHA-256.
struct Session {
  std::string token;  ///< 256 random bits as 64 hexadecimal digits; empty when read back
  std::string csrf_token;
  Account account;
};

/// Accounts, sessions and API tokens: accounts.sqlite. Neither truth nor derived: kept by backups.
/// Threads: safe from many threads. At most two passwords are hashed at once.
/// Source: RFC 9106 (Argon2id); OWASP ASVS 5.0, V6 and V7.
class AccountStore {
 public:
  using Clock = std::function<Instant()>;
  /// The file is made readable for its owner alone. `clock`: the present, unless a test needs
  /// another. Errors: corrupt; unsupported (made by a newer program); unavailable.
  static Result<std::unique_ptr<AccountStore>> open(const std::filesystem::path& file,
                                                    Clock clock = {});
  virtual ~AccountStore() = default;

  /// Errors: bad_input (name empty, longer than 64 bytes, not UTF-8 or with control characters;
  ///         "short_password" below 8 bytes); conflict "name_taken".
  virtual Result<void> add(const Account& account, std::string_view password) = 0;
  /// Errors: not_found.
  virtual Result<Account> account(std::string_view name) const = 0;
  virtual Result<std::vector<Account>> accounts() const = 0;
  /// Disabling ends its sessions; its API tokens are refused as long as it is disabled.
  virtual Result<void> set_disabled(std::string_view name, bool is_disabled) = 0;
  /// Ends all its sessions.
  virtual Result<void> set_password(std::string_view name, std::string_view password) = 0;
  /// These grants take the place of those it had.
  virtual Result<void> set_grants(std::string_view name,
                                  const std::vector<AccountGrant>& grants) = 0;

  /// Checks a password and begins a session. The same answer and time for unknown names.
  /// `network`: the client's address shortened to its network; the pair (name, network) is slowed
  /// down after five failures. Errors: unauthenticated "wrong_password"; unavailable
  /// "too_many_attempts".
  virtual Result<Session> sign_in(std::string_view name, std::string_view password,
                                  std::string_view network) = 0;
  /// The session of a token; idle for 12 hours or older than 7 days it is over.
  /// Errors: unauthenticated.
  virtual Result<Session> session(std::string_view token) = 0;
  virtual Result<void> end_session(std::string_view token) = 0;

  /// A bearer token that acts as the account until `expires_at`; told once.
  /// Errors: not_found.
  virtual Result<std::string> make_api_token(std::string_view name, std::string_view label,
                                             Instant expires_at) = 0;
  /// Errors: unauthenticated.
  virtual Result<Account> account_of_api_token(std::string_view token) const = 0;

  /// The sharing links that accounts have made; they live as long as the accounts.
  virtual ShareStore& shares() = 0;
  /// Who is told of corrections of press kits, and the mail that waits to be sent.
  virtual NoticeStore& notices() = 0;
  virtual MailQueue& mail() = 0;

  /// Holds a 256th of the file's pages against their sums.
  /// Errors: corrupt when the file is too damaged for that; unavailable.
  virtual Result<CheckedPages> check_pages(std::uint8_t slice) = 0;
};

}  // namespace khochung::storage

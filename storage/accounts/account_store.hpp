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

class AccreditationStore;
class AddressStore;
class CallStore;
class DataRequestStore;
class IdentityStore;
class InvitationStore;
class MailQueue;
class NoticeStore;
class SecondStepStore;
class ShareStore;

/// A right that an account holds: a role at a unit, named by its id so that it survives a rebuild.
struct AccountGrant {
  access::Role role = access::Role::reader;
  UnitId unit;
  std::optional<Instant> ends_at = {};  ///< a delegation: from then on it is no right any more
  bool is_from_provider = false;        ///< as its claims said at the last sign-in
};

struct Account {
  std::string name;  ///< as it was written; names compare without case
  access::AccountKind kind = access::AccountKind::union_person;
  std::vector<AccountGrant> grants;
  bool is_disabled = false;
  std::optional<Instant> ends_at = {};  ///< of an accreditation: from then on it is closed
  bool has_password = true;             ///< as read: false until its first one was chosen

  /// Whether anybody can be signed in to it.
  [[nodiscard]] bool is_open(Instant at) const {
    return !is_disabled && (!ends_at || at < *ends_at);
  }
};

/// A signed-in browser. The tokens are told once and kept only as their SHA-256.
struct Session {
  std::string token;  ///< 256 random bits as 64 hexadecimal digits; empty when read back
  std::string csrf_token;
  Account account;
  /// Tells later that this browser has signed in before; empty when read back and for programs.
  std::string device_token;
  /// The password was right and a code is awaited: `token` is no session's, and finish_sign_in()
  /// takes it for five minutes.
  bool awaits_code = false;
  bool had_second_factor = false;  ///< as SignInFrom has it
};

/// The browser that signs in.
struct SignInFrom {
  std::string network;       ///< the client's address shortened to its network
  std::string browser = {};  ///< its family in words; empty: unknown
  std::string device = {};   ///< Session::device_token of an earlier time, or anything
  std::string code = {};     ///< of the second step, where it comes with the password
  bool is_program = false;   ///< no browser that shall be known later
  /// A provider asked for a second factor, and that counts here.
  bool had_second_factor = false;
};

/// A session as its person sees it in a list.
struct SessionLine {
  std::string id;  ///< the SHA-256 of its token: it opens nothing
  Instant began_at{};
  Instant seen_at{};  ///< to some minutes
  std::string browser;
  std::string network;
};

/// What an API token may be used for.
enum class TokenScope { read, write };
std::string_view to_text(TokenScope scope);
/// Errors: bad_input.
Result<TokenScope> token_scope_from(std::string_view text);

struct TokenTerms {
  std::string label;  ///< as its owner calls it
  TokenScope scope = TokenScope::write;
  Instant expires_at{};
};

/// An API token as its person sees it in a list.
struct TokenLine {
  std::string id;  ///< the SHA-256 of the token: it opens nothing
  TokenTerms terms;
  Instant made_at{};
};

/// Who an API token acts as.
struct TokenHolder {
  Account account;
  TokenScope scope = TokenScope::read;
};

/// Accounts, sessions and API tokens: accounts.sqlite. Neither truth nor derived: kept by backups.
/// Threads: safe from many threads. At most two passwords are hashed at once.
/// Source: RFC 9106 (Argon2id); OWASP ASVS 5.0, V6 and V7.
class AccountStore {
 public:
  using Clock = std::function<Instant()>;
  /// A unit and those above it. Without one, nobody asks whether a unit keeps an administrator.
  using UnitsAbove = std::function<std::vector<UnitId>(UnitId)>;
  struct Settings {
    /// Five failures in half an hour lock the account for half an hour, for everybody.
    bool has_strict_lockout = false;
    /// An account that nobody signed in to for so long takes no password until it is reset.
    std::optional<std::chrono::days> idle_limit;
    /// Whoever administers may no more than a spokesperson until a second step is turned on.
    bool administrators_need_second_step = false;
  };
  static constexpr std::chrono::days longest_token_life{366};
  static constexpr std::size_t longest_label_bytes = 100;

  /// The file is made readable for its owner alone. `clock`: the present, unless a test needs
  /// another. Errors: corrupt; unsupported (made by a newer program); unavailable.
  static Result<std::unique_ptr<AccountStore>> open(const std::filesystem::path& file, Clock clock,
                                                    Settings settings);
  static Result<std::unique_ptr<AccountStore>> open(const std::filesystem::path& file,
                                                    Clock clock = {}) {
    return open(file, std::move(clock), Settings());
  }
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
  /// These grants take the place of those it had; those that a provider gave stay as they are.
  /// Errors: not_found; conflict "last_administrator" as erase().
  virtual Result<void> set_grants(std::string_view name, const std::vector<AccountGrant>& grants,
                                  const UnitsAbove& above) = 0;
  /// Erases what is known of a person: the account with all that belongs to it. What the person
  /// made in the archive keeps the name, which nobody is given again. `note` is called when it may
  /// be; what it refuses does not happen. It must not ask this store for anything.
  /// Errors: not_found; conflict "last_administrator" when nobody would administer a unit or one
  ///         above that this account administers; those of `note`.
  virtual Result<void> erase(std::string_view name, const UnitsAbove& above,
                             const std::function<Result<void>()>& note) = 0;

  /// Checks a password and begins a session, or awaits a code where the account has a second step.
  /// The same answer and time for unknown names. The pair (name, network) is slowed down after five
  /// failures; a browser that signed in before is counted by itself, and whoever shows a right code
  /// of the second step is not kept waiting by others. With a strict lock-out nobody is let in.
  /// Errors: unauthenticated "wrong_password", "account_over" or "account_idle" behind a right one,
  /// "wrong_code" behind a right password; unavailable
  /// "too_many_attempts".
  virtual Result<Session> sign_in(std::string_view name, std::string_view password,
                                  const SignInFrom& from) = 0;
  /// The second step after `awaited`, the token of sign_in().
  /// Errors: unauthenticated "wrong_code"; unauthenticated "sign_in_again" when it took longer than
  ///         five minutes or five tries; unavailable "too_many_attempts".
  virtual Result<Session> finish_sign_in(std::string_view awaited, std::string_view code,
                                         const SignInFrom& from) = 0;
  /// A session for whom another proof than the password was given. Errors: not_found.
  virtual Result<Session> begin_session(std::string_view name, const SignInFrom& from) = 0;
  /// The same for whom a provider has proven: a code is awaited where the account has a second step
  /// and the provider asked for no second factor. Errors: not_found; unauthenticated.
  virtual Result<Session> begin_proven_session(std::string_view name, const SignInFrom& from) = 0;
  /// Whether it is this account's password; tries are counted as those of sign_in().
  /// Errors: unauthenticated "wrong_password"; unavailable "too_many_attempts"; not_found.
  virtual Result<void> check_password(std::string_view name, std::string_view password,
                                      const SignInFrom& from) = 0;
  /// The session of a token; idle for 12 hours or older than 7 days it is over.
  /// Errors: unauthenticated.
  virtual Result<Session> session(std::string_view token) = 0;
  virtual Result<void> end_session(std::string_view token) = 0;
  /// Those that are not over, the one used last first. Errors: not_found.
  virtual Result<std::vector<SessionLine>> sessions_of(std::string_view name) const = 0;
  /// Errors: not_found when the account has no session of that id.
  virtual Result<void> end_session_of(std::string_view name, std::string_view id) = 0;
  /// Ends all but the one of `token`; gives how many. Errors: not_found.
  virtual Result<int> end_other_sessions(std::string_view name, std::string_view token) = 0;

  /// A bearer token that acts as the account; told once.
  /// Errors: not_found; bad_input (the end is not within 366 days, "token_expiry"; the label is
  ///         longer than 100 bytes, not UTF-8 or has control characters).
  virtual Result<std::string> make_api_token(std::string_view name, const TokenTerms& terms) = 0;
  /// Those that have not expired, newest first. Errors: not_found.
  virtual Result<std::vector<TokenLine>> api_tokens_of(std::string_view name) const = 0;
  /// Errors: not_found when the account has no token of that id.
  virtual Result<void> revoke_api_token(std::string_view name, std::string_view id) = 0;
  /// Errors: unauthenticated.
  virtual Result<TokenHolder> holder_of_api_token(std::string_view token) const = 0;

  /// Where people are written to.
  virtual AddressStore& addresses() = 0;
  /// Journalists who ask for an account.
  virtual AccreditationStore& accreditations() = 0;
  /// What people ask about data of their own.
  virtual DataRequestStore& data_requests() = 0;
  /// Links that let somebody choose a password once.
  virtual InvitationStore& invitations() = 0;
  /// Who accounts are at a provider of sign-in.
  virtual IdentityStore& identities() = 0;
  /// Codes that are asked for after the password.
  virtual SecondStepStore& second_steps() = 0;
  /// The sharing links that accounts have made; they live as long as the accounts.
  virtual ShareStore& shares() = 0;
  /// Calls by which members without an account contribute.
  virtual CallStore& calls() = 0;
  /// Who is told of corrections of press kits, and the mail that waits to be sent.
  virtual NoticeStore& notices() = 0;
  virtual MailQueue& mail() = 0;

  /// Holds a 256th of the file's pages against their sums.
  /// Errors: corrupt when the file is too damaged for that; unavailable.
  virtual Result<CheckedPages> check_pages(std::uint8_t slice) = 0;
};

}  // namespace khochung::storage

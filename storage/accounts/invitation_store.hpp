#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/accounts/password.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

/// What a link that works once is for.
enum class InvitationKind {
  join,     ///< a new account
  reset,    ///< a new password for an account
  recover,  ///< the same, asked for by mail by whoever forgot it; the second step stays
  set_up,   ///< the first account of an archive, whose name is chosen with the password
};
std::string_view to_text(InvitationKind kind);

/// A link that lets whoever holds it choose a password, once.
struct Invitation {
  std::string id;  ///< the SHA-256 of its token: it opens nothing
  InvitationKind kind = InvitationKind::join;
  std::string name;                   ///< of the account; empty: to be chosen
  std::optional<AccountGrant> grant;  ///< that a new account gets
  std::string maker;                  ///< who made it; empty: the owner of the data folder
  Instant made_at{};
  Instant ends_at{};
};

/// A new one. The token is told once and kept only as its SHA-256.
struct NewInvitation {
  Invitation invitation;
  std::string token;  ///< 256 random bits as 64 hexadecimal digits
};

/// Invitations, resets and the first set-up, in the file of the accounts. Who may invite whom is
/// not known here. Threads: safe from many threads. Source: OWASP ASVS 5.0, V6.4.
class InvitationStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr std::chrono::days life{7};
  static constexpr std::chrono::hours set_up_life{24};
  static constexpr std::chrono::hours recover_life{1};

  /// All three outlive it.
  InvitationStore(Database& database, PasswordHasher& hasher, const Clock& clock)
      : database_(database), hasher_(hasher), clock_(clock) {}

  /// Invites somebody to an account of that name. Errors: as AccountStore::add for the name;
  /// conflict "name_taken".
  Result<NewInvitation> invite(std::string_view name, const AccountGrant& grant,
                               std::string_view maker);
  /// Lets somebody choose a new password. At once all sessions of the account end and its present
  /// password is no longer good; earlier links and its mail address are forgotten, too.
  /// Errors: not_found.
  Result<NewInvitation> reset(std::string_view name, std::string_view maker);
  /// Lets whoever reads the account's mail choose a new password; until then nothing changes.
  /// Several such links may open; using one ends all.  Errors: not_found, also for an
  /// account that is closed.
  Result<NewInvitation> recover(std::string_view name, std::chrono::hours opens_for = recover_life);
  /// For the first account of all; an earlier link of the kind ends.
  /// Errors: conflict when there is an account of a union person.
  Result<NewInvitation> set_up();

  /// Errors: not_found, the same for a token that is wrong, used, revoked or over.
  [[nodiscard]] Result<Invitation> find(std::string_view token) const;
  /// Those that still open and that somebody of the archive made, newest first.
  [[nodiscard]] Result<std::vector<Invitation>> open_ones() const;
  /// Errors: not_found.
  [[nodiscard]] Result<Invitation> invitation(std::string_view id) const;
  /// Errors: not_found.
  Result<void> revoke(std::string_view id);

  /// Uses the link: a new account, or an account with a new password, without its sessions, API
  /// tokens, known browsers and second step; who recovered keeps the second step. `chosen`: the
  /// name and the grant of the first account; not looked at for other kinds. A bad password uses
  /// nothing up. Errors: as find(); bad_input "short_password" or for the name; conflict
  /// "name_taken", also
  ///         when the first account was made meanwhile.
  struct Chosen {
    std::string name;
    std::optional<AccountGrant> grant;
  };
  Result<Account> accept(std::string_view token, std::string_view password, const Chosen& chosen);

 private:
  Result<NewInvitation> put(Invitation invitation, std::chrono::hours opens_for,
                            const std::function<Result<void>(Connection&)>& prepare);

  Database& database_;
  PasswordHasher& hasher_;
  const Clock& clock_;
};

}  // namespace khochung::storage

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

/// Whom a provider of sign-in has proven, and what its claims say of the person.
struct ProvenPerson {
  std::string issuer;
  std::string subject;               ///< what the provider never gives to another person
  std::string label;                 ///< as the person is called there; only shown
  std::string name;                  ///< wished for a new account
  std::vector<AccountGrant> grants;  ///< that the claims give, until they have to be confirmed
};

/// An account's identity at a provider, as its person sees it in a list.
struct IdentityLine {
  std::string id;  ///< the SHA-256 of issuer and subject
  std::string issuer, label;
  bool is_origin = false;  ///< the account was made for it
  Instant linked_at{};
  Instant used_at{};
};

/// What became of the rights of a provider when somebody came.
struct Entrance {
  Account account;
  bool is_new = false;
  std::vector<AccountGrant> given, taken;
  /// Why nobody is let in all the same: "provider_no_right" or "account_disabled".
  std::string_view refusal = {};
};

/// Who accounts are at a provider of sign-in, in the file of the accounts. An identity belongs to
/// one account; it gets there because the account was made for it, or because the account's person
/// linked it, and never because names or addresses are the same.
/// Threads: safe from many threads. Source: OpenID Connect Core 1.0, 5.7.
class IdentityStore {
 public:
  using Clock = std::function<Instant()>;

  /// Both outlive it.
  IdentityStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// The account of that identity, its rights of the provider renewed; a new one, without a
  /// password, for an identity that nobody has and that brings a right. An account that was made
  /// for the identity and has no right any more lets nobody in, and its sessions end.
  /// Errors: forbidden "provider_no_right" when no account is made.
  Result<Entrance> enter(const ProvenPerson& person);
  /// For the account's own person, who has signed in at both.
  /// Errors: not_found; conflict "identity_taken" when it is another account's.
  Result<Entrance> link(std::string_view name, const ProvenPerson& person);
  /// The rights that it gave go with it.
  /// Errors: not_found; conflict "identity_only_way" for the last one of an account without a
  ///         password.
  Result<Entrance> unlink(std::string_view name, std::string_view id);
  /// Oldest first. Errors: not_found.
  [[nodiscard]] Result<std::vector<IdentityLine>> identities_of(std::string_view name) const;

 private:
  Database& database_;
  const Clock& clock_;
};

/// Within a transaction of others: no identity that was linked to the account opens it any more;
/// the one it was made for does.
Result<void> forget_linked_identities(Connection& connection, std::int64_t account);

}  // namespace khochung::storage

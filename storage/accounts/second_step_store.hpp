#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

/// Second steps of signing in: a code of an authenticator program, or one of ten recovery codes, in
/// the file of the accounts. Whoever calls counts the tries.
/// Threads: safe from many threads.
/// Source: RFC 6238; OWASP ASVS 5.0, V6.5 and V6.6.
class SecondStepStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr int recovery_codes = 10;

  /// Both outlive it.
  SecondStepStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// Whether a code is asked for after the account's password. Errors: not_found.
  [[nodiscard]] Result<bool> is_on(std::string_view name) const;
  /// How many recovery codes are left. Errors: not_found.
  [[nodiscard]] Result<int> recovery_codes_left(std::string_view name) const;

  /// A new secret, in base32, that counts for nothing until a code of it was shown; it takes the
  /// place of an earlier one. Errors: not_found; conflict "second_step_is_on".
  Result<std::string> begin(std::string_view name);
  /// The secret that awaits its first code. Errors: not_found.
  [[nodiscard]] Result<std::string> begun(std::string_view name) const;
  /// From now on a code is asked for. Gives the recovery codes, told once and kept only as their
  /// SHA-256. Errors: not_found when none was begun; unauthenticated "wrong_code".
  Result<std::vector<std::string>> confirm(std::string_view name, std::string_view code);
  /// Takes a code, and never again. Blanks and hyphens in it do not count.
  /// Errors: unauthenticated "wrong_code", also for an account without a second step and for a name
  ///         that nobody has.
  Result<void> take(std::string_view name, std::string_view code);
  /// Errors: not_found.
  Result<void> turn_off(std::string_view name);

 private:
  Database& database_;
  const Clock& clock_;
};

/// The same within a transaction of others: nothing is left of an account's second step.
Result<void> forget_second_step(Connection& connection, std::int64_t account);
/// Whether a code is asked for after the password of that account.
Result<bool> has_second_step(Connection& connection, std::int64_t account);

}  // namespace khochung::storage

#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::storage {

/// `count` bytes of the system's randomness as hexadecimal digits.
std::string random_hex(std::size_t count);

inline constexpr std::size_t longest_password = 1024;

/// `name`: of its account, which must not make it up.
/// Errors: bad_input "short_password" when it has not 8 to 1024 bytes, "common_password" when a
///         million guesses would find it.
/// Source: OWASP ASVS 5.0, V6.2.4 and V6.2.11; Wheeler, "zxcvbn", USENIX Security 2016.
Result<void> check_password(std::string_view password, std::string_view name = {});

/// Takes and checks the hashes of passwords, two at a time at most: each costs 64 MiB and an eighth
/// of a second.
/// Cost: Argon2id, 64 MiB, 3 passes: 126 ms (2026-11-23, busy machine; 19 MiB, 2 passes: 31 ms).
/// Threads: safe from many threads; whoever waits longer than some seconds gets unavailable.
/// Source: RFC 9106; OWASP Password Storage Cheat Sheet.
class PasswordHasher {
 public:
  PasswordHasher();
  /// The PHC string. Errors: unavailable.
  Result<std::string> hash(std::string_view password);
  /// Errors: unavailable.
  Result<bool> matches(const std::string& phc, std::string_view password);
  /// Takes as long as matches() and is never true: for names that nobody has.
  Result<bool> matches_nobody(std::string_view password);
  /// Whether the string was made at another cost than today's.
  [[nodiscard]] static bool is_outdated(const std::string& phc);

 private:
  static constexpr std::ptrdiff_t at_once = 2;
  std::counting_semaphore<at_once> places_{at_once};
};

}  // namespace khochung::storage

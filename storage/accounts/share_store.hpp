#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/accounts/password.hpp"
#include "storage/accounts/sign_in_throttle.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

using ShareId = Identifier<struct ShareTag>;

/// What a sharing link gives, to whom and for how long.
struct ShareTerms {
  MaterialId material;             ///< a press kit is one, too
  std::optional<int> kit_version;  ///< of a press kit; nothing: the newest
  std::string maker;               ///< name of an account; empty: the owner of the data folder
  std::string recipient;           ///< as its maker calls whoever gets it; may be empty
  Instant expires_at{};
  std::optional<std::int64_t> download_limit;
};

/// A sharing link without its secrets.
struct Share {
  ShareId id;
  ShareTerms terms;
  bool has_password = false;
  Instant made_at{};
  std::optional<Instant> revoked_at;
  std::optional<Instant> used_at;  ///< opened or downloaded last
  std::int64_t opened = 0;
  std::int64_t downloaded = 0;

  [[nodiscard]] bool is_used_up() const {
    return terms.download_limit && downloaded >= *terms.download_limit;
  }
};

/// A new link. The token is told once and kept only as its SHA-256.
struct NewShare {
  Share share;
  std::string token;  ///< 256 random bits as 64 hexadecimal digits
};

/// What a holder does with a link.
struct ShareUse {
  enum class Kind { opening, download };
  Kind kind = Kind::opening;
  std::string what;    ///< the page, or which file
  std::string client;  ///< the client's network; kept only as a digest
  /// Whether it may be a further part of what the same client began in the last 12 hours.
  bool may_continue = false;
};

/// Sharing links, in the file of the accounts. Which material may be shared by whom is not known
/// here.
/// Threads: safe from many threads.
class ShareStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr std::chrono::days longest_life{366};
  static constexpr std::chrono::hours key_lives{1};
  static constexpr std::size_t longest_recipient_bytes = 200;

  /// All three outlive it.
  ShareStore(Database& database, PasswordHasher& hasher, const Clock& clock)
      : database_(database), hasher_(hasher), clock_(clock) {}

  /// `password`: empty for none. Links that ended a year ago are forgotten on the way.
  /// Errors: bad_input (the end is not within 366 days; a limit below 1; the recipient is longer
  ///         than 200 bytes, not UTF-8 or has control characters; "short_password"); unavailable.
  Result<NewShare> make(const ShareTerms& terms, std::string_view password);
  /// Errors: not_found.
  Result<Share> share(ShareId id) const;
  /// Newest first, the ended ones too.
  Result<std::vector<Share>> shares_of(MaterialId material) const;
  /// Ends it at once; a second time changes nothing. Errors: not_found.
  Result<void> revoke(ShareId id);

  /// The link of a token that is neither over nor revoked; one whose downloads are used up may
  /// still go on with those that were begun. Errors: not_found, the same for all of these.
  Result<Share> find(std::string_view token) const;

  /// Checks a link's password and gives a key to it that lasts an hour.
  /// `network`: the client's address shortened to its network; the pair (link, network) is slowed
  /// down after five failures. Errors: not_found; unauthenticated "wrong_password"; unavailable
  /// "too_many_attempts".
  Result<std::string> unlock(std::string_view token, std::string_view password,
                             std::string_view network);
  /// Whether the link has no password or `key` opens it. Errors: not_found.
  Result<bool> is_open_with(std::string_view token, std::string_view key) const;

  /// Whether this client began it in the last 12 hours.
  Result<bool> has_begun(ShareId id, const ShareUse& use) const;
  /// Counts the use; false: it goes on with what was counted before.
  /// Errors: not_found when the link is over, revoked or, for what is new, used up: of many that
  ///         come at the same time no more are counted than the limit has left.
  Result<bool> count(ShareId id, const ShareUse& use);

 private:
  Database& database_;
  PasswordHasher& hasher_;
  const Clock& clock_;
  SignInThrottle throttle_;
};

}  // namespace khochung::storage

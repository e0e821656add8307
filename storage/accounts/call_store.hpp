#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

using CallId = Identifier<struct CallTag>;

/// What a call asks for, and until when.
struct CallTerms {
  UnitId unit;        ///< into whose inbox it goes
  std::string title;  ///< "Ảnh Hội thao công nhân 2026"
  std::string text;   ///< what is asked for, in plain words
  /// Fields of the materials that come of it, by their names in the field table.
  std::map<std::string, std::string> preset;
  std::string maker;  ///< name of an account; "local" for the owner of the data folder
  Instant ends_at{};
  std::int64_t limit = 1'000;  ///< how many contributions it takes
  bool is_listed = false;      ///< an open call; else only who has its link knows it
};

struct Call {
  CallId id;  ///< its link: 74 random bits
  CallTerms terms;
  Instant made_at{};
  std::int64_t received = 0;
};

/// Calls by which members who have no account contribute, in the file of the accounts.
/// Threads: safe from many threads.
class CallStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr std::chrono::days longest_life{366};
  static constexpr std::size_t longest_title_bytes = 200;
  static constexpr std::size_t longest_text_bytes = 4'000;

  /// Both outlive it.
  CallStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// Errors: bad_input (no title; too long; not UTF-8; the end is not within 366 days; a limit
  /// below 1); unavailable.
  Result<Call> make(const CallTerms& terms);
  /// Errors: not_found when there is none or it is over.
  Result<Call> find(CallId id) const;
  /// Those of a unit that are not over, newest first.
  Result<std::vector<Call>> calls_of(UnitId unit) const;
  /// Open calls that are not over, of all units, those that end first first; at most `most`.
  Result<std::vector<Call>> listed(int most) const;
  /// Ends it at once; a second time changes nothing. Errors: not_found.
  Result<void> close(CallId id);
  /// Counts a contribution. Errors: not_found when it is over; conflict "call_full": of many that
  /// come at the same time no more are counted than the limit has left.
  Result<void> count(CallId id);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace khochung::storage

#include "storage/accounts/mail_allowance.hpp"

#include "schemas/digest.hpp"
#include "storage/accounts/columns.hpp"

namespace khochung::storage {
namespace {

constexpr std::chrono::milliseconds counted_for = std::chrono::days(1);

/// Counts one unless there are so many.
Result<bool> count(Connection& connection, const Digest& who, int most, Instant at) {
  const auto since = milliseconds_of(at - counted_for);
  KHOCHUNG_TRY(connection.change("DELETE FROM notice_count WHERE at <= ?", {since}));
  const auto counted =
      KHOCHUNG_TRY(connection.number("SELECT COUNT(*) FROM notice_count WHERE who = ?", {who}));
  if (counted.value_or(0) >= most) return false;
  KHOCHUNG_TRY(connection.change("INSERT INTO notice_count (who, at) VALUES (?, ?)",
                                 {who, milliseconds_of(at)}));
  return true;
}

}  // namespace

Result<bool> allow_mail_to(Connection& connection, std::string_view purpose,
                           std::string_view folded_address, Instant at) {
  return count(connection, Digest::of(std::string(purpose) + " of " + std::string(folded_address)),
               mails_of_an_address, at);
}

Result<void> expect_allowed_client(Connection& connection, std::string_view network, Instant at) {
  if (network.empty()) return {};
  const auto client = Digest::of("client " + std::string(network));
  if (!KHOCHUNG_TRY(count(connection, client, mails_of_a_client, at)))
    return fail(ErrorCode::unavailable, "notice_too_many", "the client asked too often");
  return {};
}

}  // namespace khochung::storage

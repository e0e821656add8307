#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/accounts/account_store.hpp"
#include "storage/catalogue/database.hpp"

/// Reading and writing the table of accounts: what the stores of this room share.
namespace khochung::storage {

#define KHOCHUNG_ACCOUNT_COLUMNS                                                 \
  "a.id, a.name, a.kind, a.is_disabled, a.password, g.role, g.unit, g.ends_at, " \
  "a.ends_at, g.identity"
#define KHOCHUNG_ACCOUNTS " FROM account a LEFT JOIN account_grant g ON g.account = a.id "

/// An account with what only this room needs of it.
struct AccountRow {
  std::int64_t id = 0;
  Account account;
  std::string password;  ///< the PHC string
};

/// Accounts whose rows, one a grant, follow each other, of a query for KHOCHUNG_ACCOUNT_COLUMNS.
Result<std::vector<AccountRow>> account_rows(Result<Rows> begun);
Result<std::optional<AccountRow>> find_account(Connection& connection, std::string_view folded);
/// Errors: not_found.
Result<AccountRow> expect_account(Connection& connection, std::string_view folded);

/// A name that cannot be one is the name of nobody.
std::string folded_or_empty(std::string_view name);

/// Errors: conflict "name_taken", also for the name of an account that was erased.
Result<void> expect_free_name(Connection& connection, std::string_view folded);
/// Errors: conflict "name_taken".
Result<AccountRow> insert_account(Connection& connection, const Account& account,
                                  std::string_view phc, Instant at);
/// Those that were given by hand, by hand again; those of a provider are the identities'.
Result<void> put_grants(Connection& connection, std::int64_t account,
                        const std::vector<AccountGrant>& grants);
/// Nobody is signed in to the account any more, nor half way there.
Result<void> end_all_sessions(Connection& connection, std::int64_t account);

}  // namespace khochung::storage

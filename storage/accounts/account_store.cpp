#include "storage/accounts/account_store.hpp"

#include <fcntl.h>

#include <cerrno>

#include "storage/accounts/sqlite_accounts.hpp"
#include "storage/durable_file.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::storage {

extern const std::vector<std::string_view> account_migrations;

Result<std::unique_ptr<AccountStore>> AccountStore::open(const std::filesystem::path& file,
                                                         Clock clock, Settings settings) {
  // SQLite gives the files beside it the permissions of this one.
  const FileDescriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!made.is_open()) return fail(error_of_errno(errno, "open " + file.string()));
  return std::make_unique<SqliteAccounts>(KHOCHUNG_TRY(Database::open(file, account_migrations)),
                                          clock ? std::move(clock) : Clock(now), settings);
}

std::string_view to_text(TokenScope scope) {
  return scope == TokenScope::read ? "read" : "write";
}

Result<TokenScope> token_scope_from(std::string_view text) {
  if (text == "read") return TokenScope::read;
  if (text == "write") return TokenScope::write;
  return fail(ErrorCode::bad_input, "no such scope of a token");
}

}  // namespace khochung::storage

#pragma once

#include <string>
#include <vector>

#include "server/app/client.hpp"

namespace khochung::app {

/// What `search` was asked for.
struct SearchOptions {
  std::vector<std::string> words;
  std::string as;  ///< "anonymous" or an account's name; empty: local administrator
  std::string unit, kind, year, language, media_type, sort, theme, audience, channel, format;
  int limit = 20;
  int offset = 0;
  bool prints_json = false;
};

/// Each gives the exit code.
int search(Client& client, const SearchOptions& options);
int show(Client& client, const std::string& id, const std::string& as, bool prints_json);
/// Withdraws every material of a batch with a notice.
int withdraw_batch(Client& client, const std::string& batch, const std::string& notice,
                   bool prints_json);

struct NewUser {
  std::string name, unit, role, kind = "union_person";
  bool reads_password_from_stdin = false;
  bool prints_json = false;
};
int add_user(Client& client, const NewUser& user);
/// Prints a link that lets the person choose a password.
int invite_user(Client& client, const NewUser& user);
/// A further role of an account; `until`: an instant at which it ends, or "".
struct NewGrant {
  std::string name, role, unit, until;
};
int grant_role(Client& client, const NewGrant& grant, bool prints_json);
int reset_user(Client& client, const std::string& name, bool prints_json);

struct NewToken {
  std::string name, label = "api", scope = "write";
  int days = 365;
};
int make_token(Client& client, const NewToken& token, bool prints_json);

}  // namespace khochung::app

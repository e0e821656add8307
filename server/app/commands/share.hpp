#pragma once

#include <string>

#include "server/app/client.hpp"

namespace khochung::app {

/// What `share make` asks for.
struct NewShare {
  std::string material;
  std::string recipient;
  int days = 14;
  int downloads = 0;    ///< 0: no limit
  int kit_version = 0;  ///< 0: the newest at each opening
  bool reads_password_from_stdin = false;
};

/// Makes a sharing link and prints its address, which is told this once. Gives the exit code, as
/// all of these do.
int make_share(Client& client, const NewShare& share, bool prints_json);
int list_shares(Client& client, const std::string& material, bool prints_json);
int revoke_share(Client& client, const std::string& id, bool prints_json);

}  // namespace khochung::app

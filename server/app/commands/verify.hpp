#pragma once

#include <string>

#include "server/app/client.hpp"

namespace khochung::app {

struct VerifyOptions {
  bool is_fast = false;  ///< names and lengths alone
  bool is_thorough = true;
  std::string since;  ///< RFC 3339; passes over what was found good since then
  bool prints_json = false;
};

/// Reads everything that is stored again and names what differs; gives the exit code.
int verify(Client& client, const VerifyOptions& options);

}  // namespace khochung::app

#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "server/app/client.hpp"

namespace khochung::app {

struct VerifyOptions {
  bool is_fast = false;  ///< names and lengths alone
  bool is_thorough = true;
  std::string since;  ///< RFC 3339; passes over what was found good since then
  bool prints_json = false;
};

/// Reads everything that is stored again and gives what differs, as `verify --json` prints it.
/// Errors: those of the API.
Result<boost::json::object> verification(Client& client, const VerifyOptions& options);
/// How many things such a report found corrupt or missing.
std::size_t damages_in(const boost::json::object& report);
void print_verification(const boost::json::object& report);

/// Reads everything that is stored again and names what differs; gives the exit code.
int verify(Client& client, const VerifyOptions& options);

}  // namespace khochung::app

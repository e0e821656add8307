#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "server/app/client.hpp"
#include "server/app/commands/print.hpp"

/// What commands say to the API.
namespace khochung::app {

/// `as`: whose eyes to see with; empty: local administrator.
Call get(std::string target, const std::string& as = {});
Call post(std::string target, const boost::json::value& body);

/// Adds `name=value` to a target; nothing where the value is empty.
void add_parameter(std::string& target, std::string_view name, const std::string& value);

/// Sends a call and gives its JSON. Errors: those of the API; unavailable.
Result<boost::json::value> json_of(Client& client, const Call& call);

/// Runs one call and hands its JSON to `use`, or prints the error. Gives the exit code.
template <typename Use>
int with_answer(Client& client, const Call& call, bool prints_json, Use use) {
  const auto answer = json_of(client, call);
  if (!answer) return print_error(answer.error(), prints_json);
  if (prints_json) {
    print_json(*answer);
  } else {
    use(*answer);
  }
  return 0;
}

}  // namespace khochung::app

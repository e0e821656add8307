#include "server/app/commands/share.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <iostream>

#include "schemas/instant.hpp"
#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/http/encoding.hpp"

namespace khochung::app {
namespace {

using boost::json::object;
using boost::json::value;

std::string shares_of(const std::string& material) {
  return "/api/v1/materials/" + http::percent_encode(material) + "/shares";
}

object body_of(const NewShare& share) {
  object body{{"recipient", share.recipient},
              {"expires_at", to_rfc3339(now() + std::chrono::days(share.days))}};
  if (share.downloads > 0) body["download_limit"] = share.downloads;
  if (share.kit_version > 0) body["kit_version"] = share.kit_version;
  if (share.reads_password_from_stdin) {
    std::string password;
    std::getline(std::cin, password);
    body["password"] = password;
  }
  return body;
}

void print_shares(const value& answer) {
  for (const auto& share : answer.at("shares").as_array()) {
    const JsonReader read(share);
    fmt::print("{}  {:8}  {}  {}  {}/{}\n", read.string("id"), read.string("state"),
               read.string("expires_at"), read.string("recipient"), read.integer("opened"),
               read.integer("downloaded"));
  }
}

}  // namespace

int make_share(Client& client, const NewShare& share, bool prints_json) {
  return with_answer(client, post(shares_of(share.material), body_of(share)), prints_json,
                     [](const value& made) { fmt::print("{}\n", JsonReader(made).string("url")); });
}

int list_shares(Client& client, const std::string& material, bool prints_json) {
  return with_answer(client, get(shares_of(material)), prints_json, print_shares);
}

int revoke_share(Client& client, const std::string& id, bool prints_json) {
  auto call = get("/api/v1/shares/" + http::percent_encode(id));
  call.method = http::Method::delete_;
  const auto answer = checked(client.send(call));
  if (!answer) return print_error(answer.error(), prints_json);
  if (prints_json) print_json(object{{"id", id}, {"state", "revoked"}});
  return 0;
}

}  // namespace khochung::app

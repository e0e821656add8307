#include "server/app/commands/queries.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/progress.hpp"
#include "server/http/encoding.hpp"

namespace khochung::app {
namespace {

using boost::json::object;

/// A snippet on a terminal: marks as bold, entities as their characters.
std::string plain(std::string text) {
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"<mark>", "\033[1m"}, {"</mark>", "\033[0m"}, {"&lt;", "<"}, {"&gt;", ">"},
      {"&quot;", "\""},      {"&#39;", "'"},         {"&amp;", "&"}};
  for (const auto& [from, to] : changes) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

void print_hits(const boost::json::value& answer) {
  const JsonReader read(answer);
  fmt::print("{} tư liệu\n", read.integer("total"));
  if (const auto notice = read.string("notice"); !notice.empty()) fmt::print("{}\n", notice);
  const auto* hits = read.find("hits");
  if (hits == nullptr || !hits->is_array()) return;
  for (const auto& hit : hits->get_array()) {
    const JsonReader one(hit);
    const auto page = one.integer("page");
    fmt::print("\n{}{}\n  {}\n  {}\n", one.string("title"),
               page > 0 ? fmt::format(" (trang {})", page) : "", plain(one.string("snippet")),
               one.string("id"));
  }
}

/// The address is the first of all lines, for programs that read them.
void print_link(const boost::json::value& made) {
  const JsonReader read(made);
  fmt::print("{}\nMở được một lần, đến {}.\n", read.string("url"), read.string("expires_at"));
}

}  // namespace

int search(Client& client, const SearchOptions& options) {
  std::string query;
  for (const auto& word : options.words) query += (query.empty() ? "" : " ") + word;
  std::string target = "/api/v1/search?q=" + http::percent_encode(query);
  add_parameter(target, "unit", options.unit);
  add_parameter(target, "kind", options.kind);
  add_parameter(target, "year", options.year);
  add_parameter(target, "language", options.language);
  add_parameter(target, "media_type", options.media_type);
  add_parameter(target, "sort", options.sort);
  add_parameter(target, "theme", options.theme);
  add_parameter(target, "audience", options.audience);
  add_parameter(target, "channel", options.channel);
  add_parameter(target, "format", options.format);
  add_parameter(target, "limit", std::to_string(options.limit));
  add_parameter(target, "offset", std::to_string(options.offset));
  return with_answer(client, get(target, options.as), options.prints_json, print_hits);
}

int show(Client& client, const std::string& id, const std::string& as, bool prints_json) {
  const auto target = "/api/v1/materials/" + http::percent_encode(id);
  return with_answer(client, get(target, as), prints_json, [](const boost::json::value& material) {
    const JsonReader read(material);
    for (const auto* name :
         {"title", "number", "kind", "date", "issuer", "state", "visibility", "description"}) {
      if (const auto value = read.string(name); !value.empty())
        fmt::print("{:>12}  {}\n", name, value);
    }
    for (const auto& file : material.at("files").as_array()) {
      const JsonReader one(file);
      fmt::print("{:>12}  {} ({})\n", one.string("role"), one.string("name"),
                 size_in_words(static_cast<std::uint64_t>(one.integer("size_bytes"))));
    }
  });
}

int withdraw_batch(Client& client, const std::string& batch, const std::string& notice,
                   bool prints_json) {
  const object body{{"notice", notice}};
  return with_answer(
      client, post("/api/v1/batches/" + http::percent_encode(batch) + "/withdraw", body),
      prints_json, [](const boost::json::value& report) {
        fmt::print("Đã thu hồi {} tư liệu.\n", JsonReader(report).integer("withdrawn"));
      });
}

int add_user(Client& client, const NewUser& user) {
  std::string password;
  if (user.reads_password_from_stdin) std::getline(std::cin, password);
  const object body{{"name", user.name},
                    {"unit", user.unit},
                    {"role", user.role},
                    {"kind", user.kind},
                    {"password", password}};
  return with_answer(
      client, post("/api/v1/users", body), user.prints_json,
      [&](const boost::json::value&) { fmt::print("Đã tạo tài khoản {}.\n", user.name); });
}

int invite_user(Client& client, const NewUser& user) {
  const object body{{"name", user.name}, {"unit", user.unit}, {"role", user.role}};
  return with_answer(client, post("/api/v1/invitations", body), user.prints_json, print_link);
}

int reset_user(Client& client, const std::string& name, bool prints_json) {
  const auto target = "/api/v1/users/" + http::percent_encode(name) + "/reset";
  return with_answer(client, post(target, object()), prints_json, print_link);
}

int grant_role(Client& client, const NewGrant& grant, bool prints_json) {
  const auto target = "/api/v1/users/" + http::percent_encode(grant.name) + "/grants";
  const object body{{"role", grant.role}, {"unit", grant.unit}, {"until", grant.until}};
  return with_answer(client, post(target, body), prints_json, [](const boost::json::value& answer) {
    const auto* grants = JsonReader(answer).find("grants");
    for (const auto& one : grants->as_array()) {
      const JsonReader read(one);
      fmt::print("{}\t{}\t{}\n", read.string("role"), read.string("unit"), read.string("until"));
    }
  });
}

int make_token(Client& client, const NewToken& token, bool prints_json) {
  const auto target = "/api/v1/users/" + http::percent_encode(token.name) + "/tokens";
  const object body{{"label", token.label},
                    {"scope", token.scope},
                    {"expires_at", to_rfc3339(now() + std::chrono::days(token.days))}};
  return with_answer(client, post(target, body), prints_json, [](const boost::json::value& answer) {
    fmt::print("{}\n", JsonReader(answer).string("token"));
  });
}

}  // namespace khochung::app

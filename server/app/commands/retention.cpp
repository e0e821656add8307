#include "server/app/commands/retention.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"

namespace khochung::app {
namespace {

using boost::json::object;
using boost::json::value;

/// A call that changes what it has seen.
Call with_revision(Call call, const value& seen) {
  call.fields.set("If-Match", fmt::format("\"r{}\"", JsonReader(seen).integer("revision")));
  return call;
}

void print_classes(const value& table) {
  for (const auto& one : table.at("classes").as_array()) {
    const JsonReader read(one);
    fmt::print("{:<20} {:>9}  {}\n", read.string("kind"), read.string("term"),
               read.string("basis"));
  }
}

/// The table with one class changed, added or removed.
object changed_table(const value& table, const RetentionChange& change) {
  boost::json::array classes;
  for (const auto& one : table.at("classes").as_array()) {
    if (JsonReader(one).string("kind") != change.kind) classes.push_back(one);
  }
  if (!change.term.empty())
    classes.push_back(
        object{{"kind", change.kind}, {"term", change.term}, {"basis", change.basis}});
  return {{"classes", std::move(classes)}};
}

void print_disposal(const value& disposal) {
  const JsonReader read(disposal);
  fmt::print("{}  {}\n", read.string("id"), read.string("state"));
  for (const auto& step : disposal.at("steps").as_array()) {
    const JsonReader one(step);
    fmt::print("  {:<10} {}  {}  {}\n", one.string("state"), one.string("at"), one.string("by"),
               one.string("document"));
  }
  for (const auto& item : disposal.at("items").as_array()) {
    const JsonReader one(item);
    fmt::print("  {}  {}  {}  {}\n", one.string("material"), one.string("due"),
               one.string("outcome"), one.string("title"));
  }
}

std::string address_of(const std::string& disposal) {
  return "/api/v1/disposals/" + disposal;
}

}  // namespace

int list_retention(Client& client, bool prints_json) {
  return with_answer(client, get("/api/v1/retention"), prints_json, print_classes);
}

int set_retention(Client& client, const RetentionChange& change, bool prints_json) {
  const auto table = json_of(client, get("/api/v1/retention"));
  if (!table) return print_error(table.error(), prints_json);
  auto call = with_revision(post("/api/v1/retention", changed_table(*table, change)), *table);
  call.method = http::Method::put;
  return with_answer(client, call, prints_json, print_classes);
}

int list_due(Client& client, const std::string& before, bool prints_json) {
  boost::json::array all;
  for (std::string after;;) {
    std::string target = "/api/v1/retention/due";
    add_parameter(target, "before", before);
    add_parameter(target, "after", after);
    const auto part = json_of(client, get(target));
    if (!part) return print_error(part.error(), prints_json);
    for (const auto& one : part->at("materials").as_array()) {
      const JsonReader read(one);
      if (prints_json)
        all.push_back(one);
      else
        fmt::print("{}  {}  {:<14} {}\n", read.string("id"), read.string("due"),
                   read.string("kind"), read.string("title"));
    }
    after = JsonReader(*part).string("next");
    if (after.empty()) break;
  }
  if (prints_json) print_json(object{{"materials", std::move(all)}});
  return 0;
}

int list_disposals(Client& client, bool prints_json) {
  return with_answer(client, get("/api/v1/disposals"), prints_json, [](const value& answer) {
    for (const auto& one : answer.at("disposals").as_array()) {
      const JsonReader read(one);
      fmt::print("{}  {:<10} {:>4}  {}  {}\n", read.string("id"), read.string("state"),
                 read.integer("materials"), read.string("begun_at"), read.string("begun_by"));
    }
  });
}

int begin_disposal(Client& client, const std::vector<std::string>& materials,
                   const std::string& note, bool prints_json) {
  boost::json::array ids(materials.begin(), materials.end());
  const object body{{"materials", std::move(ids)}, {"note", note}};
  return with_answer(client, post("/api/v1/disposals", body), prints_json, print_disposal);
}

int show_disposal(Client& client, const std::string& id, bool as_csv, bool prints_json) {
  if (!as_csv) return with_answer(client, get(address_of(id)), prints_json, print_disposal);
  const auto answer = checked(client.send(get(address_of(id) + "?format=csv")));
  if (!answer) return print_error(answer.error(), prints_json);
  fmt::print("{}", answer->body);
  return 0;
}

int step_disposal(Client& client, const DisposalStepOptions& options, bool prints_json) {
  const object body{
      {"state", options.state}, {"document", options.document}, {"note", options.note}};
  while (true) {
    const auto seen = json_of(client, get(address_of(options.id)));
    if (!seen) return print_error(seen.error(), prints_json);
    const auto answer =
        json_of(client, with_revision(post(address_of(options.id) + "/steps", body), *seen));
    if (!answer) return print_error(answer.error(), prints_json);
    if (JsonReader(*answer).string("state") != options.state) continue;
    if (prints_json)
      print_json(*answer);
    else
      print_disposal(*answer);
    return 0;
  }
}

int erase(Client& client, const ErasureOptions& options, bool prints_json) {
  const auto target = "/api/v1/materials/" + options.id;
  const auto seen = json_of(client, get(target));
  if (!seen) return print_error(seen.error(), prints_json);
  auto call = options.approves ? post(target + "/erasure/approve", object())
                               : post(target + "/erasure", object{{"ground", options.ground},
                                                                  {"minutes", options.minutes}});
  return with_answer(client, with_revision(std::move(call), *seen), prints_json,
                     [&](const value& answer) {
                       const JsonReader read(answer);
                       if (!options.approves) {
                         fmt::print("Đã ghi đề nghị; cần một người khác phê duyệt.\n");
                       } else {
                         fmt::print("Đã xóa {} tệp, {} bản ghi.\n", read.integer("erased_files"),
                                    read.integer("erased_revisions"));
                       }
                     });
}

}  // namespace khochung::app

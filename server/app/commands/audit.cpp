#include "server/app/commands/audit.hpp"

#include <fmt/format.h>

#include <fstream>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"

namespace khochung::app {
namespace {

using boost::json::object;

Result<std::string> first_line_of(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line))
    return fail(ErrorCode::not_found, "no checkpoint can be read in " + file);
  return line;
}

}  // namespace

int verify_audit(Client& client, const std::string& checkpoint_file, bool prints_json) {
  object body;
  if (!checkpoint_file.empty()) {
    const auto line = first_line_of(checkpoint_file);
    if (!line) return print_error(line.error(), prints_json);
    body["checkpoint"] = *line;
  }
  const auto verdict = json_of(client, post("/api/v1/audit/verify", body));
  if (!verdict) return print_error(verdict.error(), prints_json);
  const JsonReader read(*verdict);
  if (prints_json) {
    print_json(*verdict);
  } else {
    print_line(read.string("sentence"));
  }
  return read.boolean("intact") ? 0 : face_of(ErrorCode::corrupt).exit_code;
}

int list_audit(Client& client, std::uint64_t from, std::uint64_t limit, bool prints_json) {
  std::string target = "/api/v1/audit";
  add_parameter(target, "from", std::to_string(from));
  add_parameter(target, "limit", std::to_string(limit));
  return with_answer(client, get(target), prints_json, [](const boost::json::value& answer) {
    for (const auto& entry : answer.at("entries").as_array()) {
      const JsonReader read(entry);
      fmt::print("{:>8}  {}  {:<12} {:<18} {}\n", read.integer("seq"), read.string("at"),
                 read.string("by"), read.string("action"), read.string("object"));
    }
  });
}

int print_checkpoint(Client& client, bool prints_json) {
  // The line itself, byte for byte: its digest stands in the next one.
  const auto answer = checked(client.send(get("/api/v1/audit/checkpoint")));
  if (!answer) return print_error(answer.error(), prints_json);
  fmt::print("{}", answer->body);
  return 0;
}

int change_audit_key(Client& client, bool prints_json) {
  return with_answer(client, post("/api/v1/audit/key", object()), prints_json,
                     [](const boost::json::value& checkpoint) {
                       fmt::print("Từ nay khóa {} ký nhật ký.\n",
                                  JsonReader(checkpoint).string("key"));
                     });
}

}  // namespace khochung::app

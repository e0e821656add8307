#include "server/app/commands/kit.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/http/encoding.hpp"
#include "storage/durable_file.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::app {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::string address_of(const std::string& kit) {
  return "/api/v1/kits/" + http::percent_encode(kit);
}

Result<std::string> text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad() || !stream.is_open())
    return fail(ErrorCode::bad_input, "unreadable_file", "cannot read " + file.string());
  return text;
}

Result<array> items_of(Client& client, const std::vector<std::string>& materials) {
  array items;
  for (const auto& id : materials) {
    const auto material =
        KHOCHUNG_TRY(json_of(client, get("/api/v1/materials/" + http::percent_encode(id))));
    for (const auto& file : material.at("files").as_array()) {
      const JsonReader read(file);
      if (read.string("role") == "original")
        items.push_back(object{{"material", id}, {"file", read.string("sha256")}});
    }
  }
  return items;
}

Result<object> body_of(Client& client, const NewKit& kit) {
  object body{{"title", kit.title},
              {"contact", kit.contact},
              {"terms", kit.terms},
              {"visibility", kit.visibility},
              {"items", KHOCHUNG_TRY(items_of(client, kit.materials))}};
  if (!kit.unit.empty()) body["unit"] = kit.unit;
  if (!kit.release.empty()) body["release"] = KHOCHUNG_TRY(text_of(kit.release));
  return body;
}

void print_kit(const value& kit) {
  const JsonReader read(kit);
  fmt::print("{}  {}  {}\n", read.string("id"), read.string("state"), read.string("title"));
  for (const auto& item : kit.at("items").as_array()) {
    const JsonReader one(item);
    fmt::print("  {}  {}\n", one.string("material"), one.string("caption"));
  }
  for (const auto& version : kit.at("versions").as_array()) {
    const JsonReader one(version);
    fmt::print("  {:>3}  {}  {}\n", one.integer("number"), one.string("at"), one.string("note"));
  }
}

}  // namespace

int make_kit(Client& client, const NewKit& kit, bool prints_json) {
  const auto body = body_of(client, kit);
  if (!body) return print_error(body.error(), prints_json);
  return with_answer(client, post("/api/v1/kits", *body), prints_json, print_kit);
}

int publish_kit(Client& client, const std::string& id, const std::string& note, bool prints_json) {
  const auto seen = json_of(client, get(address_of(id)));
  if (!seen) return print_error(seen.error(), prints_json);
  auto call = post(address_of(id) + "/versions", object{{"note", note}});
  call.fields.set("If-Match", fmt::format("\"r{}\"", JsonReader(*seen).integer("revision")));
  return with_answer(client, call, prints_json, print_kit);
}

int show_kit(Client& client, const std::string& id, bool prints_json) {
  return with_answer(client, get(address_of(id)), prints_json, print_kit);
}

int save_kit(Client& client, const std::string& id, int version, const std::filesystem::path& file,
             bool prints_json) {
  const storage::FileDescriptor into(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (into.get() < 0 && errno == EEXIST)
    return print_error({ErrorCode::conflict, file.string() + " is there already", {}}, prints_json);
  if (into.get() < 0)
    return print_error(storage::error_of_errno(errno, "write " + file.string()), prints_json);
  auto call = get("/kits/" + http::percent_encode(id) + ".zip");
  if (version > 0) add_parameter(call.target, "version", std::to_string(version));
  call.into = into.get();
  const auto answer = checked(client.send(call));
  if (!answer) {
    ::unlink(file.c_str());  // nothing, or half of it, is in it
    return print_error(answer.error(), prints_json);
  }
  if (prints_json) print_json(object{{"file", file.string()}});
  return 0;
}

}  // namespace khochung::app

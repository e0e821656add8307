#include "server/api/backup_routes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <charconv>
#include <cstring>

#include "schemas/json_reader.hpp"
#include "server/http/file_answer.hpp"
#include "storage/audit/chain_files.hpp"
#include "storage/catalogue/database_copy.hpp"
#include "storage/durable_file.hpp"
#include "storage/records/record_name.hpp"

namespace khochung::api {
namespace {

namespace fs = std::filesystem;
using boost::json::array;
using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;
using storage::BlobReader;

constexpr int slices = 256;
constexpr std::string_view upkeep_name = "backup";
constexpr std::size_t longest_target = 1'024;

struct Rooms {
  const Services& services;
  OwnFiles files;
};

/// Errors: forbidden.
Result<void> only_owner(const Rooms& rooms, const Request& request) {
  const auto identity = request.method == Method::post
                            ? rooms.services.doorkeeper.identify_for_change(request)
                            : rooms.services.doorkeeper.identify(request);
  if (!identity) return fail(identity.error());
  if (identity->viewer.kind == access::AccountKind::local_administrator) return {};
  return fail(ErrorCode::forbidden, "this is for the owner of the data folder");
}

Response bytes_of(BlobReader reader, const char* media_type) {
  Response response;
  response.fields.set("Content-Type", media_type);
  response.fields.set("Cache-Control", "no-store");
  response.body = http::whole(std::make_shared<const BlobReader>(std::move(reader)));
  return response;
}

/// A file of ours, up to `size_bytes` where that is given. Errors: not_found; unavailable.
Result<BlobReader> open_file(const fs::path& path, std::uint64_t size_bytes = UINT64_MAX) {
  storage::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info{};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0)
    return fail(storage::error_of_errno(errno, "open " + path.string()));
  return BlobReader(file.release(), std::min(size_bytes, static_cast<std::uint64_t>(info.st_size)));
}

// -- what is named by its content

Result<Response> blob(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  const auto sha256 = KHOCHUNG_TRY(Digest::parse(request.parameter("sha256")));
  const auto extent = request.fields.get("Range").empty() ? storage::CheckedBlobs::Extent::whole
                                                          : storage::CheckedBlobs::Extent::part;
  http::FileToSend file;
  file.content = http::whole(std::make_shared<const BlobReader>(
      KHOCHUNG_TRY(rooms.services.checked_blobs.open(sha256, extent))));
  file.cache_control = "no-store";
  return http::file_answer(request, std::move(file));
}

/// Errors: not_found.
Result<BlobReader> open_record(const Rooms& rooms, std::string_view name) {
  const auto parsed = storage::RecordName::parse(name);
  if (!parsed) return fail(ErrorCode::not_found, "that is no name of a record");
  return open_file(rooms.files.records / parsed->place());
}

Result<Response> record(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  return bytes_of(KHOCHUNG_TRY(open_record(rooms, request.parameter("name"))), "application/json");
}

/// The names of all records of a 256th of the store.
Result<Response> records(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  const auto after = request.query_value("after");
  int slice = -1;
  if (!after.empty()) std::from_chars(after.data(), after.data() + after.size(), slice);
  ++slice;
  if (slice < 0 || slice >= slices) return fail(ErrorCode::bad_input, "after is a slice: 0 to 254");
  array names;
  KHOCHUNG_CHECK(
      rooms.services.records.for_each_in(static_cast<std::uint8_t>(slice), [&](const auto& found) {
        names.push_back(boost::json::string(found.path.filename().native()));
        return true;
      }));
  const auto next = slice + 1 == slices ? std::string() : std::to_string(slice);
  return Response::json(
      200,
      boost::json::serialize(object{
          {"records", std::move(names)}, {"slice", slice}, {"slices", slices}, {"next", next}}));
}

// -- what changes, as of one moment

/// A file that nobody else sees and that goes with the answer, or with the process.
template <typename Write>
Result<BlobReader> written_aside(const fs::path& folder, Write write) {
  static std::atomic<std::uint64_t> next = 0;
  std::error_code error;
  fs::create_directories(folder, error);
  const auto path =
      folder / ("snapshot-" + std::to_string(::getpid()) + "-" + std::to_string(++next));
  fs::remove(path, error);  // a killed process of the same number may have left it
  const Result<void> written = write(path);
  auto reader = open_file(path);
  fs::remove(path, error);
  fs::remove(path.string() + "-journal", error);
  if (!written) return fail(written.error());
  return reader;
}

Result<BlobReader> snapshot_of(const Rooms& rooms, std::string_view name) {
  if (name == "catalogue.sqlite") {
    return written_aside(rooms.files.scratch, [&](const fs::path& to) {
      return storage::copy_database(rooms.files.catalogue, to);
    });
  }
  if (name == "accounts.sqlite") {
    return written_aside(rooms.files.scratch, [&](const fs::path& to) {
      return storage::copy_database(rooms.files.accounts, to);
    });
  }
  if (name == "audit-key.pem") return open_file(rooms.files.audit_key);
  return fail(ErrorCode::not_found, "there is no snapshot of that name");
}

Result<Response> snapshot(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  return bytes_of(KHOCHUNG_TRY(snapshot_of(rooms, request.parameter("name"))),
                  "application/octet-stream");
}

// -- the audit chain's files

/// Only what ends with a whole line: a line that is being written is no entry yet.
Result<std::uint64_t> whole_bytes(const fs::path& path) {
  return KHOCHUNG_TRY(storage::end_of_file(path)).whole;
}

/// Checkpoints first, then keys, then entries: read in this order, nothing tells of what is absent.
Result<Response> audit_files(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  array files;
  // What is owed to the chain is in it then, and signed. A chain that is not sound is copied as it
  // is.
  const auto newest = rooms.services.audit.checkpoint();
  const auto& folder = rooms.files.audit;
  std::error_code error;
  const auto add = [&](const std::string& name, std::uint64_t size_bytes) {
    files.push_back(object{{"name", name}, {"size_bytes", size_bytes}});
  };
  const fs::path checkpoints(storage::checkpoints_name);
  if (fs::exists(folder / checkpoints, error))
    add(checkpoints.string(), KHOCHUNG_TRY(whole_bytes(folder / checkpoints)));
  for (fs::directory_iterator keys(folder / "keys", error);
       !error && keys != fs::directory_iterator(); keys.increment(error)) {
    std::error_code ignored;
    add(keys->path().filename().string(), keys->file_size(ignored));
  }
  for (const auto& file : KHOCHUNG_TRY(storage::list_audit_folder(folder)).files)
    add(file.text(), KHOCHUNG_TRY(whole_bytes(folder / file.text())));
  return Response::json(200, boost::json::serialize(object{{"files", std::move(files)},
                                                           {"is_sound", newest.has_value()}}));
}

Result<Response> audit_file(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  const auto& name = request.parameter("name");
  const auto& folder = rooms.files.audit;
  if (name.find('/') != std::string::npos || name.starts_with('.'))
    return fail(ErrorCode::not_found, "there is no such file of the chain");
  if (name.ends_with(".pem"))
    return bytes_of(KHOCHUNG_TRY(open_file(folder / "keys" / name)), "application/x-pem-file");
  if (name != storage::checkpoints_name && !storage::AuditFileName::parse(name))
    return fail(ErrorCode::not_found, "there is no such file of the chain");
  const auto size_bytes = KHOCHUNG_TRY(whole_bytes(folder / name));
  return bytes_of(KHOCHUNG_TRY(open_file(folder / name, size_bytes)), "application/jsonl");
}

// -- backups that were made

Result<object> noted_backups(const Rooms& rooms) {
  const auto text = KHOCHUNG_TRY(rooms.services.catalogue.upkeep(upkeep_name));
  boost::json::error_code error;
  auto json = text.empty() ? boost::json::value(object()) : boost::json::parse(text, error);
  if (error || !json.is_object()) return object();
  return std::move(json.as_object());
}

/// A backup that is whole: noted for whoever asks how old the last one is, and in the audit chain.
Result<Response> note_backup(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  boost::json::error_code error;
  const auto body = boost::json::parse(request.body, error);
  if (error) return fail(ErrorCode::bad_input, "the body is not JSON");
  const JsonReader read(body);
  const auto target = read.string("target");
  const auto at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("at")));
  const auto seal = KHOCHUNG_TRY(Digest::parse(read.string("sha256")));
  if (target.empty() || target.size() > longest_target)
    return fail(ErrorCode::bad_input, "target is the place of the set");
  object backup{{"target", target},
                {"run", read.string("run")},
                {"at", to_rfc3339(at)},
                {"sha256", seal.hex()},
                {"blobs", read.integer("blobs")},
                {"records", read.integer("records")},
                {"bytes", read.integer("bytes")}};
  storage::AuditEvent event;
  event.by = "local";
  event.from = "cli";
  event.action = "backup.make";
  event.object = read.string("run");
  event.detail = backup;
  KHOCHUNG_CHECK(rooms.services.audit.note(std::move(event)));
  auto noted = KHOCHUNG_TRY(noted_backups(rooms));
  auto sets =
      noted.contains("sets") && noted["sets"].is_object() ? noted["sets"].as_object() : object();
  sets[target] = backup;
  // The newest one stands by itself, for those who ask for nothing else.
  auto last = backup;
  last["sets"] = std::move(sets);
  KHOCHUNG_CHECK(rooms.services.catalogue.set_upkeep(upkeep_name, boost::json::serialize(last)));
  return Response::json(201, boost::json::serialize(backup));
}

/// The last whole backup of each set.
Result<Response> backups(const Rooms& rooms, const Request& request) {
  KHOCHUNG_CHECK(only_owner(rooms, request));
  const auto noted = KHOCHUNG_TRY(noted_backups(rooms));
  array list;
  if (const auto* sets = noted.if_contains("sets"); sets != nullptr && sets->is_object()) {
    for (const auto& [target, backup] : sets->get_object()) list.push_back(backup);
  }
  return Response::json(200, boost::json::serialize(object{{"backups", std::move(list)}}));
}

}  // namespace

void add_backup_routes(http::Router& router, const Services& services, const OwnFiles& files) {
  const Rooms rooms{services, files};
  const auto add = [&](Method method, const char* pattern, BodyKind body, auto handler) {
    router.add({method,
                pattern,
                body,
                [rooms, handler](const Request& request) { return handler(rooms, request); },
                {},
                0});
  };
  add(Method::get, "/api/v1/blobs/{sha256}", BodyKind::none, blob);
  add(Method::get, "/api/v1/records", BodyKind::none, records);
  add(Method::get, "/api/v1/records/{name}", BodyKind::none, record);
  add(Method::get, "/api/v1/snapshots/{name}", BodyKind::none, snapshot);
  add(Method::get, "/api/v1/audit/files", BodyKind::none, audit_files);
  add(Method::get, "/api/v1/audit/files/{name}", BodyKind::none, audit_file);
  add(Method::get, "/api/v1/backups", BodyKind::none, backups);
  add(Method::post, "/api/v1/backups", BodyKind::small, note_backup);
}

}  // namespace khochung::api

#include "server/app/commands/backup_source.hpp"

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/http/encoding.hpp"

namespace khochung::app {

Result<void> BackupSource::fetch(const std::string& target, storage::TemporaryFile& file) const {
  auto call = get(target);
  call.into = file.descriptor();
  KHOCHUNG_TRY(checked(client_.send(call)));
  return {};
}

Result<void> BackupSource::blob(const Digest& sha256, storage::TemporaryFile& file) const {
  return fetch("/api/v1/blobs/" + sha256.hex(), file);
}

Result<void> BackupSource::record(const std::string& name, storage::TemporaryFile& file) const {
  return fetch("/api/v1/records/" + http::percent_encode(name), file);
}

Result<void> BackupSource::snapshot(const std::string& name, storage::TemporaryFile& file) const {
  return fetch("/api/v1/snapshots/" + http::percent_encode(name), file);
}

Result<void> BackupSource::audit_file(const std::string& name, storage::TemporaryFile& file) const {
  return fetch("/api/v1/audit/files/" + http::percent_encode(name), file);
}

Result<std::vector<std::string>> BackupSource::records(int slice) const {
  std::string target = "/api/v1/records";
  if (slice > 0) add_parameter(target, "after", std::to_string(slice - 1));
  const auto answer = KHOCHUNG_TRY(json_of(client_, get(target)));
  return JsonReader(answer).strings("records");
}

Result<std::vector<BackupSource::AuditFile>> BackupSource::audit_files() const {
  const auto answer = KHOCHUNG_TRY(json_of(client_, get("/api/v1/audit/files")));
  std::vector<AuditFile> files;
  const auto* list = JsonReader(answer).find("files");
  if (list == nullptr || !list->is_array())
    return fail(ErrorCode::unavailable, "the answer names no files of the audit chain");
  for (const auto& one : list->get_array()) {
    const JsonReader read(one);
    files.push_back({read.string("name"), static_cast<std::uint64_t>(read.integer("size_bytes"))});
  }
  return files;
}

}  // namespace khochung::app

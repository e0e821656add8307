#include "server/api/upload_intake.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/api/readable.hpp"
#include "server/api/tus.hpp"

namespace khochung::api {
namespace {

using storage::Upload;
using storage::UploadState;

/// What clients of tus say of files beside what the archive asks for.
constexpr auto ignored_keys =
    std::to_array<std::string_view>({"type", "filetype", "relativePath", "lastModified"});

/// Upload-Metadata, sorted out.
struct Description {
  std::string name, batch, sha256;
  bool is_sheet = false;
  std::map<std::string, std::string> fields;
};

std::string extract(std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.extract(key);
  return found.empty() ? std::string() : found.mapped();
}

Result<Description> description_from(std::string_view metadata) {
  auto values = KHOCHUNG_TRY(tus::metadata_from(metadata));
  Description description;
  const auto other_name = extract(values, "name");
  description.name = extract(values, "filename");
  if (description.name.empty()) description.name = other_name;
  description.batch = extract(values, "batch");
  description.sha256 = extract(values, "sha256");
  description.is_sheet = !extract(values, "sheet").empty();
  for (const auto key : ignored_keys) values.erase(std::string(key));
  std::erase_if(values, [](const auto& field) { return field.second.empty(); });
  description.fields = std::move(values);
  return description;
}

/// Refuses an upload for what will not pass.
Error refuse_if_final(const Services& services, UploadId id, Error error) {
  if (face_of(error.code).retry_can_help || error.code == ErrorCode::disk_full ||
      error.code == ErrorCode::internal || error.code == ErrorCode::corrupt)
    return error;
  const auto reason = error.reason.empty() ? face_of(error.code).name : error.reason;
  // A refusal that cannot be noted is found again by whoever asks next.
  static_cast<void>(services.uploads.settle(id, UploadState::refused, std::nullopt, reason));
  return error;
}

pipeline::Submission submission_of(const access::Viewer& viewer,
                                   std::map<std::string, std::string> fields) {
  pipeline::Submission submission;
  submission.fields = std::move(fields);
  submission.viewer = viewer;
  submission.from = viewer.kind == access::AccountKind::local_administrator ? "cli" : "web";
  return submission;
}

/// A staged upload as a file to be taken in, and what keeps others from it until it is settled.
struct Handed {
  pipeline::SubmittedFile file;
  std::shared_ptr<const void> claim;
};

Result<Handed> hand_over(const Services& services, UploadId id, const Description& description) {
  auto staged = KHOCHUNG_TRY(services.uploads.stage(id, services.blobs));
  auto claim = staged->claim();
  if (!description.sha256.empty() && description.sha256 != staged->sha256().hex())
    return fail(ErrorCode::bad_input, "checksum_mismatch", "the file has another SHA-256");
  return Handed{{description.name, std::move(staged)}, std::move(claim)};
}

/// A receipt that was closed while the sender was away gets a new one beside it.
Result<BatchId> batch_of(const Services& services, const Description& description,
                         const access::Viewer& viewer) {
  auto named = batch_for(services, description.batch, viewer);
  return named || description.batch.empty() ? named : batch_for(services, "", viewer);
}

Result<pipeline::Accepted> take(const Services& services, pipeline::Submission submission,
                                const std::vector<UploadId>& uploads) {
  const auto accepted = KHOCHUNG_TRY(services.intake.take(std::move(submission)));
  services.index_bell.ring();
  services.jobs.ring();
  for (const auto& id : uploads) {
    KHOCHUNG_CHECK(services.uploads.settle(id, UploadState::taken, accepted.material.id,
                                           storage::to_text(accepted.state)));
  }
  return accepted;
}

}  // namespace

bool is_sheet(const Upload& upload) {
  const auto description = description_from(upload.metadata);
  return description && description->is_sheet;
}

Result<UnitId> check_upload(const Services& services, const access::Viewer& viewer,
                            std::string_view metadata) {
  auto description = KHOCHUNG_TRY(description_from(metadata));
  KHOCHUNG_TRY(pipeline::safe_name(description.name));
  if (!description.sha256.empty()) KHOCHUNG_TRY(Digest::parse(description.sha256));
  if (!description.batch.empty()) KHOCHUNG_TRY(batch_for(services, description.batch, viewer));
  return services.intake.check(submission_of(viewer, std::move(description.fields)));
}

Result<Upload> take_upload(const Services& services, const access::Viewer& viewer,
                           const Upload& upload) {
  auto description = KHOCHUNG_TRY(description_from(upload.metadata));
  auto handed = hand_over(services, upload.id, description);
  if (!handed && handed.error().reason == "checksum_mismatch")
    return fail(refuse_if_final(services, upload.id, handed.error()));
  if (!handed) return fail(handed.error());
  auto submission = submission_of(viewer, description.fields);
  submission.batch = KHOCHUNG_TRY(batch_of(services, description, viewer));
  submission.files.push_back(std::move(handed->file));
  const auto accepted = take(services, std::move(submission), {upload.id});
  if (!accepted) return fail(refuse_if_final(services, upload.id, accepted.error()));
  return services.uploads.find(upload.id);
}

Result<pipeline::Accepted> take_sheets(const Services& services, const access::Viewer& viewer,
                                       const std::vector<UploadId>& sheets,
                                       std::map<std::string, std::string> fields, BatchId batch) {
  auto submission = submission_of(viewer, std::move(fields));
  submission.batch = batch;
  std::vector<std::shared_ptr<const void>> claims;
  for (const auto& id : sheets) {
    const auto upload = KHOCHUNG_TRY(services.uploads.find(id));
    if (upload.creator != viewer.name) return fail(ErrorCode::not_found, "another's upload");
    const auto description = KHOCHUNG_TRY(description_from(upload.metadata));
    auto handed = KHOCHUNG_TRY(hand_over(services, id, description));
    submission.files.push_back(std::move(handed.file));
    claims.push_back(std::move(handed.claim));
  }
  return take(services, std::move(submission), sheets);
}

boost::json::object upload_json(const Upload& upload, Language language) {
  const auto description = description_from(upload.metadata).value_or(Description());
  boost::json::object json{{"id", upload.id.text()},
                           {"name", description.name},
                           {"size_bytes", upload.length_bytes},
                           {"offset_bytes", upload.offset_bytes},
                           {"state", to_text(upload.state)},
                           {"created_at", to_rfc3339(upload.created_at)},
                           {"expires_at", to_rfc3339(upload.expires_at)},
                           {"batch", nullptr},
                           {"material", nullptr}};
  if (!description.batch.empty()) json["batch"] = description.batch;
  if (upload.material) json["material"] = upload.material->text();
  if (upload.state == UploadState::taken) {
    json["intake"] = upload.outcome;
    if (upload.outcome == "quarantined") json["message"] = sentence("quarantined", language);
  }
  if (upload.state == UploadState::refused) {
    json["reason"] = upload.outcome;
    json["message"] = sentence(upload.outcome, language);
  }
  return json;
}

}  // namespace khochung::api

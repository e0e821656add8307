#include "server/api/upload_sink.hpp"

#include <utility>

#include "schemas/material.hpp"
#include "server/api/blob_part.hpp"
#include "server/api/readable.hpp"

namespace khochung::api {
namespace {

/// Fields of a form that are not fields of a material.
constexpr std::string_view csrf_field = "csrf";
constexpr std::string_view batch_field = "batch";
constexpr std::string_view group_field = "group";

}  // namespace

Result<std::unique_ptr<http::BodySink>> UploadSink::begin(const Services& services,
                                                          const http::Request& request,
                                                          FilesBecome files_become, Answer answer) {
  std::unique_ptr<UploadSink> sink(
      new UploadSink(services, request, files_become, std::move(answer)));
  sink->identity_ = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  if (sink->identity_.viewer.kind == access::AccountKind::anonymous) {
    return fail(ErrorCode::unauthenticated, "an upload needs an account");
  }
  // A form without scripts carries its token as the first field; until then no byte of a file is
  // taken.
  sink->may_send_ = services.doorkeeper.identify_for_change(request).has_value();
  auto reader = KHOCHUNG_TRY(
      http::MultipartReader::begin(request.fields.get("content-type"), sink->events()));
  sink->reader_ = std::make_unique<http::MultipartReader>(std::move(reader));
  return sink;
}

http::FormEvents UploadSink::events() {
  http::FormEvents events;
  events.on_field = [this](std::string name, std::string value) -> Result<void> {
    if (name == csrf_field) {
      KHOCHUNG_CHECK(services_.doorkeeper.identify_for_change(request_, value));
      may_send_ = true;
      return {};
    }
    return value.empty() ? Result<void>() : keep_field(name, std::move(value));
  };
  events.on_file = [this](const std::string&, const std::string& file_name, const std::string&) {
    return begin_file(file_name);
  };
  return events;
}

Result<void> UploadSink::keep_field(const std::string& name, std::string value) {
  auto& kept = fields_[name];
  // Each box that is ticked comes as a field of its own.
  if (find_concept_field(name) == nullptr || kept.empty()) {
    kept = std::move(value);
    return {};
  }
  const auto concepts = concepts_in(kept + ";" + value);
  if (concepts.size() > most_concepts_of_a_field)
    return fail(ErrorCode::bad_input, name + ": too many concepts");
  kept = joined_concepts(concepts);
  return {};
}

Result<std::unique_ptr<http::PartSink>> UploadSink::begin_file(const std::string& file_name) {
  if (!may_send_) return fail(ErrorCode::forbidden, "csrf", "a file before the form's token");
  if (file_name.empty())
    return std::unique_ptr<http::PartSink>();  // a file field that was left empty
  auto writer = KHOCHUNG_TRY(services_.blobs.begin());
  return std::make_unique<BlobPart>(files_, file_name, std::move(writer));
}

pipeline::Submission UploadSink::submission_of(std::vector<pipeline::SubmittedFile> files,
                                               BatchId batch) const {
  pipeline::Submission submission;
  submission.files = std::move(files);
  submission.fields = fields_;
  submission.batch = batch;
  submission.viewer = identity_.viewer;
  submission.from = request_.is_local_administrator ? "cli" : "web";
  return submission;
}

Result<http::Response> UploadSink::finish() {
  KHOCHUNG_CHECK(reader_->finish());
  if (!may_send_) return fail(ErrorCode::forbidden, "csrf", "a form without its token");
  const auto named = fields_.extract(std::string(batch_field));
  const auto batch = KHOCHUNG_TRY(
      batch_for(services_, named.empty() ? std::string() : named.mapped(), identity_.viewer));
  UploadOutcome outcome{batch, {}};
  const bool is_group =
      files_become_ == FilesBecome::one_material || fields_.contains(std::string(group_field));
  if (is_group || files_.empty()) {
    outcome.materials.push_back(
        services_.intake.take(submission_of(std::move(files_), outcome.batch)));
  } else {
    for (auto& file : files_) {
      std::vector<pipeline::SubmittedFile> one;
      one.push_back(std::move(file));
      outcome.materials.push_back(
          services_.intake.take(submission_of(std::move(one), outcome.batch)));
    }
  }
  services_.index_bell.ring();
  services_.jobs.ring();
  return answer_(request_, std::move(outcome));
}

}  // namespace khochung::api

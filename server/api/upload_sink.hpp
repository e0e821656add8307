#pragma once

#include <map>
#include <memory>
#include <string>

#include "server/api/services.hpp"
#include "server/http/message.hpp"
#include "server/http/multipart.hpp"

namespace khochung::api {

/// How the files of one form become materials.
enum class FilesBecome {
  one_material,     ///< the sheets of one document (API)
  a_material_each,  ///< unless the form says group (the upload page)
};

/// What an upload came to.
struct UploadOutcome {
  BatchId batch;
  std::vector<Result<pipeline::Accepted>> materials;
};

/// Takes a multipart form in: each file goes straight into a blob writer, and nothing is kept
/// before the form is whole.
class UploadSink final : public http::BodySink {
 public:
  using Answer = std::function<Result<http::Response>(const http::Request&, UploadOutcome&&)>;
  /// Errors: unauthenticated; forbidden (CSRF); unsupported for another media type.
  static Result<std::unique_ptr<http::BodySink>> begin(const Services& services,
                                                       const http::Request& request,
                                                       FilesBecome files_become, Answer answer);

  Result<void> write(std::span<const std::byte> bytes) override { return reader_->write(bytes); }
  Result<http::Response> finish() override;

 private:
  UploadSink(const Services& services, const http::Request& request, FilesBecome files_become,
             Answer answer)
      : services_(services),
        request_(request),
        files_become_(files_become),
        answer_(std::move(answer)) {}

  http::FormEvents events();
  Result<void> keep_field(const std::string& name, std::string value);
  Result<std::unique_ptr<http::PartSink>> begin_file(const std::string& file_name);
  pipeline::Submission submission_of(std::vector<pipeline::SubmittedFile> files,
                                     BatchId batch) const;

  const Services& services_;
  http::Request request_;
  FilesBecome files_become_;
  Answer answer_;
  access::Identity identity_;
  bool may_send_ = false;  ///< the CSRF question is settled
  std::map<std::string, std::string> fields_;
  std::vector<pipeline::SubmittedFile> files_;
  std::unique_ptr<http::MultipartReader> reader_;
};

}  // namespace khochung::api

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "indexer/pipeline/intake.hpp"
#include "server/http/multipart.hpp"

namespace khochung::api {

/// Writes a file of a form into a blob, and adds it to `files` once it is whole.
class BlobPart final : public http::PartSink {
 public:
  /// `files` outlives it.
  BlobPart(std::vector<pipeline::SubmittedFile>& files, std::string name,
           std::unique_ptr<storage::BlobWriter> writer)
      : files_(files), name_(std::move(name)), writer_(std::move(writer)) {}

  Result<void> write(std::span<const std::byte> bytes) override { return writer_->write(bytes); }
  Result<void> finish() override {
    files_.push_back({std::move(name_), std::move(writer_)});
    return {};
  }

 private:
  std::vector<pipeline::SubmittedFile>& files_;
  std::string name_;
  std::unique_ptr<storage::BlobWriter> writer_;
};

}  // namespace khochung::api

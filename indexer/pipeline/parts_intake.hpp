#pragma once

#include <memory>
#include <string>

#include "indexer/pipeline/intake.hpp"
#include "indexer/workers/readers.hpp"
#include "schemas/material.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"

namespace khochung::pipeline {

/// Takes the parts of an archive in as materials of their own, as they are unpacked. A part that
/// cannot be taken stands in the receipt with its reason; the others go on. Threads: one at a time.
class PartsIntake {
 public:
  /// Errors of make: too_large "too_many_parts" when archives lie too deep in one another.
  static Result<PartsIntake> make(storage::BlobStore& blobs, storage::Catalogue& catalogue,
                                  Intake& intake, const Material& whole);

  Result<void> begin(std::string name);
  Result<void> write(std::span<const std::byte> bytes);
  Result<void> end();
  /// Notes what is not taken: links, devices, parts that need a password.
  Result<void> pass_over(const std::string& name, std::string_view why);

 private:
  PartsIntake(storage::BlobStore& blobs, storage::Catalogue& catalogue, Intake& intake,
              const Material& whole, std::string path_prefix)
      : blobs_(blobs),
        catalogue_(catalogue),
        intake_(intake),
        whole_(whole),
        path_prefix_(std::move(path_prefix)) {}
  [[nodiscard]] Submission submission_of_part();

  storage::BlobStore& blobs_;
  storage::Catalogue& catalogue_;
  Intake& intake_;
  const Material& whole_;
  std::string path_prefix_;
  std::string name_;
  std::unique_ptr<storage::BlobWriter> part_;
};

}  // namespace khochung::pipeline

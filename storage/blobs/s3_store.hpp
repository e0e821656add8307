#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>

#include "storage/blobs/blob_store.hpp"
#include "storage/blobs/s3_upload.hpp"

namespace khochung::storage {

/// Blobs as objects of an S3 bucket.
/// Layout: <prefix>sha256/<ab>/<cd>/<64 hex>; <prefix>damaged/<64 hex>.<ETag> is what was set
/// aside. It outlives its readers. What is removed while someone reads it ends there: S3 keeps
/// nothing open. Many processes may share a bucket: a blob that two of them bring is written twice,
/// with the same bytes. Nothing relies on conditional writes, which services know or do not know.
class S3BlobStore final : public BlobStore {
 public:
  struct Options {
    S3Address address;
    S3Credentials credentials;
    /// Where blobs wait until they are whole: their name is known only then.
    std::filesystem::path spool_folder;
    std::uint64_t max_blob_bytes = 1ULL << 40U;
    S3PartSizes parts = {};
    S3Patience patience = {};
    /// Without it no stored blob is trusted unread.
    IsFresh is_fresh = {};
    /// Uploads in parts that were begun before that, and not ended, are given up.
    std::chrono::seconds stale_upload_age = std::chrono::hours(24);
  };

  /// Asks the service for the bucket, so that a wrong address, key or right is told now.
  /// Errors: those of S3Client::send.
  static Result<std::unique_ptr<S3BlobStore>> open(Options options);

  /// Its finish() passes on the errors of S3Client::send; corrupt when the service did not keep
  /// what it was sent.
  Result<std::unique_ptr<BlobWriter>> begin() override;
  Result<BlobReader> open(const Digest& sha256) const override;
  /// False, too, when the service cannot be asked.
  [[nodiscard]] bool contains(const Digest& sha256) const override;
  /// One list of a thousand blobs a request, where the slices would be 256 requests.
  Result<void> for_each(const std::function<bool(const BlobInfo&)>& visit) const override;
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override;
  [[nodiscard]] bool is_local() const override { return false; }
  [[nodiscard]] std::string location(const Digest& sha256) const override;

  /// Errors: not_found; corrupt; those of S3Client::send.
  Result<void> set_aside(const Digest& sha256) override;
  /// Errors: not_found; those of S3Client::send.
  Result<void> remove(const Digest& sha256) override;

 private:
  class Writer;
  class Turn;
  enum class Found { nothing, good, damaged };

  explicit S3BlobStore(Options options);
  /// Whether these bytes are new, known or have healed damaged ones.
  Result<Found> keep(const S3Upload& blob);
  [[nodiscard]] Result<Found> look_for(const S3Upload& blob) const;
  Result<void> list(const std::string& prefix,
                    const std::function<bool(const BlobInfo&)>& visit) const;
  [[nodiscard]] std::string key_of(const Digest& sha256) const;

  Options options_;
  S3Client client_;
  S3Bucket bucket_;
  std::mutex mutex_;
  std::condition_variable turn_ended_;
  /// Blobs that are being kept: writers of the same bytes take turns.
  std::set<Digest> being_kept_;
};

}  // namespace khochung::storage

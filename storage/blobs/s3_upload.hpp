#pragma once

#include "storage/blobs/s3_bucket.hpp"

namespace khochung::storage {

/// From which size on an object goes up in parts, and how large these are.
struct S3PartSizes {
  std::uint64_t parts_from_bytes = std::uint64_t{32} << 20U;
  /// Larger where an object would have too many parts.
  std::uint64_t part_bytes = std::uint64_t{16} << 20U;
  /// What one copy within the service takes at most; what is larger goes through here in parts.
  /// (Copies of ranges would stay there, but libcurl 7.88 signs their two fields in the wrong
  /// order.)
  std::uint64_t copied_at_once_bytes = std::uint64_t{5} << 30U;
};

/// A file and where it goes.
struct S3Upload {
  std::string key;
  int descriptor = -1;
  std::uint64_t size_bytes = 0;
  /// Of all its bytes.
  Digest sha256;
};

/// Brings a file up so that nothing is taken on trust: the service holds each request against its
/// SHA-256; then it is asked what it has. If size and ETag prove it (the MD5 of the bytes, or of
/// the MD5s of the parts), that is enough; an ETag of another kind proves nothing, and the object
/// is read back. What was kept otherwise is removed; an upload in parts that fails is given up.
/// Errors: those of S3Client::send; corrupt when the file does not have its digest any more, or the
/// service did not keep what it was sent.
Result<void> upload(const S3Bucket& bucket, const S3Upload& what, const S3PartSizes& sizes);

/// Copies an object of `size_bytes` within the bucket and looks at what then is there.
/// Errors: those of S3Client::send; corrupt.
Result<void> copy(const S3Bucket& bucket, const std::string& from, const std::string& to,
                  std::uint64_t size_bytes, const S3PartSizes& sizes);

/// Whether the object's bytes, read from first to last, have this digest.
Result<bool> has_digest(const S3Bucket& bucket, const std::string& key, std::uint64_t size_bytes,
                        const Digest& sha256);

/// Gives up uploads under `prefix` that were begun more than `age` ago: a killed process left them,
/// and their parts are paid for. Gives how many there were.
Result<std::size_t> give_up_stale_uploads(const S3Bucket& bucket, const std::string& prefix,
                                          std::chrono::seconds age);

}  // namespace khochung::storage

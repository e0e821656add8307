#pragma once

#include "storage/blobs/s3_client.hpp"
#include "storage/blobs/s3_xml.hpp"

namespace khochung::storage {

/// What a service tells of an object without sending it.
struct S3Object {
  std::uint64_t size_bytes = 0;
  /// The MD5 of its bytes, unless it came in parts or is encrypted by the service.
  std::string etag;
};

/// A part of an object that is being uploaded. Numbers count from 1.
struct S3Part {
  std::string key;
  std::string upload;
  std::size_t number = 1;
};

/// What S3 can do with the objects of one bucket, each a function.
/// Errors: those of S3Client::send.
/// Threads: safe from many threads.
/// Source: Amazon S3 API Reference, 2006-03-01.
class S3Bucket {
 public:
  /// S3 allows this many; Swift 1,000 and Ceph 10,000, unless they are set up otherwise.
  static constexpr std::uint64_t most_parts = 1'000;
  /// All but the last part of an object have so many bytes at least.
  static constexpr std::uint64_t least_part_bytes = std::uint64_t{5} << 20U;

  explicit S3Bucket(const S3Client& client) : client_(client) {}

  [[nodiscard]] Result<S3Object> head(const std::string& key) const;
  /// Fills `into` with the first bytes, or all there are, and tells what head() tells.
  Result<S3Object> open(const std::string& key, std::span<std::byte> into) const;
  /// Fills `into` with the bytes from `offset` on, all of which are there.
  Result<void> read(const std::string& key, std::uint64_t offset, std::span<std::byte> into) const;
  /// Gives the ETag of what the service then has. The service refuses bytes with another digest.
  [[nodiscard]] Result<std::string> put(const std::string& key, const FilePart& file,
                                        const Digest& sha256) const;
  /// Replaces what stands under `to`.
  [[nodiscard]] Result<void> copy(const std::string& from, const std::string& to) const;
  /// No error when it is not there.
  [[nodiscard]] Result<void> remove(const std::string& key) const;
  /// A page of the objects whose keys begin with `prefix`, from where the page before ended.
  [[nodiscard]] Result<S3Page> list(const std::string& prefix, const std::string& from,
                                    int most = 1'000) const;

  [[nodiscard]] Result<std::string> begin_upload(const std::string& key) const;
  /// Gives the part's ETag.
  [[nodiscard]] Result<std::string> put_part(const S3Part& part, const FilePart& file,
                                             const Digest& sha256) const;
  [[nodiscard]] Result<void> complete_upload(const std::string& key, const std::string& id,
                                             const std::vector<std::string>& etags) const;
  [[nodiscard]] Result<void> give_up_upload(const std::string& key, const std::string& id) const;
  [[nodiscard]] Result<S3Uploads> uploads(const std::string& prefix, const S3Uploads& before) const;

 private:
  const S3Client& client_;
};

}  // namespace khochung::storage

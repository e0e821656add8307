#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung::storage {

/// Why an S3 service refused: "NoSuchBucket" and a sentence. Empty where it does not say.
struct S3Fault {
  std::string code;
  std::string message;
};
S3Fault s3_fault(std::string_view xml);

/// One page of a list of objects.
struct S3Page {
  struct Object {
    std::string key;
    std::uint64_t size_bytes = 0;
  };
  std::vector<Object> objects;
  /// Where the next page begins; empty at the end.
  std::string next;
};
/// Errors: unavailable where the answer is no list.
Result<S3Page> s3_page(std::string_view xml);

/// Uploads in parts that were begun and neither completed nor given up.
struct S3Uploads {
  struct Upload {
    std::string key;
    std::string id;
    Instant begun;
  };
  std::vector<Upload> uploads;
  /// Where the next page begins; both empty at the end.
  std::string next_key;
  std::string next_id;
};
/// Errors: unavailable.
Result<S3Uploads> s3_uploads(std::string_view xml);

/// The number of an upload that was begun. Errors: unavailable.
Result<std::string> s3_upload_id(std::string_view xml);

/// Whether a copy was made, or an upload completed: both may fail after "200 OK".
/// Errors: unavailable.
Result<void> s3_success(std::string_view xml);

/// The list of parts that completes an upload.
std::string s3_parts(const std::vector<std::string>& etags);

}  // namespace khochung::storage

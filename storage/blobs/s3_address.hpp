#pragma once

#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::storage {

/// Where blobs lie in an S3 service and how it is reached:
/// s3://BUCKET[/PREFIX]?endpoint=URL&credentials=FILE|environment[&region=R][&ca=FILE][&proxy=URL]
/// Nothing of it is taken from the environment unless it says so.
struct S3Address {
  /// "https://host" or "http://host:port", without a slash at its end.
  std::string endpoint;
  std::string bucket;
  /// Empty, or ends with a slash.
  std::string prefix;
  std::string region = "us-east-1";
  /// A file as `aws configure` writes it, or "environment".
  std::string credentials;
  /// The certificates that are trusted.
  std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";
  /// Empty: none, whatever the environment says.
  std::string proxy;

  /// Errors: bad_input, naming the part that is wrong.
  static Result<S3Address> parse(std::string_view text);
  /// The address of an object, for people.
  [[nodiscard]] std::string location(std::string_view key) const;
};

/// What requests are signed with. Never written to a log.
struct S3Credentials {
  std::string access_key;
  std::string secret_key;

  /// Reads them from `where` (S3Address::credentials): AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
  /// of the environment, or the section [default] of a file that only its owner may read.
  /// Errors: bad_input; not_found; unavailable.
  static Result<S3Credentials> read(const std::string& where);
};

}  // namespace khochung::storage

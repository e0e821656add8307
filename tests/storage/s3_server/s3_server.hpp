#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "storage/blobs/s3_address.hpp"
#include "storage/file_descriptor.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {

/// A real S3 server (OpenStack Swift) on a free port of the loopback address, with one bucket; gone
/// with this object, and with this process however it ends.
class S3Server {
 public:
  /// Throws std::runtime_error when it does not start.
  S3Server();
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  [[nodiscard]] S3Address address(const std::string& prefix) const;
  /// The same bucket over TLS, by a certificate that nobody knows unless told so.
  [[nodiscard]] S3Address tls_address(const std::string& prefix) const;
  [[nodiscard]] const std::string& certificate() const { return certificate_; }
  [[nodiscard]] const S3Credentials& credentials() const { return credentials_; }
  [[nodiscard]] std::uint16_t port() const;
  /// Makes the bucket's list name these keys, too, each with a size of one byte.
  void enter(const std::vector<std::string>& keys) const;

 private:
  void start();
  void make_bucket() const;

  TemporaryFolder folder_;
  FileDescriptor its_input_;
  FileDescriptor its_output_;
  pid_t process_ = -1;
  S3Address address_;
  std::string tls_endpoint_;
  std::string certificate_;
  S3Credentials credentials_;
};

/// The server of this test program; started when it is first asked for.
const S3Server& s3_server();

}  // namespace khochung::storage

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "server/http/body_pieces.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::app {

/// A multipart/form-data body that is read from the files as it is sent. A file that changes
/// meanwhile breaks the request off, so that nothing half-new is taken in. Source: RFC 7578.
class MultipartForm {
 public:
  /// Opens every file.
  /// Errors: bad_input "unreadable_file" or "bad_name".
  static Result<MultipartForm> open(const std::map<std::string, std::string>& fields,
                                    const std::vector<std::filesystem::path>& files);

  /// The body; it points into this form.
  [[nodiscard]] const http::BodyPieces& pieces() const { return pieces_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }
  [[nodiscard]] std::string content_type() const;

 private:
  explicit MultipartForm(std::string boundary) : boundary_(std::move(boundary)) {}
  Result<void> add_file(const std::filesystem::path& path);

  std::string boundary_;
  http::BodyPieces pieces_;
  std::vector<storage::FileDescriptor> files_;
  std::uint64_t file_bytes_ = 0;
};

}  // namespace khochung::app

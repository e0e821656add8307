#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/app/client.hpp"

namespace khochung::app {

/// A multipart/form-data body that is read from the files as it is sent. A file that changes meanwhile breaks
/// the request off, so that nothing half-new is taken in.
/// Source: RFC 7578.
class MultipartSource {
 public:
  /// Opens every file.
  /// Errors: bad_input "unreadable_file" or "bad_name".
  static Result<MultipartSource> open(const std::map<std::string, std::string>& fields,
                                      const std::vector<std::filesystem::path>& files);

  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }
  [[nodiscard]] std::string content_type() const;
  /// As BodySource. Errors: bad_input "changed_while_read"; unavailable.
  Result<std::size_t> read(std::span<std::byte> into);

 private:
  struct Piece {
    std::string text;       ///< when there is no file
    int descriptor = -1;
    std::uint64_t size_bytes = 0;
    std::int64_t changed_at = 0;
    std::filesystem::path path;
    Piece() = default;
    Piece(Piece&& other) noexcept;
    Piece& operator=(Piece&&) = delete;
    ~Piece();
  };

  explicit MultipartSource(std::string boundary) : boundary_(std::move(boundary)) {}
  void add_text(std::string text);
  Result<void> add_file(const std::filesystem::path& path);
  static Result<void> check_at_rest(const Piece& piece);

  std::string boundary_;
  std::vector<Piece> pieces_;
  std::size_t current_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t file_bytes_ = 0;
};

}  // namespace khochung::app

#include "server/app/commands/multipart_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "schemas/identifier.hpp"
#include "server/http/encoding.hpp"

namespace khochung::app {
namespace {

std::int64_t nanoseconds_of(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

bool can_stand_in_a_header(const std::string& name) {
  return http::is_utf8(name) && name.find_first_of("\r\n\"") == std::string::npos;
}

}  // namespace

MultipartSource::Piece::Piece(Piece&& other) noexcept
    : text(std::move(other.text)),
      descriptor(std::exchange(other.descriptor, -1)),
      size_bytes(other.size_bytes),
      changed_at(other.changed_at),
      path(std::move(other.path)) {}

MultipartSource::Piece::~Piece() {
  if (descriptor >= 0) ::close(descriptor);
}

Result<MultipartSource> MultipartSource::open(const std::map<std::string, std::string>& fields,
                                              const std::vector<std::filesystem::path>& files) {
  MultipartSource source("khochung-" + Uuid::make().text());
  for (const auto& [name, value] : fields) {
    source.add_text("--" + source.boundary_ + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
                    value + "\r\n");
  }
  for (const auto& file : files) {
    if (!can_stand_in_a_header(file.string())) return fail(ErrorCode::bad_input, "bad_name", "a name cannot be sent");
    source.add_text("--" + source.boundary_ + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
                    file.string() + "\"\r\nContent-Type: application/octet-stream\r\n\r\n");
    KHOCHUNG_CHECK(source.add_file(file));
    source.add_text("\r\n");
  }
  source.add_text("--" + source.boundary_ + "--\r\n");
  return source;
}

void MultipartSource::add_text(std::string text) {
  size_bytes_ += text.size();
  auto& piece = pieces_.emplace_back();
  piece.size_bytes = text.size();
  piece.text = std::move(text);
}

Result<void> MultipartSource::add_file(const std::filesystem::path& path) {
  auto& piece = pieces_.emplace_back();
  piece.path = path;
  piece.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat info{};
  if (piece.descriptor < 0 || ::fstat(piece.descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    return fail(ErrorCode::bad_input, "unreadable_file", path.string() + ": " + std::strerror(errno));
  }
  piece.size_bytes = static_cast<std::uint64_t>(info.st_size);
  piece.changed_at = nanoseconds_of(info.st_mtim);
  size_bytes_ += piece.size_bytes;
  file_bytes_ += piece.size_bytes;
  return {};
}

std::string MultipartSource::content_type() const { return "multipart/form-data; boundary=" + boundary_; }

Result<void> MultipartSource::check_at_rest(const Piece& piece) {
  struct stat info{};
  const bool is_at_rest = ::fstat(piece.descriptor, &info) == 0 &&
                          static_cast<std::uint64_t>(info.st_size) == piece.size_bytes &&
                          nanoseconds_of(info.st_mtim) == piece.changed_at;
  if (is_at_rest) return {};
  return fail(ErrorCode::bad_input, "changed_while_read", piece.path.string() + " changed while it was read");
}

Result<std::size_t> MultipartSource::read(std::span<std::byte> into) {
  while (current_ < pieces_.size() && offset_ == pieces_[current_].size_bytes) {
    if (pieces_[current_].descriptor >= 0) KHOCHUNG_CHECK(check_at_rest(pieces_[current_]));
    ++current_;
    offset_ = 0;
  }
  if (current_ == pieces_.size()) return 0;
  const auto& piece = pieces_[current_];
  const auto wanted = std::min<std::uint64_t>(into.size(), piece.size_bytes - offset_);
  if (piece.descriptor < 0) {
    std::memcpy(into.data(), piece.text.data() + offset_, wanted);
    offset_ += wanted;
    return wanted;
  }
  const auto count = ::pread(piece.descriptor, into.data(), wanted, static_cast<off_t>(offset_));
  if (count < 0) return fail(ErrorCode::bad_input, "unreadable_file", piece.path.string() + ": " + std::strerror(errno));
  if (count == 0) return fail(ErrorCode::bad_input, "changed_while_read", piece.path.string() + " became shorter");
  offset_ += static_cast<std::uint64_t>(count);
  return static_cast<std::size_t>(count);
}

}  // namespace khochung::app

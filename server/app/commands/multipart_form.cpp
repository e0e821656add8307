#include "server/app/commands/multipart_form.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "schemas/identifier.hpp"
#include "schemas/utf8.hpp"

namespace khochung::app {
namespace {

/// What tells whether a file is at rest.
struct FileState {
  off_t size_bytes = 0;
  timespec changed_at{};

  static Result<FileState> of(int descriptor, const std::filesystem::path& path) {
    struct stat info{};
    if (descriptor < 0 || ::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
      return fail(ErrorCode::bad_input, "unreadable_file",
                  path.string() + ": " + std::strerror(errno));
    }
    return FileState{info.st_size, info.st_mtim};
  }
  bool operator==(const FileState& other) const {
    return size_bytes == other.size_bytes && changed_at.tv_sec == other.changed_at.tv_sec &&
           changed_at.tv_nsec == other.changed_at.tv_nsec;
  }
};

bool can_stand_in_a_header(const std::string& name) {
  return is_utf8(name) && name.find_first_of("\r\n\"") == std::string::npos;
}

}  // namespace

Result<MultipartForm> MultipartForm::open(const std::map<std::string, std::string>& fields,
                                          const std::vector<std::filesystem::path>& files) {
  MultipartForm form("khochung-" + Uuid::make().text());
  const std::string delimiter = "--" + form.boundary_;
  for (const auto& [name, value] : fields) {
    form.pieces_.emplace_back(delimiter + "\r\nContent-Disposition: form-data; name=\"" + name +
                              "\"\r\n\r\n" + value + "\r\n");
  }
  for (const auto& file : files) {
    if (!can_stand_in_a_header(file.string()))
      return fail(ErrorCode::bad_input, "bad_name", "a name cannot be sent");
    form.pieces_.emplace_back(
        delimiter + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
        file.string() + "\"\r\nContent-Type: application/octet-stream\r\n\r\n");
    KHOCHUNG_CHECK(form.add_file(file));
    form.pieces_.emplace_back(std::string("\r\n"));
  }
  form.pieces_.emplace_back(delimiter + "--\r\n");
  return form;
}

Result<void> MultipartForm::add_file(const std::filesystem::path& path) {
  storage::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  const int descriptor = file.get();
  const auto state = KHOCHUNG_TRY(FileState::of(descriptor, path));
  const auto size_bytes = static_cast<std::uint64_t>(state.size_bytes);
  files_.push_back(std::move(file));
  file_bytes_ += size_bytes;
  pieces_.emplace_back(http::FilePiece{descriptor, 0, size_bytes});
  pieces_.emplace_back(http::BodyCheck([=]() -> Result<void> {
    if (KHOCHUNG_TRY(FileState::of(descriptor, path)) == state) return {};
    return fail(ErrorCode::bad_input, "changed_while_read",
                path.string() + " changed while it was read");
  }));
  return {};
}

std::string MultipartForm::content_type() const {
  return "multipart/form-data; boundary=" + boundary_;
}

}  // namespace khochung::app

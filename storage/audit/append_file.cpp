#include "storage/audit/append_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

Error failed(std::string_view what, const fs::path& path) {
  return error_of_errno(errno, std::string(what) + " " + path.string());
}

}  // namespace

Result<AppendFile> AppendFile::open(fs::path path, const AuditCalls& calls) {
  FileDescriptor descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  struct stat info{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0) {
    return fail(failed("open", path));
  }
  const auto size_bytes = static_cast<std::uint64_t>(info.st_size);
  return AppendFile(std::move(path), std::move(descriptor), size_bytes, calls);
}

Result<void> AppendFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = calls_->write(descriptor_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(failed("write", path_));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_bytes_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<void> AppendFile::sync() {
  if (calls_->sync(descriptor_.get()) != 0) return fail(failed("sync", path_));
  return {};
}

Result<void> AppendFile::cut(std::uint64_t size_bytes) {
  if (calls_->truncate(descriptor_.get(), static_cast<off_t>(size_bytes)) != 0) {
    return fail(failed("cut", path_));
  }
  size_bytes_ = size_bytes;
  return {};
}

Result<void> sync_folder(const fs::path& folder, const AuditCalls& calls) {
  const fs::path where = folder.empty() ? "." : folder;
  const FileDescriptor descriptor(::open(where.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open() || calls.sync(descriptor.get()) != 0) {
    return fail(failed("sync folder", folder));
  }
  return {};
}

Result<void> write_new_file(const fs::path& path, std::string_view bytes, int mode,
                            const AuditCalls& calls) {
  auto temporary = path;
  temporary += ".tmp";
  ::unlink(temporary.c_str());  // what a process left that was killed just here
  const FileDescriptor made(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!made.is_open()) return fail(failed("make", temporary));
  const auto place = [&]() -> Result<void> {
    auto file = KHOCHUNG_TRY(AppendFile::open(temporary, calls));
    KHOCHUNG_CHECK(file.append(bytes));
    KHOCHUNG_CHECK(file.sync());
    if (::link(temporary.c_str(), path.c_str()) == 0) return {};
    if (errno == EEXIST) return fail(ErrorCode::conflict, path.string() + " is taken");
    return fail(failed("name", path));
  };
  const auto placed = place();
  ::unlink(temporary.c_str());
  return placed ? sync_folder(path.parent_path(), calls) : placed;
}

}  // namespace khochung::storage

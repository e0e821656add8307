#include "storage/packages/building_folder.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "storage/durable_file.hpp"
#include "storage/packages/foreign_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_bytes = 65'536;

Result<void> write_all(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(error_of_errno(errno, "write " + path));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<void> PackageFile::write(std::span<const std::byte> bytes) {
  digests_.update(bytes);
  size_bytes_ += bytes.size();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (waiting_.size() + text.size() < buffer_bytes) {
    waiting_ += text;
    return {};
  }
  KHOCHUNG_CHECK(flush());
  return write_all(file_.get(), text, path_);
}

Result<void> PackageFile::flush() {
  KHOCHUNG_CHECK(write_all(file_.get(), waiting_, path_));
  waiting_.clear();
  return {};
}

Result<PackageFile::Written> PackageFile::finish() {
  KHOCHUNG_CHECK(flush());
  return Written{size_bytes_, digests_.finish()};
}

Result<BuildingFolder> BuildingFolder::begin(fs::path target, Earlier earlier) {
  if (!target.has_filename()) target = target.parent_path();  // "name/" is the folder "name"
  struct stat info{};
  if (::lstat(target.c_str(), &info) == 0) {
    return fail(ErrorCode::conflict, "there is something at " + target.string());
  }
  auto partial = target;
  partial += ".partial";
  const bool goes_on = ::mkdir(partial.c_str(), 0755) != 0;
  if (goes_on && errno != EEXIST) return fail(error_of_errno(errno, "make " + partial.string()));
  FileDescriptor folder(::open(partial.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.is_open()) return fail(error_of_errno(errno, "open " + partial.string()));
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::locked, "another process builds " + partial.string());
  }
  if (goes_on && earlier == Earlier::goes) {
    const auto old = KHOCHUNG_TRY(ForeignFolder::open(partial));
    for (const auto& entry : KHOCHUNG_TRY(old.list(""))) {
      std::error_code error;
      fs::remove_all(partial / entry.name, error);
      if (error) return fail(error_of_errno(error.value(), "empty " + partial.string()));
    }
  }
  return BuildingFolder(std::move(target), std::move(partial), std::move(folder),
                        goes_on && earlier == Earlier::stays);
}

Result<PackageFile> BuildingFolder::create(const std::string& path,
                                           const std::vector<std::string>& algorithms) {
  if (!is_plain_path(path)) return fail(ErrorCode::bad_input, "not a plain path: " + path);
  const auto full = partial_ / path;
  std::error_code error;
  fs::create_directories(full.parent_path(), error);
  if (error) return fail(error_of_errno(error.value(), "make the folder of " + full.string()));
  // Never into what stands there: it could be a second name of something else.
  if (goes_on_ && ::unlink(full.c_str()) != 0 && errno != ENOENT) {
    return fail(error_of_errno(errno, "replace " + full.string()));
  }
  FileDescriptor file(
      ::open(full.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file.is_open() && errno == EEXIST) {
    return fail(ErrorCode::conflict, "a package would hold this twice: " + path);
  }
  if (!file.is_open()) return fail(error_of_errno(errno, "make " + full.string()));
  return PackageFile(full.string(), std::move(file), algorithms);
}

Result<PackageFile::Written> BuildingFolder::add(const std::string& path, std::string_view text,
                                                 const std::vector<std::string>& algorithms) {
  auto file = KHOCHUNG_TRY(create(path, algorithms));
  KHOCHUNG_CHECK(file.write(text));
  return file.finish();
}

Result<void> BuildingFolder::finish() {
  if (::syncfs(folder_.get()) != 0) return fail(error_of_errno(errno, "sync " + partial_.string()));
  if (::syscall(SYS_renameat2, AT_FDCWD, partial_.c_str(), AT_FDCWD, target_.c_str(),
                RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST)
      return fail(ErrorCode::conflict, "there is something at " + target_.string());
    if (errno != EINVAL && errno != ENOSYS) {
      return fail(error_of_errno(errno, "name " + target_.string()));
    }
    // Without the flag a folder replaces at most an empty one.
    if (::rename(partial_.c_str(), target_.c_str()) != 0) {
      return fail(error_of_errno(errno, "name " + target_.string()));
    }
  }
  const auto parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  const FileDescriptor above(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!above.is_open() || ::fsync(above.get()) != 0) {
    return fail(error_of_errno(errno, "sync " + parent.string()));
  }
  return {};
}

}  // namespace khochung::storage

#include "storage/uploads/part_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t read_step_bytes = 1U << 20U;

FileDescriptor open_file(const std::filesystem::path& path, int flags) {
  return FileDescriptor(
      uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR); }));
}

}  // namespace

Result<PartFile> PartFile::make(const std::filesystem::path& path) {
  auto descriptor = open_file(path, O_RDWR | O_CREAT | O_EXCL);
  if (!descriptor.is_open()) return fail(error_of_errno(errno, "make " + path.string()));
  const auto folder = open_file(path.parent_path(), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || uninterrupted([&] { return ::fsync(folder.get()); }) != 0)
    return fail(error_of_errno(errno, "sync " + path.parent_path().string()));
  return PartFile(path, std::move(descriptor), 0);
}

Result<PartFile> PartFile::open(const std::filesystem::path& path, std::uint64_t size_bytes,
                                bool is_whole) {
  auto descriptor = open_file(path, is_whole ? O_RDONLY : O_RDWR);
  struct stat info{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0)
    return fail(error_of_errno(errno, "open " + path.string()));
  const auto found = static_cast<std::uint64_t>(info.st_size);
  if (found < size_bytes || (is_whole && found != size_bytes))
    return fail(ErrorCode::corrupt, path.string() + " is not as long as was noted");
  PartFile file(path, std::move(descriptor), found);
  if (found > size_bytes) KHOCHUNG_CHECK(file.cut(size_bytes));
  return file;
}

Result<void> PartFile::append(std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto rest = bytes.subspan(done);
    const auto written = uninterrupted([&] {
      return ::pwrite(descriptor_.get(), rest.data(), rest.size(),
                      static_cast<off_t>(size_bytes_ + done));
    });
    if (written < 0) {
      const auto error = error_of_errno(errno, "write " + path_.string());
      KHOCHUNG_CHECK(cut(size_bytes_));
      return fail(error);
    }
    done += static_cast<std::size_t>(written);
  }
  if (hashed_bytes_ == size_bytes_) {
    hasher_.update(bytes);
    hashed_bytes_ += bytes.size();
  }
  size_bytes_ += bytes.size();
  return {};
}

Result<void> PartFile::cut(std::uint64_t size_bytes) {
  if (uninterrupted(
          [&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size_bytes)); }) != 0)
    return fail(error_of_errno(errno, "cut " + path_.string()));
  size_bytes_ = size_bytes;
  if (hashed_bytes_ > size_bytes) {
    hasher_ = ContentHasher();
    hashed_bytes_ = 0;
  }
  return {};
}

Result<void> PartFile::sync() {
  if (uninterrupted([&] { return ::fdatasync(descriptor_.get()); }) != 0)
    return fail(error_of_errno(errno, "sync " + path_.string()));
  return {};
}

Result<StagedFile> PartFile::stage() {
  if (!hash_) {
    const auto whole = KHOCHUNG_TRY(reader());
    whole.advise(POSIX_FADV_SEQUENTIAL);
    std::vector<std::byte> buffer(read_step_bytes);
    while (hashed_bytes_ < size_bytes_) {
      const auto count = KHOCHUNG_TRY(whole.read(hashed_bytes_, buffer));
      if (count == 0) return fail(ErrorCode::unavailable, path_.string() + " ends too early");
      hasher_.update(std::span(buffer).first(count));
      hashed_bytes_ += count;
    }
    hash_ = hasher_.finish();
  }
  // From here on it may be a blob, too.
  if (uninterrupted([&] { return ::fchmod(descriptor_.get(), S_IRUSR | S_IRGRP | S_IROTH); }) != 0)
    return fail(error_of_errno(errno, "close " + path_.string()));
  return StagedFile{path_, size_bytes_, *hash_};
}

Result<BlobReader> PartFile::reader() const {
  return open_again(descriptor_.get(), size_bytes_);
}

}  // namespace khochung::storage

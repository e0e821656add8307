#include "storage/blobs/unnamed_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

/// For file systems that know no O_TMPFILE (NFS, older overlays).
int make_and_unlink(const std::filesystem::path& folder) {
  std::string name = (folder / "khochung-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

Result<UnnamedFile> UnnamedFile::make(const std::filesystem::path& folder) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
    descriptor = make_and_unlink(folder);
  }
  if (descriptor < 0) return fail(error_of_errno(errno, "make a file in " + folder.string()));
  return UnnamedFile(FileDescriptor(descriptor));
}

Result<UnnamedFile> UnnamedFile::make() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (error) return fail(error_of_errno(error.value(), "find the folder for temporary files"));
  return make(folder);
}

Result<void> UnnamedFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written =
        uninterrupted([&] { return ::write(descriptor_.get(), bytes.data(), bytes.size()); });
    if (written < 0) return fail(error_of_errno(errno, "write a file for a while"));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_bytes_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

}  // namespace khochung::storage

#include "storage/backups/backup_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "storage/backups/places.hpp"
#include "storage/blobs/verify.hpp"

namespace khochung::storage {

Result<std::unique_ptr<BackupPlace>> BackupPlace::open(const std::string& address, Use use) {
  if (address.starts_with("s3://")) return open_s3_place(address, use);
  if (address.empty()) return fail(ErrorCode::bad_input, "say where the backup lies");
  return open_disk_place(std::filesystem::absolute(address).lexically_normal(), use);
}

Result<BackupFile> taken(const TemporaryFile& file, std::string path) {
  struct stat info{};
  FileDescriptor own(::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0));
  if (!own.is_open() || ::fstat(own.get(), &info) != 0)
    return fail(error_of_errno(errno, "look at " + file.path().string()));
  const BlobReader reader(own.release(), static_cast<std::uint64_t>(info.st_size));
  const auto fixity = KHOCHUNG_TRY(reread(reader));
  return BackupFile{std::move(path), fixity.found, fixity.size_bytes};
}

Result<BackupFile> keep_text(BackupPlace& place, std::string path, std::string_view text) {
  auto file = KHOCHUNG_TRY(place.begin());
  KHOCHUNG_CHECK(file.write(std::as_bytes(std::span(text))));
  BackupFile as{std::move(path), Digest::of(text), text.size()};
  KHOCHUNG_CHECK(place.keep(std::move(file), as));
  return as;
}

std::string backup_path_of_blob(const Digest& sha256) {
  const auto hex = sha256.hex();
  return "store/blobs/sha256/" + hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" + hex;
}

}  // namespace khochung::storage

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "storage/backups/places.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

constexpr mode_t only_its_owner_reads = 0400;

class DiskPlace final : public BackupPlace {
 public:
  DiskPlace(fs::path root, FileDescriptor folder)
      : root_(std::move(root)), folder_(std::move(folder)) {}

  Result<TemporaryFile> begin() override { return TemporaryFile::make(root_ / "tmp"); }

  Result<void> keep(TemporaryFile file, const BackupFile& as) override {
    const auto target = root_ / as.path;
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (error) return fail(error_of_errno(error.value(), "make the folder of " + target.string()));
    const bool is_named = ::fchmod(file.descriptor(), only_its_owner_reads) == 0 &&
                          ::rename(file.path().c_str(), target.c_str()) == 0;
    if (!is_named) return fail(error_of_errno(errno, "name " + target.string()));
    file.forget();
    return {};
  }

  [[nodiscard]] Result<BlobReader> open(const std::string& path) const override {
    const auto whole = root_ / path;
    FileDescriptor file(::open(whole.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat info{};
    if (!file.is_open() || ::fstat(file.get(), &info) != 0)
      return fail(error_of_errno(errno, "open " + whole.string()));
    if (!S_ISREG(info.st_mode)) return fail(ErrorCode::not_found, whole.string() + " is no file");
    return BlobReader(file.release(), static_cast<std::uint64_t>(info.st_size));
  }

  Result<void> remove(const std::string& path) override {
    const auto whole = root_ / path;
    if (::unlink(whole.c_str()) != 0 && errno != ENOENT)
      return fail(error_of_errno(errno, "remove " + whole.string()));
    // Refused where something else is in it.
    static_cast<void>(::rmdir(whole.parent_path().c_str()));
    return {};
  }

  Result<void> for_each_in(const std::string& folder, const Visit& visit) const override {
    std::error_code error;
    fs::recursive_directory_iterator entries(root_ / folder, error);
    if (error == std::errc::no_such_file_or_directory) return {};
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
      std::error_code ignored;
      if (!entries->is_regular_file(ignored)) continue;
      const auto path = entries->path().lexically_relative(root_).string();
      if (!visit(path, entries->file_size(ignored))) return {};
    }
    if (error) return fail(error_of_errno(error.value(), "list " + (root_ / folder).string()));
    return {};
  }

  Result<void> sync() override {
    if (::syncfs(folder_.get()) == 0) return {};
    return fail(error_of_errno(errno, "sync " + root_.string()));
  }

  [[nodiscard]] bool is_to_be_reread() const override { return true; }
  [[nodiscard]] std::string name() const override { return root_.string(); }

 private:
  fs::path root_;
  FileDescriptor folder_;  // holds the lock
};

Result<void> make_folders(const fs::path& folder) {
  std::error_code error;
  const bool is_new = !fs::exists(folder, error);
  fs::create_directories(folder / "tmp", error);
  if (error) return fail(error_of_errno(error.value(), "make " + folder.string()));
  if (is_new && ::chmod(folder.c_str(), 0700) != 0)
    return fail(error_of_errno(errno, "close " + folder.string() + " for others"));
  return {};
}

}  // namespace

Result<std::unique_ptr<BackupPlace>> open_disk_place(const fs::path& folder, BackupPlace::Use use) {
  const bool writes = use == BackupPlace::Use::writing;
  if (writes) KHOCHUNG_CHECK(make_folders(folder));
  FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open()) return fail(error_of_errno(errno, "open " + folder.string()));
  // Readers share it: a set is not changed while someone restores from it.
  if (::flock(descriptor.get(), (writes ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(error_of_errno(errno, "lock " + folder.string()));
    return fail(ErrorCode::locked, "another process uses the backup set " + folder.string());
  }
  if (writes) KHOCHUNG_TRY(sweep_temporary_files(folder / "tmp"));
  return std::make_unique<DiskPlace>(folder, std::move(descriptor));
}

}  // namespace khochung::storage

#include "storage/packages/foreign_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t step_bytes = 1U << 20U;

/// What the entry `name` of an open folder is; a link is a link.
FolderEntry::Kind kind_of(int folder, const dirent& entry) {
  auto type = entry.d_type;
  if (type == DT_UNKNOWN) {
    struct stat info{};
    if (::fstatat(folder, entry.d_name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
      type = static_cast<unsigned char>(IFTODT(info.st_mode));
    }
  }
  switch (type) {
    case DT_REG: return FolderEntry::Kind::file;
    case DT_DIR: return FolderEntry::Kind::folder;
    case DT_LNK: return FolderEntry::Kind::link;
    default: return FolderEntry::Kind::other;
  }
}

Error cannot_open(std::string_view path, int number) {
  const std::string what = "open " + std::string(path);
  if (number == ELOOP || number == ENOTDIR || number == ENAMETOOLONG || number == ENXIO) {
    return {ErrorCode::bad_input, what + ": a link, or not what it should be"};
  }
  return error_of_errno(number, what);
}

}  // namespace

bool is_plain_path(std::string_view path) {
  for (;;) {
    const auto slash = path.find('/');
    const auto name = path.substr(0, slash);
    if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string_view::npos)
      return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Result<std::uint64_t> for_each_step(
    const BlobReader& reader, const std::function<Result<void>(std::span<const std::byte>)>& use) {
  if (const auto descriptor = reader.descriptor())
    ::posix_fadvise(*descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<std::byte> buffer(std::min<std::uint64_t>(step_bytes, reader.size_bytes() + 1));
  std::uint64_t offset = 0;
  for (;;) {
    const auto count = KHOCHUNG_TRY(reader.read(offset, buffer));
    KHOCHUNG_CHECK(use(std::span(buffer).first(count)));
    offset += count;
    if (count < buffer.size()) return offset;
  }
}

Result<ForeignFolder> ForeignFolder::open(const std::filesystem::path& path) {
  FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return fail(cannot_open(path.native(), errno));
  return ForeignFolder(std::move(folder));
}

/// One name after another, so that no folder on the way can be a link.
Result<FileDescriptor> ForeignFolder::open_beneath(std::string_view path, int last_flags) const {
  if (!is_plain_path(path)) return fail(ErrorCode::bad_input, "not a path: " + std::string(path));
  FileDescriptor at;
  for (std::string_view rest = path; !rest.empty();) {
    const auto slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    const bool is_last = slash == std::string_view::npos;
    const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (is_last ? last_flags : O_DIRECTORY);
    FileDescriptor next(::openat(at.is_open() ? at.get() : folder_.get(), name.c_str(), flags));
    if (!next.is_open()) return fail(cannot_open(path, errno));
    at = std::move(next);
    rest = is_last ? std::string_view() : rest.substr(slash + 1);
  }
  return at;
}

Result<BlobReader> ForeignFolder::open_file(std::string_view path) const {
  // Without O_NONBLOCK a pipe would wait for its other end.
  auto file = KHOCHUNG_TRY(open_beneath(path, O_NONBLOCK));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail(cannot_open(path, errno));
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::bad_input, "not a regular file: " + std::string(path));
  }
  return BlobReader(file.release(), static_cast<std::uint64_t>(info.st_size));
}

Result<std::string> ForeignFolder::read_file(std::string_view path,
                                             std::uint64_t limit_bytes) const {
  return KHOCHUNG_TRY(open_file(path)).read_all(limit_bytes);
}

Result<std::vector<FolderEntry>> ForeignFolder::list(std::string_view path) const {
  auto folder =
      path.empty()
          ? FileDescriptor(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
          : KHOCHUNG_TRY(open_beneath(path, O_DIRECTORY));
  if (!folder.is_open()) return fail(cannot_open(path, errno));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(folder.get()), ::closedir);
  if (!stream) return fail(cannot_open(path, errno));
  folder.release();
  std::vector<FolderEntry> entries;
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (entry == nullptr && errno != 0) return fail(cannot_open(path, errno));
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entries.size() == max_entries_of_folder) {
      return fail(ErrorCode::too_large, "too many names in " + std::string(path));
    }
    entries.push_back({std::string(name), kind_of(::dirfd(stream.get()), *entry)});
  }
  std::ranges::sort(entries, {}, &FolderEntry::name);
  return entries;
}

Result<void> ForeignFolder::walk(const std::string& path, const Visit& visit) const {
  return walk(path, visit, 0);
}

Result<void> ForeignFolder::walk(const std::string& path, const Visit& visit,
                                 std::size_t depth) const {
  if (depth > max_depth) return fail(ErrorCode::too_large, "folders too deep: " + path);
  for (const auto& entry : KHOCHUNG_TRY(list(path))) {
    const auto below = path.empty() ? entry.name : path + "/" + entry.name;
    KHOCHUNG_CHECK(visit(below, entry.kind));
    if (entry.kind == FolderEntry::Kind::folder) KHOCHUNG_CHECK(walk(below, visit, depth + 1));
  }
  return {};
}

}  // namespace khochung::storage

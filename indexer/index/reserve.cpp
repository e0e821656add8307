#include "indexer/index/reserve.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "indexer/index/folder.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::index {
namespace {

constexpr std::string_view postings_name = "postlist.glass";
constexpr std::uint64_t block_bytes = 8192;
/// A term of a document, with its key where the term is new, in blocks that are half full.
constexpr std::uint64_t bytes_a_term = 64;
/// Of a document that is taken out nothing is known; most have no more.
constexpr std::uint64_t terms_taken_out = 1'000;
constexpr std::uint64_t least_bytes = 1U << 20U;

/// A changed block is written to another place, so a commit writes no more blocks anew than terms
/// change (those of the document before, too) nor than there are, branches beside them.
std::uint64_t most_bytes(const PendingChanges& pending, std::uint64_t present_bytes) {
  const auto changed = 2 * pending.terms + terms_taken_out * pending.documents;
  const auto anew = std::min(changed * block_bytes, present_bytes);
  return anew + anew / 4 + pending.terms * bytes_a_term + least_bytes;
}

Result<void> look_at_free_space(int descriptor, const std::filesystem::path& path,
                                std::uint64_t bytes) {
  struct statvfs info{};
  if (::fstatvfs(descriptor, &info) != 0) return failure(path, "look at free space of", errno);
  if (info.f_bavail * info.f_frsize < bytes) return failure(path, "make room for", ENOSPC);
  return {};
}

}  // namespace

Result<void> reserve(const std::filesystem::path& database, const PendingChanges& pending) {
  const auto path = database / postings_name;
  const storage::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  struct stat info{};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0) return failure(path, "open", errno);
  const auto bytes = most_bytes(pending, static_cast<std::uint64_t>(info.st_size));
  int outcome = 0;
  do {
    outcome = ::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, info.st_size, static_cast<off_t>(bytes));
  } while (outcome != 0 && errno == EINTR);
  if (outcome == 0) return {};
  if (errno == EOPNOTSUPP || errno == ENOSYS) return look_at_free_space(file.get(), path, bytes);
  return failure(path, "make room for", errno);
}

void give_back_reserve(const std::filesystem::path& database) {
  const auto path = database / postings_name;
  const storage::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  struct stat info{};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0) return;
  // What cannot be given back goes with the file.
  static_cast<void>(::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                info.st_size, std::int64_t{1} << 40));
}

}  // namespace khochung::index

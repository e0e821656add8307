#include "server/app/catalogue_swap.hpp"

#include <array>
#include <string_view>
#include <system_error>

namespace khochung::app {
namespace {

namespace fs = std::filesystem;

/// What SQLite keeps of one database. The file itself goes last: while it is there, so is the rest.
constexpr std::array<std::string_view, 3> parts_of_a_database{"-shm", "-wal", ""};

fs::path part_of(const fs::path& database, std::string_view part) {
  return database.string() + std::string(part);
}

Result<void> move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (error) return fail(storage::error_of_errno(error.value(), "move " + from.string()));
  return {};
}

Result<void> remove_database(const fs::path& database) {
  std::error_code error;
  for (const auto part : parts_of_a_database) {
    fs::remove(part_of(database, part), error);
    if (error) return fail(storage::error_of_errno(error.value(), "remove " + database.string()));
  }
  return {};
}

}  // namespace

Result<void> finish_catalogue(const DataPaths& paths, storage::SyncGroup& sync) {
  const auto unfinished = paths.unfinished_catalogue();
  // SQLite removes it with the last connection, when everything is in the database itself.
  std::error_code error;
  if (fs::exists(part_of(unfinished, "-wal"), error))
    return fail(ErrorCode::unavailable, "the new catalogue could not be closed");
  // An old -wal must not come to stand beside what is moved there now.
  KHOCHUNG_CHECK(remove_database(paths.old_catalogue()));
  KHOCHUNG_CHECK(sync.sync_folder(paths.root));
  KHOCHUNG_CHECK(move(unfinished, paths.finished_catalogue()));
  return sync.sync_folder(paths.root);
}

Result<void> put_catalogue_in_place(const DataPaths& paths, storage::SyncGroup& sync) {
  const auto finished = paths.finished_catalogue();
  std::error_code error;
  if (!fs::exists(finished, error)) return {};
  for (const auto part : parts_of_a_database)
    KHOCHUNG_CHECK(move(part_of(paths.catalogue(), part), part_of(paths.old_catalogue(), part)));
  KHOCHUNG_CHECK(sync.sync_folder(paths.root));
  KHOCHUNG_CHECK(move(finished, paths.catalogue()));
  return sync.sync_folder(paths.root);
}

}  // namespace khochung::app

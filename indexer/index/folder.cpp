#include "indexer/index/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <system_error>

namespace khochung::index {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view pointer_name = "current";

Result<void> sync_path(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return failure(path, "open", errno);
  const int outcome = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (outcome != 0) return failure(path, "fsync", error);
  return {};
}

Result<void> remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return failure(path, "remove", error.value());
  return {};
}

/// 0 for anything that is not a generation's name.
int generation_number(std::string_view name) {
  int number = 0;
  if (!name.starts_with('g')) return 0;
  const auto parsed = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size() ? number : 0;
}

std::string generation_name(int number) {
  const auto digits = std::to_string(number);
  return "g" + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

}  // namespace

tl::unexpected<Error> failure(const fs::path& path, std::string_view what, int error) {
  const auto code = error == ENOSPC || error == EDQUOT ? ErrorCode::disk_full
                    : error == ENOENT                  ? ErrorCode::not_found
                                                       : ErrorCode::unavailable;
  return fail(code,
              "index: " + std::string(what) + " " + path.string() + ": " + std::strerror(error));
}

Result<fs::path> current_generation(const fs::path& folder) {
  std::ifstream file(folder / pointer_name);
  std::string name;
  if (!std::getline(file, name)) return fail(ErrorCode::not_found, "index: no generation yet");
  if (generation_number(name) == 0)
    return fail(ErrorCode::corrupt, "index: current names " + name.substr(0, 40));
  return folder / name;
}

Result<fs::path> next_generation(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return failure(folder, "make", error.value());
  const auto current = current_generation(folder);
  if (!current && current.error().code == ErrorCode::unavailable) return fail(current.error());
  const int used = current ? generation_number(current->filename().string()) : 0;
  auto next = folder / generation_name(used + 1);
  KHOCHUNG_CHECK(remove_tree(next));
  return next;
}

Result<void> make_current(const fs::path& folder, const fs::path& generation) {
  KHOCHUNG_CHECK(sync_folder(folder));
  KHOCHUNG_CHECK(replace_file(folder / pointer_name, generation.filename().string() + '\n'));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto name = entry.path().filename();
    if (generation_number(name.string()) != 0 && name != generation.filename())
      KHOCHUNG_CHECK(remove_tree(entry.path()));
  }
  return {};
}

Result<void> replace_file(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = file.string() + ".new";
  {
    std::ofstream stream(temporary, std::ios::trunc | std::ios::binary);
    stream << bytes;
    if (!stream.flush()) return failure(temporary, "write", errno);
  }
  KHOCHUNG_CHECK(sync_path(temporary, O_RDONLY));
  if (::rename(temporary.c_str(), file.c_str()) != 0) return failure(file, "rename", errno);
  return sync_folder(file.parent_path());
}

Result<void> sync_folder(const fs::path& folder) {
  return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

Result<void> sync_files_of(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) KHOCHUNG_CHECK(sync_path(entry.path(), O_RDONLY));
  }
  if (error) return failure(folder, "list", error.value());
  return sync_folder(folder);
}

}  // namespace khochung::index

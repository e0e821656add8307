#include "indexer/workers/zip_package.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <utility>

namespace khochung::workers {
namespace {

constexpr int most_members = 10'000;
constexpr std::size_t most_bytes = std::size_t{192} << 20;
constexpr std::size_t step = std::size_t{256} << 10;

tl::unexpected<Error> damaged(archive* zip) {
  const char* said = archive_error_string(zip);
  return fail(ErrorCode::unsupported, "damaged_file", said == nullptr ? "libarchive" : said);
}

Result<std::string> read_member(archive* zip, std::size_t room) {
  std::string bytes;
  for (;;) {
    const auto end = bytes.size();
    bytes.resize(end + step);
    const auto count = archive_read_data(zip, bytes.data() + end, step);
    if (count < 0) return damaged(zip);
    bytes.resize(end + static_cast<std::size_t>(count));
    if (count == 0) return bytes;
    if (bytes.size() > room) return fail(ErrorCode::too_large, "too_many_parts", "member");
  }
}

}  // namespace

Result<ZipPackage> read_package(std::string_view zip,
                                const std::function<bool(std::string_view name)>& is_wanted) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> opened(archive_read_new(),
                                                                      &archive_read_free);
  archive_read_support_format_zip(opened.get());
  if (archive_read_open_memory(opened.get(), zip.data(), zip.size()) != ARCHIVE_OK) {
    return damaged(opened.get());
  }
  ZipPackage package;
  std::size_t room = most_bytes;
  archive_entry* entry = nullptr;
  for (int members = 0;; ++members) {
    const int status = archive_read_next_header(opened.get(), &entry);
    if (status == ARCHIVE_EOF) return package;
    if (status < ARCHIVE_WARN) return damaged(opened.get());
    if (members == most_members) return fail(ErrorCode::too_large, "too_many_parts", "members");
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || !is_wanted(name)) continue;
    if (archive_entry_is_encrypted(entry) != 0) {
      return fail(ErrorCode::unsupported, "encrypted_document", name);
    }
    auto bytes = KHOCHUNG_TRY(read_member(opened.get(), room));
    room -= bytes.size();
    package.insert_or_assign(name, std::move(bytes));
  }
}

}  // namespace khochung::workers

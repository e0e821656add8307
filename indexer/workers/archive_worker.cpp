// khochung-worker-archive: hands over the files of a ZIP, tar or 7z one by one, by libarchive.
// Nothing is ever unpacked to a path: names are data.
#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <clocale>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "indexer/workers/page_body.hpp"
#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;

constexpr std::size_t step = std::size_t{1} << 20;
constexpr int most_entries = 10'000;
constexpr std::size_t longest_name = 4096;
constexpr std::uint64_t most_bytes = std::uint64_t{64} << 30;
constexpr std::uint64_t largest_growth = 200;
constexpr std::uint64_t free_growth = 100'000'000;

SandboxProfile profile() {
  SandboxProfile profile;
  profile.cpu = std::chrono::seconds(1800);
  return profile;
}

/// What unpacking may give: counted as it comes, whatever headers claim.
std::uint64_t allowance() {
  struct stat facts{};
  ::fstat(0, &facts);
  const auto input = static_cast<std::uint64_t>(facts.st_size);
  return std::min(most_bytes,
                  std::min(input, most_bytes / largest_growth) * largest_growth + free_growth);
}

Result<Archive> open_archive() {
  Archive opened(archive_read_new(), &archive_read_free);
  archive* all = opened.get();
  archive_read_support_format_zip(all);
  archive_read_support_format_tar(all);
  archive_read_support_format_gnutar(all);
  archive_read_support_format_7zip(all);
  archive_read_support_filter_gzip(all);
  archive_read_support_filter_bzip2(all);
  archive_read_support_filter_xz(all);
  archive_read_support_filter_zstd(all);
  if (archive_read_open_fd(all, 0, step) != ARCHIVE_OK) {
    return bad_file("damaged_file", archive_error_string(all));
  }
  return opened;
}

Error reading_error(archive* all) {
  const char* said = archive_error_string(all);
  return {ErrorCode::unsupported, said == nullptr ? "libarchive gave up" : said, "damaged_file"};
}

/// The name as UTF-8, and as the bytes that the archive holds.
struct EntryName {
  std::string utf8;
  std::string raw;
};

EntryName name_of(archive_entry* entry) {
  EntryName name;
  if (const char* raw = archive_entry_pathname(entry); raw != nullptr) name.raw = raw;
  const char* utf8 = archive_entry_pathname_utf8(entry);
  name.utf8 = repaired_utf8(utf8 != nullptr ? utf8 : name.raw);
  if (name.raw.empty()) name.raw = name.utf8;
  name.utf8 = repaired_utf8(name.utf8.substr(0, longest_name));
  name.raw.resize(std::min(name.raw.size(), longest_name));
  return name;
}

/// Why an entry is passed over; empty: it is a file to hand over.
std::string_view why_skipped(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return "link";
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG: return archive_entry_is_encrypted(entry) != 0 ? "encrypted" : "";
    case AE_IFDIR: return "folder";
    case AE_IFLNK: return "link";
    default: return "device";
  }
}

class Unpacking {
 public:
  Unpacking(archive* all, FrameWriter& output) : all_(all), output_(output), left_(allowance()) {}

  Result<void> run() {
    archive_entry* entry = nullptr;
    for (;;) {
      const int status = archive_read_next_header(all_, &entry);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) return fail(reading_error(all_));
      if (++entries_ > most_entries) return bad_file("too_many_parts", "entries");
      KHOCHUNG_CHECK(take(entry));
    }
    if (has_encrypted_ && !has_files_) return bad_file("encrypted_archive", "every file is");
    return {};
  }

 private:
  Result<void> take(archive_entry* entry) {
    const auto why = why_skipped(entry);
    const auto name = name_of(entry);
    if (why == "folder") return {};
    if (!why.empty()) {
      has_encrypted_ = has_encrypted_ || why == "encrypted";
      output_.write({{"kind", "skipped"}, {"name", name.utf8}, {"why", why}}, name.raw);
      return {};
    }
    has_files_ = true;
    const auto stated = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
    output_.write({{"kind", "entry"},
                   {"name", name.utf8},
                   {"name_is_utf8", is_utf8(name.raw)},
                   {"size", stated}},
                  name.raw);
    return copy_bytes();
  }

  Result<void> copy_bytes() {
    std::uint64_t size = 0;
    for (;;) {
      const auto count = archive_read_data(all_, buffer_.data(), buffer_.size());
      if (count < 0) return fail(reading_error(all_));
      if (count == 0) break;
      const auto bytes = static_cast<std::uint64_t>(count);
      if (bytes > left_) return bad_file("too_many_parts", "unpacks too large");
      left_ -= bytes;
      size += bytes;
      output_.write({{"kind", "bytes"}}, std::string_view(buffer_).substr(0, bytes));
    }
    output_.write({{"kind", "entry_end"}, {"size", size}});
    return {};
  }

  archive* all_;
  FrameWriter& output_;
  std::uint64_t left_;
  std::string buffer_ = std::string(step, '\0');
  int entries_ = 0;
  bool has_files_ = false;
  bool has_encrypted_ = false;
};

Result<void> work(const JsonReader& /*request*/, FrameWriter& output) {
  const auto opened = KHOCHUNG_TRY(open_archive());
  return Unpacking(opened.get(), output).run();
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  // Without it libarchive gives no name at all for names that are UTF-8.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}

#include "storage/derivatives/derivative_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "storage/derivatives/reading_file.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view reading_name = "reading";
/// Most readings of a letter are shorter: one read takes them whole.
constexpr std::size_t first_read_bytes = 32U << 10U;
/// A rendition up to this size is checked whole at each opening; a larger one is synced when it is
/// written, and only its end is looked at.
constexpr std::size_t small_rendition_bytes = 1U << 20U;

/// What ends a rendition's file.
struct Trailer {
  std::array<char, 4> magic{'K', 'C', 'R', '1'};
  std::uint32_t crc = 0;
  std::uint64_t size_bytes = 0;
  bool operator==(const Trailer&) const = default;
};
static_assert(sizeof(Trailer) == 16);

bool is_rendition_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' && name != reading_name &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

Result<BlobReader> open_file(const fs::path& path) {
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0) {
    return fail(error_of_errno(errno, "open " + path.string()));
  }
  return BlobReader(descriptor.release(), static_cast<std::uint64_t>(info.st_size));
}

/// A reading's file, opened, with its head read.
class OpenReading {
 public:
  static Result<OpenReading> open(const fs::path& path) {
    OpenReading opened(KHOCHUNG_TRY(open_file(path)));
    opened.start_.resize(std::min<std::uint64_t>(first_read_bytes, opened.file_.size_bytes()));
    KHOCHUNG_TRY(opened.file_.read(0, std::as_writable_bytes(std::span(opened.start_))));
    const auto length = KHOCHUNG_TRY(reading_file::head_length(opened.start_));
    if (length > opened.start_.size()) {
      opened.start_.resize(length);
      KHOCHUNG_TRY(opened.file_.read(0, std::as_writable_bytes(std::span(opened.start_))));
    }
    opened.head_ = KHOCHUNG_TRY(reading_file::decode_head(opened.start_));
    opened.head_bytes_ = length;
    return opened;
  }

  [[nodiscard]] const reading_file::Head& head() const { return head_; }
  [[nodiscard]] std::size_t head_bytes() const { return head_bytes_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return file_.size_bytes(); }

  Result<std::string> text(const reading_file::PagePlace& place) const {
    return reading_file::decode_text(place, KHOCHUNG_TRY(bytes(place.text_at, place.text_bytes)));
  }
  Result<PageText> page(const reading_file::PagePlace& place) const {
    auto page_text = KHOCHUNG_TRY(text(place));
    const auto details = KHOCHUNG_TRY(bytes(place.details_at, place.details_bytes));
    return reading_file::decode_page(place, std::move(page_text), details);
  }
  /// Reads all texts at once: they lie together.
  Result<void> take_texts() {
    if (head_.pages.empty()) return {};
    const auto end = head_.pages.back().text_at + head_.pages.back().text_bytes;
    if (end <= start_.size() || end > file_.size_bytes()) return {};
    const auto had = start_.size();
    start_.resize(end);
    KHOCHUNG_TRY(file_.read(had, std::as_writable_bytes(std::span(start_)).subspan(had)));
    return {};
  }

 private:
  explicit OpenReading(BlobReader file) : file_(std::move(file)) {}

  Result<std::string> bytes(std::uint64_t offset, std::uint32_t length) const {
    if (offset > file_.size_bytes() || length > file_.size_bytes() - offset) {
      return fail(ErrorCode::not_found, "a damaged reading: a part lies beyond its end");
    }
    if (offset + length <= start_.size()) return start_.substr(offset, length);
    std::string part(length, '\0');
    part.resize(KHOCHUNG_TRY(file_.read(offset, std::as_writable_bytes(std::span(part)))));
    return part;
  }

  BlobReader file_;
  std::string start_;
  std::size_t head_bytes_ = 0;
  reading_file::Head head_;
};

/// Every part of a reading, and that nothing stands between or behind them.
Result<void> check_reading(const fs::path& path) {
  auto file = KHOCHUNG_TRY(OpenReading::open(path));
  KHOCHUNG_CHECK(file.take_texts());
  std::uint64_t bytes = file.head_bytes();
  for (const auto& place : file.head().pages) {
    KHOCHUNG_TRY(file.page(place));
    bytes += place.text_bytes + place.details_bytes;
  }
  if (bytes != file.size_bytes()) return fail(ErrorCode::not_found, "a reading of another length");
  return {};
}

/// A rendition's bytes against the sum at its end, whatever its size.
Result<void> check_rendition(const fs::path& path) {
  const auto file = KHOCHUNG_TRY(open_file(path));
  const auto bytes = KHOCHUNG_TRY(file.read_all(file.size_bytes()));
  if (bytes.size() < sizeof(Trailer)) return fail(ErrorCode::not_found, "a cut rendition");
  const auto content = std::string_view(bytes).substr(0, bytes.size() - sizeof(Trailer));
  Trailer expected{.crc = reading_file::crc_of(content), .size_bytes = content.size()};
  if (std::memcmp(&expected, bytes.data() + content.size(), sizeof expected) != 0)
    return fail(ErrorCode::not_found, "a damaged rendition");
  return {};
}

}  // namespace

DerivativeStore::DerivativeStore(fs::path folder) : folder_(std::move(folder)) {
  // Nothing is there yet, or it cannot be read: what follows will say so.
  static_cast<void>(sweep_temporary_files(folder_ / "tmp"));
}

fs::path DerivativeStore::path_of(const Digest& source, std::string_view name) const {
  const auto hex = source.hex();
  return folder_ / hex.substr(0, 2) / hex.substr(2, 2) / (hex + "." + std::string(name));
}

Result<void> DerivativeStore::write(
    const fs::path& path, std::initializer_list<std::span<const std::byte>> pieces) const {
  std::error_code error;
  auto made = TemporaryFile::make(folder_ / "tmp");
  if (!made && made.error().code == ErrorCode::not_found) {
    fs::create_directories(folder_ / "tmp", error);
    if (error) return fail(error_of_errno(error.value(), "make " + folder_.string()));
  }
  auto file = made ? *std::move(made) : KHOCHUNG_TRY(TemporaryFile::make(folder_ / "tmp"));
  for (const auto piece : pieces) KHOCHUNG_CHECK(file.write(piece));
  if (file.size_bytes() > small_rendition_bytes && ::fsync(file.descriptor()) != 0) {
    return fail(error_of_errno(errno, "fsync " + path.string()));
  }
  if (::rename(file.path().c_str(), path.c_str()) != 0) {
    fs::create_directories(path.parent_path(), error);
    if (error) return fail(error_of_errno(error.value(), "make the folder of " + path.string()));
    if (::rename(file.path().c_str(), path.c_str()) != 0) {
      return fail(error_of_errno(errno, "name " + path.string()));
    }
  }
  file.forget();
  return {};
}

Result<void> DerivativeStore::put_reading(const Digest& source, const Reading& reading) {
  const auto bytes = reading_file::encode(reading);
  return write(path_of(source, reading_name), {std::as_bytes(std::span(bytes))});
}

Result<Reading> DerivativeStore::reading(const Digest& source) const {
  auto file = KHOCHUNG_TRY(OpenReading::open(path_of(source, reading_name)));
  const auto& outline = file.head().outline;
  Reading reading{outline.recipe, outline.language, outline.has_pages, outline.is_ocr, {}};
  KHOCHUNG_CHECK(file.take_texts());
  for (const auto& place : file.head().pages) {
    reading.pages.push_back(KHOCHUNG_TRY(file.page(place)));
  }
  return reading;
}

Result<DerivativeStore::Outline> DerivativeStore::outline(const Digest& source) const {
  return KHOCHUNG_TRY(OpenReading::open(path_of(source, reading_name))).head().outline;
}

Result<PageText> DerivativeStore::page(const Digest& source, int number) const {
  const auto file = KHOCHUNG_TRY(OpenReading::open(path_of(source, reading_name)));
  if (number < 1 || number > file.head().outline.page_count) {
    return fail(ErrorCode::not_found, "no page " + std::to_string(number));
  }
  return file.page(file.head().pages[static_cast<std::size_t>(number) - 1]);
}

Result<std::vector<std::string>> DerivativeStore::page_texts(const Digest& source) const {
  auto file = KHOCHUNG_TRY(OpenReading::open(path_of(source, reading_name)));
  KHOCHUNG_CHECK(file.take_texts());
  std::vector<std::string> texts;
  texts.reserve(file.head().pages.size());
  for (const auto& place : file.head().pages) texts.push_back(KHOCHUNG_TRY(file.text(place)));
  return texts;
}

Result<void> DerivativeStore::remove_reading(const Digest& source) {
  const auto path = path_of(source, reading_name);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail(error_of_errno(errno, "remove " + path.string()));
  }
  return {};
}

Result<void> DerivativeStore::put_rendition(const Digest& source, std::string_view name,
                                            std::span<const std::byte> bytes) {
  if (!is_rendition_name(name)) {
    return fail(ErrorCode::bad_input, "no name for a rendition: " + std::string(name));
  }
  Trailer trailer;
  trailer.crc = reading_file::crc_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  trailer.size_bytes = bytes.size();
  return write(path_of(source, name), {bytes, std::as_bytes(std::span(&trailer, 1))});
}

Result<BlobReader> DerivativeStore::rendition(const Digest& source, std::string_view name) const {
  if (!is_rendition_name(name)) return fail(ErrorCode::not_found, "no such rendition");
  auto file = KHOCHUNG_TRY(open_file(path_of(source, name)));
  const auto damaged = fail(ErrorCode::not_found, "a damaged rendition: " + std::string(name));
  if (file.size_bytes() < sizeof(Trailer)) return damaged;
  const auto size_bytes = file.size_bytes() - sizeof(Trailer);
  Trailer found;
  KHOCHUNG_TRY(file.read(size_bytes, std::as_writable_bytes(std::span(&found, 1))));
  Trailer expected{.crc = found.crc, .size_bytes = size_bytes};
  if (size_bytes <= small_rendition_bytes) {
    std::string bytes(size_bytes, '\0');
    KHOCHUNG_TRY(file.read(0, std::as_writable_bytes(std::span(bytes))));
    expected.crc = reading_file::crc_of(bytes);
  }
  if (found != expected) return damaged;
  return open_again(*file.descriptor(), size_bytes);
}

Result<void> DerivativeStore::for_each_in(std::uint8_t slice,
                                          const std::function<bool(const Found&)>& visit) const {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t hex_length = 64;
  std::error_code error;
  fs::recursive_directory_iterator entries(
      folder_ / std::string{digits[slice >> 4U], digits[slice & 15U]}, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().native();
    if (name.size() <= hex_length + 1 || name[hex_length] != '.') continue;
    const auto source = Digest::parse(std::string_view(name).substr(0, hex_length));
    if (!source || !entries->is_regular_file(error)) continue;
    const auto size_bytes = entries->file_size(error);
    if (error) break;
    if (!visit({entries->path(), *source, name.substr(hex_length + 1), size_bytes})) return {};
  }
  if (error) return fail(error_of_errno(error.value(), "list derivatives"));
  return {};
}

Result<bool> DerivativeStore::is_whole(const Found& found) {
  const auto outcome =
      found.name == reading_name ? check_reading(found.path) : check_rendition(found.path);
  if (outcome) return true;
  // The readers call what is damaged not found: it will be made again.
  if (outcome.error().code == ErrorCode::not_found) return false;
  return fail(outcome.error());
}

Result<void> DerivativeStore::remove(const Found& found) {
  if (::unlink(found.path.c_str()) != 0 && errno != ENOENT)
    return fail(error_of_errno(errno, "remove " + found.path.string()));
  return {};
}

Result<void> DerivativeStore::remove_all(const Digest& source) const {
  const auto folder = path_of(source, reading_name).parent_path();
  const auto prefix = source.hex() + ".";
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().native().starts_with(prefix)) continue;
    KHOCHUNG_CHECK(remove({entry->path(), source, {}, 0}));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return fail(error_of_errno(error.value(), "list " + folder.string()));
  return {};
}

}  // namespace khochung::storage

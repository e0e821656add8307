#include "storage/audit/chain_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "storage/audit/event.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

/// What is read at once: little at first, since a search looks at one line and goes elsewhere.
constexpr std::size_t first_block_bytes = 4096;
constexpr std::size_t block_bytes = 1 << 18;
constexpr std::string_view ending = ".jsonl";

struct OpenFile {
  FileDescriptor descriptor;
  std::uint64_t size_bytes = 0;
};

Result<OpenFile> open_to_read(const fs::path& path) {
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0) {
    return fail(error_of_errno(errno, "open " + path.string()));
  }
  return OpenFile{std::move(descriptor), static_cast<std::uint64_t>(info.st_size)};
}

/// Reads up to `size` bytes; fewer only at the end of the file.
Result<std::size_t> read_at(int descriptor, char* to, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const auto count =
        ::pread(descriptor, to + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(error_of_errno(errno, "read the audit chain"));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string AuditFileName::text() const {
  return month + "-" + std::to_string(number) + std::string(ending);
}

std::optional<AuditFileName> AuditFileName::parse(std::string_view text) {
  constexpr std::size_t month_bytes = 7;
  if (text.size() <= month_bytes + 1 + ending.size() || !text.ends_with(ending)) return {};
  text.remove_suffix(ending.size());
  const auto digits = text.substr(month_bytes + 1);
  if (!are_digits(text.substr(0, 4)) || text[4] != '-' || !are_digits(text.substr(5, 2)) ||
      text[month_bytes] != '-' || !are_digits(digits) || digits[0] == '0' || digits.size() > 9) {
    return {};
  }
  AuditFileName name{std::string(text.substr(0, month_bytes)), 0};
  std::from_chars(digits.data(), digits.data() + digits.size(), name.number);
  return name;
}

AuditFileName name_after(const std::optional<AuditFileName>& before, std::string_view month) {
  if (!before || month > before->month) return {std::string(month), 1};
  return {before->month, before->number + 1};
}

bool begins_new_file(const AuditFileName& name, std::uint64_t size_bytes, std::string_view month,
                     std::uint64_t line_bytes, std::uint64_t max_file_bytes) {
  return size_bytes > 0 && (month > name.month || size_bytes + line_bytes > max_file_bytes);
}

Result<AuditFolder> list_audit_folder(const fs::path& folder) {
  AuditFolder found;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error == std::errc::no_such_file_or_directory) return found;
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const auto name = entries->path().filename().string();
    if (auto parsed = AuditFileName::parse(name)) {
      found.files.push_back(std::move(*parsed));
    } else if (name.ends_with(ending) && name != checkpoints_name) {
      found.stray = name;
    }
  }
  if (error) return fail(error_of_errno(error.value(), "list " + folder.string()));
  std::ranges::sort(found.files);
  return found;
}

Result<std::string> read_small_file(const fs::path& path, std::uint64_t max_bytes) {
  const auto file = KHOCHUNG_TRY(open_to_read(path));
  if (file.size_bytes > max_bytes) {
    return fail(ErrorCode::too_large, path.string() + ": larger than such a file is");
  }
  std::string text(file.size_bytes, '\0');
  text.resize(KHOCHUNG_TRY(read_at(file.descriptor.get(), text.data(), text.size(), 0)));
  return text;
}

// -- LineReader

LineReader::LineReader(FileDescriptor descriptor, std::uint64_t begin, std::uint64_t end,
                       std::uint64_t file_bytes)
    : descriptor_(std::move(descriptor)),
      end_(end),
      file_bytes_(file_bytes),
      buffer_(first_block_bytes, '\0'),
      next_begin_(begin) {}

Result<LineReader> LineReader::open(const fs::path& path, std::uint64_t begin, std::uint64_t end) {
  auto file = KHOCHUNG_TRY(open_to_read(path));
  return LineReader(std::move(file.descriptor), begin, end, file.size_bytes);
}

/// Moves what is left to the front and reads behind it; false when nothing more came.
Result<bool> LineReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + used_, filled_ - used_);
  filled_ -= used_;
  used_ = 0;
  buffer_.resize(std::min(2 * buffer_.size(), block_bytes));
  const auto count = KHOCHUNG_TRY(read_at(descriptor_.get(), buffer_.data() + filled_,
                                          buffer_.size() - filled_, next_begin_ + filled_));
  filled_ += count;
  return count > 0;
}

Result<bool> LineReader::next() {
  if (next_begin_ >= end_) return false;
  const auto line_feed = [this] {
    return std::memchr(buffer_.data() + used_, '\n', filled_ - used_);
  };
  const auto* found = line_feed();
  while (found == nullptr && KHOCHUNG_TRY(fill())) found = line_feed();
  is_whole_ = found != nullptr;
  const char* begin = buffer_.data() + used_;
  const auto length = is_whole_ ? static_cast<std::size_t>(static_cast<const char*>(found) - begin)
                                : filled_ - used_;
  if (!is_whole_ && length == 0) return false;
  line_ = {begin, length};
  is_whole_ = is_whole_ && length <= max_audit_line_bytes;
  line_begin_ = next_begin_;
  const auto taken = length + (found != nullptr ? 1 : 0);
  used_ += taken;
  next_begin_ += taken;
  return true;
}

// -- the end of a file

Result<FileEnd> end_of_file(const fs::path& path) {
  const auto file = KHOCHUNG_TRY(open_to_read(path));
  const auto wanted = std::min<std::uint64_t>(file.size_bytes, 3 * (max_audit_line_bytes + 1));
  std::string tail(wanted, '\0');
  const auto from = file.size_bytes - wanted;
  tail.resize(KHOCHUNG_TRY(read_at(file.descriptor.get(), tail.data(), tail.size(), from)));
  FileEnd end;
  const auto last = tail.rfind('\n');
  if (last == std::string::npos && from > 0) {
    return fail(ErrorCode::corrupt, path.filename().string() + ": its end is no line");
  }
  const auto whole = last == std::string::npos ? 0 : last + 1;
  end.whole = from + whole;
  end.cut_bytes = tail.size() - whole;
  const auto take_last_line = [&tail](std::size_t line_end) {
    const auto before = line_end < 2 ? std::string::npos : tail.rfind('\n', line_end - 2);
    return before == std::string::npos ? 0 : before + 1;
  };
  if (whole == 0) return end;
  const auto line = take_last_line(whole);
  end.line = tail.substr(line, whole - 1 - line);
  if (line > 0) {
    const auto before = take_last_line(line);
    end.before = tail.substr(before, line - 1 - before);
  }
  return end;
}

std::uint64_t line_number_at(const fs::path& path, std::uint64_t offset) {
  auto reader = LineReader::open(path);
  std::uint64_t number = 1;
  while (reader && reader->end() < offset) {
    const auto more = reader->next();
    if (!more || !*more) break;
    ++number;
  }
  return number;
}

}  // namespace khochung::storage

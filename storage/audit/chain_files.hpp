#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "storage/file_descriptor.hpp"

/// How the chain lies in files: names, the rule when a new one begins, reading line by line.
namespace khochung::storage {

/// No file of entries is larger. Part of the format: the rule where a file ends proves that no
/// line was moved to its neighbour.
constexpr std::uint64_t audit_file_bytes = 64U << 20U;
constexpr std::string_view checkpoints_name = "checkpoints.jsonl";

/// <yyyy-mm>-<n>.jsonl; in the order of the chain.
struct AuditFileName {
  std::string month;
  unsigned number = 1;
  [[nodiscard]] std::string text() const;
  /// Nothing when `text` is no such name.
  static std::optional<AuditFileName> parse(std::string_view text);
  auto operator<=>(const AuditFileName&) const = default;
};

/// What the file is called that begins with an entry of `month`, after the file `before`.
AuditFileName name_after(const std::optional<AuditFileName>& before, std::string_view month);

/// Whether a line of `line_bytes` (with its line feed) begins a new file after `size_bytes` of
/// `name`: its month is a later one, or it does not fit.
bool begins_new_file(const AuditFileName& name, std::uint64_t size_bytes, std::string_view month,
                     std::uint64_t line_bytes, std::uint64_t max_file_bytes);

struct AuditFolder {
  std::vector<AuditFileName> files;  ///< in order
  std::string stray;                 ///< a name in *.jsonl that has no place in the chain, or empty
};
/// A folder that does not exist is empty. Errors: unavailable.
Result<AuditFolder> list_audit_folder(const std::filesystem::path& folder);

/// Errors: not_found; too_large; unavailable.
Result<std::string> read_small_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Reads a part of a file line by line, in blocks.
/// Threads: one at a time.
class LineReader {
 public:
  /// Lines that begin in [begin, end); `begin` is the beginning of a line.
  /// Errors: not_found; unavailable.
  static Result<LineReader> open(const std::filesystem::path& path, std::uint64_t begin = 0,
                                 std::uint64_t end = UINT64_MAX);

  /// Goes to the next line; false at the end. Errors: unavailable.
  Result<bool> next();
  /// The line, without its line feed; valid until next().
  [[nodiscard]] std::string_view line() const { return line_; }
  /// Whether it ends in a line feed. The last one of a file may not; one that is longer than any
  /// line may be counts as such a one, too.
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  /// Where the line begins in its file.
  [[nodiscard]] std::uint64_t begin() const { return line_begin_; }
  /// Where the next line begins.
  [[nodiscard]] std::uint64_t end() const { return next_begin_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  LineReader(FileDescriptor descriptor, std::uint64_t begin, std::uint64_t end,
             std::uint64_t file_bytes);
  Result<bool> fill();

  FileDescriptor descriptor_;
  std::uint64_t end_;
  std::uint64_t file_bytes_;
  std::string buffer_;
  std::size_t used_ = 0;    ///< of the buffer: lines given out
  std::size_t filled_ = 0;  ///< of the buffer: bytes read
  std::uint64_t next_begin_;
  std::uint64_t line_begin_ = 0;
  std::string_view line_;
  bool is_whole_ = false;
};

/// The last whole lines of a file, and what a crash may have left behind them.
struct FileEnd {
  std::string line;             ///< the last whole line; empty when there is none
  std::string before;           ///< the one before it; empty when there is none
  std::uint64_t whole = 0;      ///< bytes up to the end of the last whole line
  std::uint64_t cut_bytes = 0;  ///< bytes behind it
};
/// Reads nothing but the end. Errors: not_found; corrupt (longer than a line may be); unavailable.
Result<FileEnd> end_of_file(const std::filesystem::path& path);

/// The number (from 1) of the line that begins at or after `offset`: for messages; reads the file.
std::uint64_t line_number_at(const std::filesystem::path& path, std::uint64_t offset);

}  // namespace khochung::storage

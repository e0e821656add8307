#include "indexer/index/metadata.hpp"

#include <charconv>
#include <string>

#include "indexer/index/terms.hpp"

namespace khochung::index {
namespace {
constexpr const char* format_key = "khochung.format";
constexpr const char* mark_key = "khochung.mark";
}  // namespace

void set_format(Xapian::WritableDatabase& database) {
  database.set_metadata(format_key, std::string(format_version));
}

Result<void> check_format(const Xapian::Database& database) {
  const auto found = database.get_metadata(format_key);
  if (found == format_version) return {};
  return fail(ErrorCode::corrupt,
              "index: its format is \"" + found + "\", not " + std::string(format_version));
}

void set_mark(Xapian::WritableDatabase& database, std::int64_t mark) {
  database.set_metadata(mark_key, std::to_string(mark));
}

std::int64_t mark_of(const Xapian::Database& database) {
  const auto text = database.get_metadata(mark_key);
  std::int64_t mark = 0;
  std::from_chars(text.data(), text.data() + text.size(), mark);
  return mark;
}

}  // namespace khochung::index

#include "indexer/workers/page_body.hpp"

#include <algorithm>
#include <cstdint>

#include "schemas/little_endian.hpp"

namespace khochung::workers {
namespace {

constexpr std::size_t max_word_bytes = 1024;
constexpr std::size_t smallest_word = 2 + 16 + 1;

/// Length of the well-formed character that `bytes` begins with; 0: none does.
std::size_t character_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto follows = [&](std::size_t i, unsigned low, unsigned high) {
    return i < bytes.size() && byte(i) >= low && byte(i) <= high;
  };
  const auto first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  if (first < 0xE0) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if (first < 0xF0) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  const unsigned low = first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
  return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
}

/// Takes pieces off the front of hostile bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool holds(std::size_t count) const { return bytes_.size() >= count; }
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }
  template <typename Number>
  Number number() {
    const auto value = little_endian_at<Number>(bytes_);
    bytes_.remove_prefix(sizeof(Number));
    return value;
  }
  std::string_view text(std::size_t count) {
    const auto taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

 private:
  std::string_view bytes_;
};

Result<storage::PageWord> decode_word(Reader& reader, int width, int height) {
  if (!reader.holds(smallest_word)) return fail(ErrorCode::bad_input, "page body cut off");
  const std::size_t length = reader.number<std::uint16_t>();
  if (!reader.holds(length + 17)) return fail(ErrorCode::bad_input, "page body cut off");
  storage::PageWord word;
  word.text = reader.text(length);
  const auto side = [&] { return static_cast<std::int32_t>(reader.number<std::uint32_t>()); };
  const std::int64_t x = side();
  const std::int64_t y = side();
  const std::int64_t w = side();
  const std::int64_t h = side();
  word.confidence = reader.number<std::uint8_t>();
  if (word.confidence > 100 || !is_utf8(word.text)) return fail(ErrorCode::bad_input, "word");
  const auto cut = [](std::int64_t value, int limit) {
    return static_cast<int>(std::clamp<std::int64_t>(value, 0, limit));
  };
  word.x = cut(x, width);
  word.y = cut(y, height);
  word.w = std::max(0, cut(x + w, width) - word.x);
  word.h = std::max(0, cut(y + h, height) - word.y);
  return word;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto length = character_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string repaired_utf8(std::string_view bytes) {
  std::string repaired;
  repaired.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto length = character_length(bytes);
    if (length > 0) {
      repaired.append(bytes.substr(0, length));
    } else if (bytes.front() != '\0') {
      repaired.append("\xEF\xBF\xBD");
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return repaired;
}

std::string encode_page(std::string_view text, const std::vector<storage::PageWord>& words) {
  std::string body;
  body.reserve(text.size() * 2 + words.size() * smallest_word + 8);
  append_little_endian(body, static_cast<std::uint32_t>(text.size()));
  body.append(text);
  append_little_endian(body, static_cast<std::uint32_t>(words.size()));
  for (const auto& word : words) {
    const auto kept = word.text.size() > max_word_bytes ? std::string() : word.text;
    append_little_endian(body, static_cast<std::uint16_t>(kept.size()));
    body.append(kept);
    for (const auto side : {word.x, word.y, word.w, word.h}) {
      append_little_endian(body, static_cast<std::uint32_t>(side));
    }
    append_little_endian(body, static_cast<std::uint8_t>(std::clamp(word.confidence, 0, 100)));
  }
  return body;
}

Result<storage::PageText> decode_page(std::string_view body, int width, int height) {
  Reader reader(body);
  if (!reader.holds(4)) return fail(ErrorCode::bad_input, "page body cut off");
  const std::size_t length = reader.number<std::uint32_t>();
  if (!reader.holds(length + 4)) return fail(ErrorCode::bad_input, "page body cut off");
  storage::PageText page;
  page.width = width;
  page.height = height;
  page.text = reader.text(length);
  if (!is_utf8(page.text)) return fail(ErrorCode::bad_input, "page text is not UTF-8");
  const std::size_t words = reader.number<std::uint32_t>();
  if (!reader.holds(words * smallest_word)) return fail(ErrorCode::bad_input, "word count");
  page.words.reserve(words);
  for (std::size_t i = 0; i < words; ++i) {
    page.words.push_back(KHOCHUNG_TRY(decode_word(reader, width, height)));
  }
  if (!reader.is_empty()) return fail(ErrorCode::bad_input, "bytes after the words");
  return page;
}

}  // namespace khochung::workers

#include "storage/derivatives/reading_file.hpp"

#include <libdeflate.h>

#include <bit>
#include <concepts>
#include <cstring>
#include <type_traits>

namespace khochung::storage::reading_file {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

constexpr std::string_view magic = "KCREAD1\n";
constexpr std::size_t page_place_bytes = 44;
constexpr std::size_t longest_head_bytes = 64U << 20U;
constexpr std::uint32_t flag_has_pages = 1;
constexpr std::uint32_t flag_is_ocr = 2;

class Encoder {
 public:
  template <std::integral T>
  void number(T value) {
    std::array<char, sizeof(T)> raw{};
    std::memcpy(raw.data(), &value, sizeof(T));
    bytes_.append(raw.data(), raw.size());
  }
  /// Seven bits a byte, the sign in the lowest bit: words are many and their numbers small.
  void small(std::int64_t value) {
    auto rest = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
    for (; rest >= 0x80; rest >>= 7U) bytes_ += static_cast<char>(rest | 0x80U);
    bytes_ += static_cast<char>(rest);
  }
  void text(std::string_view value) {
    small(static_cast<std::int64_t>(value.size()));
    bytes_ += value;
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what an Encoder wrote; after the first step beyond the end everything is empty and
/// is_whole() is false.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  template <std::integral T>
  T number() {
    T value{};
    const auto raw = take(sizeof(T));
    if (raw.size() == sizeof(T)) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  std::int64_t small() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = number<std::uint8_t>();
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
    }
    is_whole_ = false;
    return 0;
  }
  std::string text() {
    const auto length = small();
    return length < 0 ? std::string(take(std::string_view::npos))
                      : std::string(take(static_cast<std::size_t>(length)));
  }
  int integer() { return static_cast<int>(small()); }
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view take(std::size_t length) {
    if (length > rest_.size()) {
      is_whole_ = false;
      rest_ = {};
      return {};
    }
    const auto piece = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return piece;
  }

  std::string_view rest_;
  bool is_whole_ = true;
};

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::not_found, "a damaged reading: " + std::string(what));
}

std::string details_of(const PageText& page) {
  Encoder encoder;
  encoder.text(page.raw_text);
  encoder.small(static_cast<std::int64_t>(page.words.size()));
  for (const auto& word : page.words) {
    encoder.text(word.text);
    for (const int value : {word.x, word.y, word.w, word.h, word.confidence}) encoder.small(value);
  }
  return encoder.take();
}

std::string head_of(const Reading& reading, const std::vector<PagePlace>& pages) {
  Encoder encoder;
  encoder.number(static_cast<std::uint32_t>(pages.size()));
  encoder.number<std::uint32_t>((reading.has_pages ? flag_has_pages : 0) |
                                (reading.is_ocr ? flag_is_ocr : 0));
  for (const auto& page : pages) {
    encoder.number(page.text_at);
    encoder.number(page.details_at);
    for (const auto value :
         {page.text_bytes, page.details_bytes, page.text_crc, page.details_crc}) {
      encoder.number(value);
    }
    for (const auto value : {page.width, page.height, page.trust}) encoder.number(value);
  }
  encoder.text(reading.recipe);
  encoder.text(reading.language);
  return encoder.take();
}

PagePlace place_from(Decoder& decoder) {
  PagePlace page;
  page.text_at = decoder.number<std::uint64_t>();
  page.details_at = decoder.number<std::uint64_t>();
  for (auto* value : {&page.text_bytes, &page.details_bytes, &page.text_crc, &page.details_crc}) {
    *value = decoder.number<std::uint32_t>();
  }
  for (auto* value : {&page.width, &page.height, &page.trust}) {
    *value = decoder.number<std::int32_t>();
  }
  return page;
}

}  // namespace

std::uint32_t crc_of(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

std::string encode(const Reading& reading) {
  std::vector<PagePlace> places;
  std::string texts;
  std::string details;
  for (const auto& page : reading.pages) {
    const auto detail = details_of(page);
    places.push_back({texts.size(), details.size(), static_cast<std::uint32_t>(page.text.size()),
                      static_cast<std::uint32_t>(detail.size()), crc_of(page.text), crc_of(detail),
                      page.width, page.height, page.trust});
    texts += page.text;
    details += detail;
  }
  // The head's length does not depend on the offsets in it.
  const auto texts_at = preamble_bytes + head_of(reading, places).size();
  for (auto& place : places) {
    place.text_at += texts_at;
    place.details_at += texts_at + texts.size();
  }
  const auto head = head_of(reading, places);
  Encoder preamble;
  preamble.number(static_cast<std::uint32_t>(head.size()));
  preamble.number(crc_of(head));
  return std::string(magic) + preamble.take() + head + texts + details;
}

Result<std::size_t> head_length(std::string_view preamble) {
  if (preamble.size() < preamble_bytes || !preamble.starts_with(magic)) return damaged("no head");
  Decoder decoder(preamble.substr(magic.size()));
  const std::size_t length = decoder.number<std::uint32_t>();
  if (length > longest_head_bytes) return damaged("the head is too long");
  return preamble_bytes + length;
}

Result<Head> decode_head(std::string_view bytes) {
  const auto length = KHOCHUNG_TRY(head_length(bytes));
  if (bytes.size() < length) return damaged("the head is cut short");
  Decoder preamble(bytes.substr(magic.size() + sizeof(std::uint32_t)));
  const auto head_bytes = bytes.substr(preamble_bytes, length - preamble_bytes);
  if (preamble.number<std::uint32_t>() != crc_of(head_bytes)) return damaged("the head's checksum");
  Decoder decoder(head_bytes);
  Head head;
  const std::size_t count = decoder.number<std::uint32_t>();
  const auto flags = decoder.number<std::uint32_t>();
  if (count > decoder.left() / page_place_bytes) return damaged("the number of pages");
  head.pages.reserve(count);
  for (std::size_t i = 0; i < count; ++i) head.pages.push_back(place_from(decoder));
  head.outline.page_count = static_cast<int>(count);
  head.outline.has_pages = (flags & flag_has_pages) != 0;
  head.outline.is_ocr = (flags & flag_is_ocr) != 0;
  head.outline.recipe = decoder.text();
  head.outline.language = decoder.text();
  if (!decoder.is_whole()) return damaged("the head ends early");
  return head;
}

Result<std::string> decode_text(const PagePlace& place, std::string_view bytes) {
  if (bytes.size() != place.text_bytes || crc_of(bytes) != place.text_crc) {
    return damaged("a text's checksum");
  }
  return std::string(bytes);
}

Result<PageText> decode_page(const PagePlace& place, std::string text, std::string_view details) {
  if (details.size() != place.details_bytes || crc_of(details) != place.details_crc) {
    return damaged("the checksum of a page's words");
  }
  PageText page;
  page.text = std::move(text);
  page.width = place.width;
  page.height = place.height;
  page.trust = place.trust;
  Decoder decoder(details);
  page.raw_text = decoder.text();
  const auto count = decoder.small();
  for (std::int64_t i = 0; i < count && decoder.is_whole(); ++i) {
    PageWord word;
    word.text = decoder.text();
    for (auto* value : {&word.x, &word.y, &word.w, &word.h, &word.confidence}) {
      *value = decoder.integer();
    }
    page.words.push_back(std::move(word));
  }
  if (!decoder.is_whole()) return damaged("the words of a page end early");
  return page;
}

}  // namespace khochung::storage::reading_file

#include "schemas/identifier.hpp"

#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>

namespace khochung {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr bool dash_stands_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

/// Milliseconds and a counter of 12 bits below them, always more than the last time; in a crowded
/// millisecond the counter runs on into the next one.
std::uint64_t next_moment() {
  static std::atomic<std::uint64_t> last = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  auto before = last.load();
  std::uint64_t moment = 0;
  do {
    moment = std::max(static_cast<std::uint64_t>(milliseconds) << 12U, before + 1);
  } while (!last.compare_exchange_weak(before, moment));
  return moment;
}

}  // namespace

Uuid Uuid::make() {
  Uuid uuid;
  if (getrandom(uuid.bytes_.data(), uuid.bytes_.size(), 0) != 16) std::abort();
  const auto moment = next_moment();
  for (std::size_t i = 0; i < 6; ++i) {
    uuid.bytes_[i] = static_cast<std::uint8_t>(moment >> (12 + 8 * (5 - i)));
  }
  uuid.bytes_[6] = static_cast<std::uint8_t>(0x70 | ((moment >> 8U) & 0x0F));
  uuid.bytes_[7] = static_cast<std::uint8_t>(moment);
  uuid.bytes_[8] = static_cast<std::uint8_t>((uuid.bytes_[8] & 0x3F) | 0x80);
  return uuid;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return fail(ErrorCode::bad_input, "an id has 36 characters");
  Uuid uuid;
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dash_stands_at(i)) {
      if (text[i] != '-') return fail(ErrorCode::bad_input, "an id has dashes at 9, 14, 19 and 24");
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0)
      return fail(ErrorCode::bad_input, "an id is made of lower-case hexadecimal digits");
    uuid.bytes_[digit / 2] = static_cast<std::uint8_t>(uuid.bytes_[digit / 2] << 4 | value);
    ++digit;
  }
  return uuid;
}

std::string Uuid::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (const auto byte : bytes_) {
    if (dash_stands_at(text.size())) text += '-';
    text += digits[byte >> 4];
    text += digits[byte & 0x0F];
  }
  return text;
}

}  // namespace khochung

#include "server/http/byte_range.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

/// One range as it is written: "5-9", "5-" or "-5".
struct Written {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;
};

/// Digits as a number, held at its maximum; nothing when other characters stand there.
std::optional<std::uint64_t> number(std::string_view digits) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    const auto add = static_cast<std::uint64_t>(digit - '0');
    value = value > (most - add) / 10 ? most : value * 10 + add;
  }
  return value;
}

std::optional<Written> read_range(std::string_view text) {
  text = trim(text);
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || text.size() == 1) return std::nullopt;
  Written written;
  if (dash > 0) {
    written.first = number(text.substr(0, dash));
    if (!written.first) return std::nullopt;
  }
  if (dash + 1 < text.size()) {
    written.last = number(text.substr(dash + 1));
    if (!written.last) return std::nullopt;
  }
  if (written.first && written.last && *written.first > *written.last) return std::nullopt;
  return written;
}

/// The ranges as they are written; nothing when any is not well-formed.
std::optional<std::vector<Written>> read_ranges(std::string_view list) {
  std::vector<Written> written;
  while (true) {
    const auto item = list.substr(0, list.find(','));
    if (!trim(item).empty()) {
      const auto range = read_range(item);
      if (!range || written.size() > max_ranges) return std::nullopt;
      written.push_back(*range);
    }
    if (item.size() == list.size()) return written;
    list.remove_prefix(item.size() + 1);
  }
}

std::optional<ByteRange> resolve(const Written& written, std::uint64_t size) {
  if (!written.first) {
    const auto length = std::min(written.last.value_or(0), size);
    if (length == 0) return std::nullopt;
    return ByteRange{size - length, length};
  }
  if (*written.first >= size) return std::nullopt;
  const auto last = std::min(written.last.value_or(size - 1), size - 1);
  return ByteRange{*written.first, last - *written.first + 1};
}

std::vector<ByteRange> joined(std::vector<ByteRange> ranges) {
  std::ranges::sort(ranges, {}, &ByteRange::first);
  std::vector<ByteRange> result;
  for (const auto& range : ranges) {
    if (!result.empty() && range.first <= result.back().first + result.back().length) {
      auto& last = result.back();
      last.length = std::max(last.first + last.length, range.first + range.length) - last.first;
    } else {
      result.push_back(range);
    }
  }
  return result;
}

}  // namespace

RangeSelection select_ranges(std::string_view field, std::uint64_t size_bytes) {
  using Kind = RangeSelection::Kind;
  const auto equals = field.find('=');
  if (equals == std::string_view::npos ||
      !equal_without_case(trim(field.substr(0, equals)), "bytes")) {
    return {};
  }
  const auto written = read_ranges(field.substr(equals + 1));
  if (!written || written->empty() || written->size() > max_ranges) return {};
  std::vector<ByteRange> ranges;
  for (const auto& range : *written) {
    if (const auto resolved = resolve(range, size_bytes)) ranges.push_back(*resolved);
  }
  if (!ranges.empty()) return {Kind::partial, joined(std::move(ranges))};
  // "-5" of an empty file is satisfiable by RFC 9110, 14.1.2, and yet has no Content-Range.
  const bool asks_end_of_nothing = std::ranges::any_of(
      *written, [&](const Written& range) { return !range.first && range.last > 0U; });
  if (size_bytes == 0 && asks_end_of_nothing) return {};
  return {Kind::unsatisfiable, {}};
}

std::string content_range(const ByteRange& range, std::uint64_t size_bytes) {
  return "bytes " + std::to_string(range.first) + "-" +
         std::to_string(range.first + range.length - 1) + "/" + std::to_string(size_bytes);
}

}  // namespace khochung::http

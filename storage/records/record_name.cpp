#include "storage/records/record_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace khochung::storage {
namespace {

constexpr std::size_t id_length = 36;
constexpr std::size_t revision_digits = 6;
constexpr std::size_t seal_length = 64;
constexpr std::size_t seal_at = id_length + 2 + revision_digits + 1;
constexpr std::string_view ending = ".json";

}  // namespace

std::optional<RecordName> RecordName::parse(std::string_view name) {
  if (name.size() != seal_at + seal_length + ending.size() || !name.ends_with(ending)) return {};
  if (name.substr(id_length, 2) != ".r" || name[seal_at - 1] != '.') return {};
  const auto id = Uuid::parse(name.substr(0, id_length));
  const auto seal = Digest::parse(name.substr(seal_at, seal_length));
  int revision = 0;
  const char* digits = name.data() + id_length + 2;
  const auto parsed = std::from_chars(digits, digits + revision_digits, revision);
  if (!id || !seal || parsed.ptr != digits + revision_digits || revision < 1) return {};
  return RecordName{*id, revision, *seal};
}

std::string RecordName::text() const {
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), ".r%06d.", revision);
  return id.text() + number.data() + seal.hex() + std::string(ending);
}

std::filesystem::path RecordName::place() const {
  const auto id_text = id.text();
  return std::filesystem::path(id_text.substr(id_length - 4, 2)) /
         id_text.substr(id_length - 2, 2) / text();
}

}  // namespace khochung::storage

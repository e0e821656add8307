#include "server/api/tus.hpp"

#include <algorithm>
#include <charconv>

#include "schemas/base64.hpp"
#include "schemas/utf8.hpp"
#include "server/http/encoding.hpp"
#include "storage/packages/digests.hpp"

namespace khochung::api::tus {
namespace {

tl::unexpected<Error> bad_metadata() {
  return fail(ErrorCode::bad_input, "upload_metadata", "Upload-Metadata cannot be read");
}

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char letter : bytes) {
    const auto byte = static_cast<unsigned char>(letter);
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

bool is_listed(std::string_view name, std::string_view list) {
  while (!list.empty()) {
    const auto row = list.substr(0, list.find(','));
    if (row == name) return true;
    list.remove_prefix(std::min(row.size() + 1, list.size()));
  }
  return false;
}

}  // namespace

bool is_address(std::string_view path) {
  return path == "/api/v1/uploads" || path.starts_with("/api/v1/uploads/");
}

void add_version(http::Response& response) {
  response.fields.set("Tus-Resumable", std::string(version));
  response.fields.set("Cache-Control", "no-store");
  if (response.status == 412) response.fields.set("Tus-Version", std::string(version));
}

Result<void> check_version(const http::Request& request) {
  if (request.fields.get("Tus-Resumable") == version) return {};
  return fail(ErrorCode::precondition_failed, "tus_version", "another version of tus");
}

Result<std::map<std::string, std::string>> metadata_from(std::string_view field) {
  std::map<std::string, std::string> values;
  while (!field.empty()) {
    const auto row = field.substr(0, field.find(','));
    field.remove_prefix(std::min(row.size() + 1, field.size()));
    const auto pair = http::trim(row);
    const auto key = pair.substr(0, pair.find(' '));
    auto value = from_base64(http::trim(pair.substr(key.size())));
    if (key.empty() || !value || !is_utf8(*value)) return bad_metadata();
    if (!values.emplace(key, *std::move(value)).second) return bad_metadata();
  }
  return values;
}

Result<std::optional<Checksum>> checksum_from(std::string_view field) {
  if (field.empty()) return std::nullopt;
  const auto algorithm = field.substr(0, field.find(' '));
  const auto digest = from_base64(http::trim(field.substr(algorithm.size())));
  if (!digest || !is_listed(algorithm, checksum_algorithms))
    return fail(ErrorCode::bad_input, "checksum_unknown", "Upload-Checksum cannot be read");
  return Checksum{std::string(algorithm), hex_of(*digest)};
}

Result<std::uint64_t> number_from(std::string_view field) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(field.data(), field.data() + field.size(), number);
  constexpr std::uint64_t largest = 1ULL << 62U;
  if (field.empty() || problem != std::errc() || end != field.data() + field.size() ||
      number > largest)
    return fail(ErrorCode::bad_input, "upload_length", "not a number of bytes");
  return number;
}

}  // namespace khochung::api::tus

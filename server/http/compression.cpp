#include "server/http/compression.hpp"

#include <libdeflate.h>

#include <memory>

#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

/// Below this the head of an answer weighs more than what is saved.
constexpr std::size_t least_bytes = 512;
/// Measured on the page of results (38 KB): level 6 gives 9.6 KB in under 1 ms; 12 saves 2 % more
/// and takes ten times as long.
constexpr int level = 6;

using Compressor = std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)>;

/// Empty when it cannot be made smaller.
std::string gzipped(const std::string& plain) {
  const Compressor compressor(libdeflate_alloc_compressor(level), &libdeflate_free_compressor);
  if (!compressor) return {};
  std::string packed(plain.size(), '\0');
  packed.resize(libdeflate_gzip_compress(compressor.get(), plain.data(), plain.size(),
                                         packed.data(), packed.size()));
  return packed;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// "q=0", "q=0.000": not at all.
bool is_refused(std::string_view parameters) {
  const auto weight = parameters.find("q=");
  return weight != std::string_view::npos &&
         trimmed(parameters.substr(weight + 2)).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool takes_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto coding = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(coding.size() + 1, accept_encoding.size()));
    const auto name = trimmed(coding.substr(0, coding.find(';')));
    const bool is_gzip = equal_without_case(name, "gzip") || name == "*";
    if (is_gzip) return !is_refused(coding.substr(std::min(coding.find(';'), coding.size())));
  }
  return false;
}

void compress_for(const Request& request, Response& response) {
  if (response.body.size() != 1 || response.content_length() < least_bytes) return;
  auto* plain = std::get_if<std::string>(&response.body.front());
  if (plain == nullptr) return;
  response.fields.add("Vary", "Accept-Encoding");
  if (!takes_gzip(request.fields.get("accept-encoding"))) return;
  auto packed = gzipped(*plain);
  if (packed.empty()) return;
  *plain = std::move(packed);
  response.fields.set("Content-Encoding", "gzip");
}

}  // namespace khochung::http

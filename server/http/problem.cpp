#include "server/http/problem.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdlib>
#include <utility>

#include "schemas/language_code.hpp"
#include "server/http/encoding.hpp"

namespace khochung::http {
namespace {

/// Reasons whose status is closer than that of their code.
constexpr auto statuses_of_reasons = std::to_array<std::pair<std::string_view, int>>({
    {"method_not_allowed", 405},
    {"method_unknown", 501},
    {"format_unknown", 501},
    {"mail_unset", 501},
    {"length_required", 411},
    {"target_too_long", 414},
    {"expectation_unknown", 417},
    {"head_too_large", 431},
    {"version_unknown", 505},
    {"too_slow", 408},
    {"too_many_attempts", 429},
    {"wrong_password", 401},
    {"checksum_mismatch", 460},
    {"too_many_uploads", 429},
    {"too_many_requests", 429},
    {"notice_too_many", 429},
});

constexpr auto phrases = std::to_array<std::pair<int, std::string_view>>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {423, "Locked"},
    {429, "Too Many Requests"},
    {460, "Checksum Mismatch"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
});

/// The weight of a row of Accept-Language ("en;q=0.8") in thousandths.
int weight_of(std::string_view row) {
  const auto parameter = field_parameter(row, "q");
  if (!parameter) return 1000;
  return static_cast<int>(std::strtod(parameter->c_str(), nullptr) * 1000);
}

/// The highest weight that `field` gives to a language; -1 when it is not named.
int weight_of_language(std::string_view field, std::string_view language) {
  int best = -1;
  while (!field.empty()) {
    const auto row = field.substr(0, field.find(','));
    field.remove_prefix(std::min(row.size() + 1, field.size()));
    const auto range = lower_case(trim(row.substr(0, row.find(';'))));
    const bool names = range.starts_with(language) &&
                       (range.size() == language.size() || range[language.size()] == '-');
    if (names) best = std::max(best, weight_of(row));
  }
  return best;
}

}  // namespace

int status_of(const Error& error) {
  const auto* row = std::ranges::find(statuses_of_reasons, error.reason,
                                      &std::pair<std::string_view, int>::first);
  return row == statuses_of_reasons.end() ? face_of(error.code).http_status : row->second;
}

Language preferred_language(const Request& request) {
  const auto field = request.fields.get("Accept-Language");
  const int english = weight_of_language(field, "en");
  const int vietnamese = weight_of_language(field, "vi");
  return english > 0 && english > vietnamese ? Language::english : Language::vietnamese;
}

std::string_view phrase_of(int status) {
  const auto* row = std::ranges::find(phrases, status, &std::pair<int, std::string_view>::first);
  return row == phrases.end() ? std::string_view("Unknown") : row->second;
}

std::string_view retry_after(int status) {
  if (status == 429) return "2";
  return status == 503 || status == 423 ? "5" : "";
}

Response problem(const Request& request, const Error& error) {
  const auto language = preferred_language(request);
  const auto& face = face_of(error.code);
  const int status = status_of(error);
  const auto key = error.reason.empty() ? face.name : error.reason;
  boost::json::object body{
      {"type", "urn:khochung:problem:" + std::string(key)},
      {"title", sentence_for(Error{error.code, {}, {}}, language)},
      {"status", status},
      {"detail", sentence_for(error, language)},
      {"code", face.name},
      {"reason", error.reason},
      {"request", request.id},
      {"retry", face.retry_can_help},
  };
  // Which row of a table is meant; what other errors say of themselves is for our own log.
  if (error.reason == "bad_manifest") body["about"] = error.message;
  auto response =
      Response::text(status, "application/problem+json", boost::json::serialize(body) + "\n");
  response.fields.add("Content-Language", std::string(code_of(language)));
  response.fields.add("Vary", "Accept-Language");
  response.fields.add("Cache-Control", "no-store");
  return response;
}

}  // namespace khochung::http

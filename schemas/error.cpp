#include "schemas/error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "schemas/sentences.hpp"

namespace khochung {
namespace {

constexpr std::array<ErrorFace, 16> faces{{
    {ErrorCode::bad_input, "bad_input", 400, 2, false},
    {ErrorCode::unauthenticated, "unauthenticated", 401, 4, false},
    {ErrorCode::forbidden, "forbidden", 403, 4, false},
    {ErrorCode::not_found, "not_found", 404, 3, false},
    {ErrorCode::gone, "gone", 410, 3, false},
    {ErrorCode::conflict, "conflict", 409, 5, false},
    {ErrorCode::precondition_failed, "precondition_failed", 412, 5, false},
    {ErrorCode::precondition_required, "precondition_required", 428, 5, false},
    {ErrorCode::too_large, "too_large", 413, 6, false},
    {ErrorCode::range_not_satisfiable, "range_not_satisfiable", 416, 2, false},
    {ErrorCode::unsupported, "unsupported", 415, 9, false},
    {ErrorCode::corrupt, "corrupt", 500, 7, false},
    {ErrorCode::locked, "locked", 423, 10, true},
    {ErrorCode::unavailable, "unavailable", 503, 8, true},
    {ErrorCode::disk_full, "disk_full", 507, 8, false},
    {ErrorCode::internal, "internal", 500, 70, false},
}};

constexpr bool rows_stand_in_the_order_of_the_enum() {
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (static_cast<std::size_t>(faces[i].code) != i) return false;
  }
  return true;
}
static_assert(rows_stand_in_the_order_of_the_enum());

}  // namespace

const ErrorFace& face_of(ErrorCode code) {
  return faces.at(static_cast<std::size_t>(code));
}

std::string_view sentence_key(std::string_view key) {
  const auto* row = std::ranges::find(sentences, key, &Sentence::key);
  return row == sentences.end() ? std::string_view() : row->key;
}

std::string_view sentence(std::string_view key, Language language) {
  const auto* row = std::ranges::find(sentences, key, &Sentence::key);
  if (row == sentences.end()) return {};
  return language == Language::vietnamese ? row->vi : row->en;
}

std::string_view in_language(std::string_view vietnamese, Language language) {
  if (language == Language::vietnamese) return vietnamese;
  const auto* row = std::ranges::find(sentences, vietnamese, &Sentence::vi);
  return row == sentences.end() ? vietnamese : row->en;
}

std::string_view sentence_for(const Error& error, Language language) {
  if (const auto text = sentence(error.reason, language); !text.empty()) return text;
  return sentence(face_of(error.code).name, language);
}

}  // namespace khochung

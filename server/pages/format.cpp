#include "server/pages/format.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "schemas/instant.hpp"
#include "schemas/vocabularies/kinds.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

struct Format {
  std::string_view media_type;
  std::string_view letters;
  std::string_view key;  ///< of the texts: "format.pdf"
};

constexpr auto formats = std::to_array<Format>({
    {"application/pdf", "PDF", "format.pdf"},
    {"application/msword", "DOC", "format.word"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX",
     "format.word"},
    {"application/vnd.oasis.opendocument.text", "ODT", "format.odt"},
    {"application/vnd.ms-excel", "XLS", "format.excel"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX", "format.excel"},
    {"application/vnd.oasis.opendocument.spreadsheet", "ODS", "format.ods"},
    {"application/vnd.ms-powerpoint", "PPT", "format.powerpoint"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "PPTX",
     "format.powerpoint"},
    {"application/vnd.oasis.opendocument.presentation", "ODP", "format.odp"},
    {"application/zip", "ZIP", "format.archive"},
    {"application/x-tar", "TAR", "format.archive"},
    {"application/gzip", "GZ", "format.archive"},
    {"text/plain", "TXT", "format.text"},
    {"text/markdown", "MD", "format.text"},
    {"text/html", "HTML", "format.web"},
    {"text/csv", "CSV", "format.csv"},
    {"image/jpeg", "JPG", "format.picture"},
    {"image/png", "PNG", "format.picture"},
    {"image/tiff", "TIFF", "format.picture"},
    {"image/webp", "WEBP", "format.picture"},
    {"image/gif", "GIF", "format.picture"},
    {"image/bmp", "BMP", "format.picture"},
    {"audio/mpeg", "MP3", "format.sound"},
    {"audio/mp4", "M4A", "format.sound"},
    {"audio/ogg", "OGG", "format.sound"},
    {"audio/wav", "WAV", "format.sound"},
    {"audio/x-wav", "WAV", "format.sound"},
    {"video/mp4", "MP4", "format.film"},
    {"video/webm", "WEBM", "format.film"},
    {"video/quicktime", "MOV", "format.film"},
});

const Format* find_format(std::string_view media_type) {
  const auto bare = media_type.substr(0, media_type.find(';'));
  const auto* found = std::ranges::find(formats, bare, &Format::media_type);
  return found == formats.end() ? nullptr : found;
}

/// The text of the broad class of a media type, or of a class itself ("image").
std::string_view class_key(std::string_view media_type) {
  if (media_type.starts_with("image")) return "format.picture";
  if (media_type.starts_with("audio")) return "format.sound";
  if (media_type.starts_with("video")) return "format.film";
  if (media_type.starts_with("text")) return "format.text";
  return "format.other";
}

/// One date of EDTF level 0 with its parts turned round: "2020-08-28" → "28/08/2020".
std::string turned_round(std::string_view date) {
  if (date.size() == 10) {
    return std::string(date.substr(8, 2)) + "/" + std::string(date.substr(5, 2)) + "/" +
           std::string(date.substr(0, 4));
  }
  if (date.size() == 7)
    return std::string(date.substr(5, 2)) + "/" + std::string(date.substr(0, 4));
  return std::string(date);
}

std::string with_one_decimal(std::int64_t size_bytes, std::int64_t unit, Language language) {
  const auto tenths = (size_bytes * 10 + unit / 2) / unit;
  auto result = number_text(tenths / 10, language);
  if (tenths % 10 != 0 && tenths < 1000) {
    result += language == Language::vietnamese ? "," : ".";
    result += std::to_string(tenths % 10);
  }
  return result;
}

std::string text_or_value(std::string_view prefix, std::string_view value, Language language) {
  const auto key = std::string(prefix) + std::string(value);
  return std::string(has_text(key) ? text(language, key) : value);
}

}  // namespace

std::string number_text(std::int64_t number, Language language) {
  auto digits = std::to_string(number);
  const auto first = number < 0 ? 1 : 0;
  for (auto at = static_cast<std::int64_t>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), language == Language::vietnamese ? "." : ",");
  }
  return digits;
}

std::string size_text(std::int64_t size_bytes, Language language) {
  constexpr std::int64_t kilo = 1000;
  constexpr std::int64_t mega = kilo * kilo;
  constexpr std::int64_t rounds_up_to_mega = mega - kilo / 2;
  if (size_bytes < kilo) return number_text(size_bytes, language) + " byte";
  if (size_bytes < rounds_up_to_mega) {
    return number_text((size_bytes + kilo / 2) / kilo, language) + " KB";
  }
  if (size_bytes < kilo * mega) return with_one_decimal(size_bytes, mega, language) + " MB";
  return with_one_decimal(size_bytes, kilo * mega, language) + " GB";
}

std::string date_text(std::string_view edtf) {
  if (!is_edtf(edtf)) return std::string(edtf);
  const auto slash = edtf.find('/');
  if (slash == std::string_view::npos) return turned_round(edtf);
  return turned_round(edtf.substr(0, slash)) + "–" + turned_round(edtf.substr(slash + 1));
}

std::string instant_text(std::string_view rfc3339) {
  const auto instant = instant_from_rfc3339(rfc3339);
  if (!instant) return {};
  const auto here = *instant + std::chrono::hours(7);
  const auto whole_day = std::chrono::floor<std::chrono::days>(here);
  const std::chrono::year_month_day date{whole_day};
  const std::chrono::hh_mm_ss time{here - whole_day};
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%02u/%02u/%04d %02d:%02d",
                static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()),
                static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()));
  return buffer;
}

std::string format_text(std::string_view media_type, Language language) {
  const auto* format = find_format(media_type);
  return std::string(text(language, format == nullptr ? class_key(media_type) : format->key));
}

std::string media_kind_text(std::string_view key, Language language) {
  const auto known = "media." + std::string(key);
  return has_text(known) ? std::string(text(language, known)) : format_text(key, language);
}

std::string format_letters(std::string_view media_type) {
  const auto* format = find_format(media_type);
  return std::string(format == nullptr ? std::string_view{} : format->letters);
}

std::string_view media_sign(std::string_view media_type) {
  if (media_type.starts_with("audio/")) return "\u266a";
  // The selector asks for the plain sign, not the coloured picture that phones have.
  return media_type.starts_with("video/") ? "\u25b6\ufe0e" : std::string_view();
}

std::string kind_text(std::string_view key, Language language) {
  const auto* kind = find_kind(key);
  if (kind == nullptr) return std::string(key);
  return std::string(language == Language::vietnamese ? kind->vi : kind->en);
}

std::string language_text(std::string_view tag, Language language) {
  return text_or_value("language.", tag, language);
}

std::string visibility_text(std::string_view visibility, std::string_view unit, Language language) {
  const auto key = "visibility." + std::string(visibility);
  return has_text(key) ? text(language, key, {{"unit", unit}}) : std::string(visibility);
}

std::string level_text(std::string_view level, Language language) {
  return text_or_value("level.", level, language);
}

std::string state_text(std::string_view state, Language language) {
  return text_or_value("state.", state, language);
}

}  // namespace khochung::pages

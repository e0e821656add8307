#include "indexer/index/media_kind.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace khochung::index {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 27> by_type{{
    {"application/pdf", "pdf"},
    {"application/msword", "document"},
    {"application/rtf", "document"},
    {"text/rtf", "document"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"},
    {"application/vnd.oasis.opendocument.text", "document"},
    {"application/vnd.ms-excel", "sheet"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "sheet"},
    {"application/vnd.oasis.opendocument.spreadsheet", "sheet"},
    {"text/csv", "sheet"},
    {"text/tab-separated-values", "sheet"},
    {"application/vnd.ms-powerpoint", "slides"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "slides"},
    {"application/vnd.oasis.opendocument.presentation", "slides"},
    {"application/zip", "archive"},
    {"application/x-7z-compressed", "archive"},
    {"application/x-tar", "archive"},
    {"application/gzip", "archive"},
    {"application/x-gzip", "archive"},
    {"application/x-bzip2", "archive"},
    {"application/x-xz", "archive"},
    {"application/zstd", "archive"},
    {"application/vnd.rar", "archive"},
    {"application/x-rar", "archive"},
    {"application/json", "text"},
    {"application/xml", "text"},
    {"application/ogg", "sound"},
}};

}  // namespace

std::string_view media_kind(std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  const auto* row =
      std::ranges::find(by_type, media_type, &std::pair<std::string_view, std::string_view>::first);
  if (row != by_type.end()) return row->second;
  if (media_type.starts_with("image/")) return "picture";
  if (media_type.starts_with("audio/")) return "sound";
  if (media_type.starts_with("video/")) return "film";
  if (media_type.starts_with("text/")) return "text";
  return "other";
}

}  // namespace khochung::index

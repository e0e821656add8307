#include "indexer/pipeline/handling.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr auto handlings = std::to_array<std::pair<std::string_view, Handling>>({
    {"text/plain", Handling::text},
    {"text/markdown", Handling::text},
    {"text/csv", Handling::text},
    {"text/html", Handling::markup},
    {"application/xhtml+xml", Handling::markup},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", Handling::office},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Handling::office},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", Handling::office},
    {"application/vnd.oasis.opendocument.text", Handling::office},
    {"application/vnd.oasis.opendocument.spreadsheet", Handling::office},
    {"application/vnd.oasis.opendocument.presentation", Handling::office},
    {"application/msword", Handling::old_office},
    {"application/rtf", Handling::old_office},
    {"text/rtf", Handling::old_office},
    {"application/vnd.ms-excel", Handling::old_office},
    {"application/vnd.ms-powerpoint", Handling::old_office},
    {"application/pdf", Handling::pdf},
    {"image/jpeg", Handling::picture},
    {"image/png", Handling::picture},
    {"image/tiff", Handling::picture},
    {"image/webp", Handling::picture},
    {"image/gif", Handling::picture},
    {"image/bmp", Handling::picture},
    {"application/zip", Handling::archive},
    {"application/x-tar", Handling::archive},
    {"application/gzip", Handling::archive},
    {"application/x-bzip2", Handling::archive},
    {"application/x-xz", Handling::archive},
    {"application/zstd", Handling::archive},
    {"application/x-7z-compressed", Handling::archive},
});

constexpr auto office_extensions = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"},
    {"application/vnd.oasis.opendocument.text", "odt"},
    {"application/vnd.oasis.opendocument.spreadsheet", "ods"},
    {"application/vnd.oasis.opendocument.presentation", "odp"},
    {"application/msword", "doc"},
    {"application/vnd.ms-excel", "xls"},
    {"application/vnd.ms-powerpoint", "ppt"},
    {"application/rtf", "rtf"},
    {"text/rtf", "rtf"},
});

}  // namespace

Handling handling_of(std::string_view media_type) {
  const auto* row =
      std::ranges::find(handlings, media_type, &std::pair<std::string_view, Handling>::first);
  return row == handlings.end() ? Handling::opaque : row->second;
}

bool is_table(std::string_view media_type) {
  const auto extension = office_extension(media_type);
  return media_type == "text/csv" || extension == "xlsx" || extension == "ods" ||
         extension == "xls";
}

std::string_view office_extension(std::string_view media_type) {
  const auto* row = std::ranges::find(office_extensions, media_type,
                                      &std::pair<std::string_view, std::string_view>::first);
  return row == office_extensions.end() ? std::string_view() : row->second;
}

}  // namespace khochung::pipeline

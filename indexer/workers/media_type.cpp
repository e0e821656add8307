#include "indexer/workers/media_type.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "indexer/workers/page_body.hpp"
#include "schemas/little_endian.hpp"

namespace khochung::workers {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view octets = "application/octet-stream";
constexpr std::string_view old_office = "application/x-ole-storage";

struct Signature {
  std::size_t at;
  std::string_view bytes;
  std::string_view media_type;
};

constexpr auto signatures = std::to_array<Signature>({
    {0, "%PDF-", "application/pdf"},
    {0, "\xFF\xD8\xFF", "image/jpeg"},
    {0, "\x89PNG\r\n\x1A\n", "image/png"},
    {0, "GIF87a", "image/gif"},
    {0, "GIF89a", "image/gif"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {0, "II+\0"sv, "image/tiff"},
    {0, "MM\0+"sv, "image/tiff"},
    {8, "WEBP", "image/webp"},
    {0, "7z\xBC\xAF\x27\x1C", "application/x-7z-compressed"},
    {257, "ustar", "application/x-tar"},
    {0, "\x1F\x8B", "application/gzip"},
    {0, "BZh", "application/x-bzip2"},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     "application/x-xz"},
    {0, "\x28\xB5\x2F\xFD", "application/zstd"},
    {0, "Rar!\x1A\x07", "application/vnd.rar"},
    {0, "{\\rtf", "application/rtf"},
    {4, "ftypheic", "image/heic"},
    {4, "ftypavif", "image/avif"},
    {4, "ftypqt", "video/quicktime"},
    {4, "ftypM4A", "audio/mp4"},
    {4, "ftyp", "video/mp4"},
    {0, "ID3", "audio/mpeg"},
    {0, "OggS", "audio/ogg"},
    {0, "fLaC", "audio/flac"},
    {8, "WAVE", "audio/wav"},
    {8, "AVI ", "video/x-msvideo"},
    {0, "\x1A\x45\xDF\xA3", "video/webm"},
    {0, "%!PS", "application/postscript"},
    {0, "8BPS", "image/vnd.adobe.photoshop"},
});

using Row = std::pair<std::string_view, std::string_view>;

constexpr std::string_view word_x =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr std::string_view excel_x =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::string_view slides_x =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// What a name says where bytes cannot.
constexpr auto by_extension = std::to_array<Row>({
    {"mp3", "audio/mpeg"},
    {"aac", "audio/aac"},
    {"wma", "audio/x-ms-wma"},
    {"amr", "audio/amr"},
    {"mpg", "video/mpeg"},
    {"mpeg", "video/mpeg"},
    {"wmv", "video/x-ms-wmv"},
    {"3gp", "video/3gpp"},
    {"mkv", "video/x-matroska"},
    {"cdr", "application/vnd.corel-draw"},
});

constexpr auto kinds_of_text = std::to_array<Row>({
    {"md", "text/markdown"},
    {"markdown", "text/markdown"},
    {"csv", "text/csv"},
    {"tsv", "text/tab-separated-values"},
    {"html", "text/html"},
    {"htm", "text/html"},
    {"xhtml", "text/html"},
    {"json", "application/json"},
    {"xml", "application/xml"},
    {"svg", "image/svg+xml"},
    {"srt", "application/x-subrip"},
    {"vtt", "text/vtt"},
    {"eml", "message/rfc822"},
    {"css", "text/css"},
    {"js", "text/javascript"},
});

constexpr auto old_office_kinds = std::to_array<Row>({
    {"doc", "application/msword"},
    {"xls", "application/vnd.ms-excel"},
    {"ppt", "application/vnd.ms-powerpoint"},
});

/// First folders in a package of Office Open XML.
constexpr auto package_parts = std::to_array<Row>({
    {"word/", word_x},
    {"xl/", excel_x},
    {"ppt/", slides_x},
});

/// Streams of an old Office file, as UTF-16.
constexpr auto old_office_streams = std::to_array<Row>({
    {"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"sv, "application/msword"},
    {"W\0o\0r\0k\0b\0o\0o\0k\0"sv, "application/vnd.ms-excel"},
    {"P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0"sv, "application/vnd.ms-powerpoint"},
});

template <std::size_t n>
std::string_view look_up(const std::array<Row, n>& rows, std::string_view key) {
  const auto row = std::ranges::find(rows, key, &Row::first);
  return row == rows.end() ? std::string_view() : row->second;
}

std::string extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  std::string extension(name.substr(dot + 1, 16));
  for (auto& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return extension;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// The type that an ODF or EPUB file states in its first member, stored as it is.
std::string_view stated_type(std::string_view zip) {
  constexpr std::size_t head = 30;
  constexpr std::string_view member = "mimetype";
  if (zip.substr(head, member.size()) != member) return {};
  const std::size_t extra = little_endian_at<std::uint16_t>(zip, 28);
  auto type = zip.substr(std::min(zip.size(), head + member.size() + extra), 100);
  const auto end = std::ranges::find_if_not(type, [](char c) {
    return is_letter_or_digit(c) || c == '/' || c == '.' || c == '-' || c == '+';
  });
  type = type.substr(0, static_cast<std::size_t>(end - type.begin()));
  // The next member's header begins with PK.
  if (type.ends_with("PK")) type.remove_suffix(2);
  return type.starts_with("application/") ? type : std::string_view();
}

std::string_view kind_of_zip(std::string_view zip) {
  constexpr std::size_t head = 30;
  if (zip.size() < head + 8) return "application/zip";
  if (const auto stated = stated_type(zip); !stated.empty()) return stated;
  bool is_package = false;
  for (auto at = zip.find("PK\3\4"); at != std::string_view::npos;
       at = zip.find("PK\3\4", at + 4)) {
    if (at + head > zip.size()) break;
    const auto name = zip.substr(at + head, little_endian_at<std::uint16_t>(zip, at + 26));
    is_package = is_package || name == "[Content_Types].xml" || name.starts_with("_rels/");
    for (const auto& [folder, type] : package_parts) {
      if (is_package && name.starts_with(folder)) return type;
    }
  }
  return "application/zip";
}

std::string_view kind_of_old_office(std::string_view bytes, std::string_view extension) {
  for (const auto& [stream, type] : old_office_streams) {
    if (bytes.find(stream) != std::string_view::npos) return type;
  }
  const auto named = look_up(old_office_kinds, extension);
  return named.empty() ? old_office : named;
}

/// Text has no control characters but those of lines; it may be in an old 8-bit encoding.
bool is_text(std::string_view bytes, bool says_so) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return true;
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t' &&
            c != '\f' && c != '\x1B') ||
           c == '\x7F';
  };
  if (std::ranges::any_of(bytes, is_control)) return false;
  // The last character may be cut off.
  for (std::size_t cut = 0; cut <= std::min<std::size_t>(3, bytes.size()); ++cut) {
    if (is_utf8(bytes.substr(0, bytes.size() - cut))) return true;
  }
  return says_so;
}

bool begins_like_html(std::string_view bytes) {
  std::string start;
  for (const char c : bytes.substr(0, 512)) {
    start.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return start.find("<!doctype html") != std::string::npos ||
         start.find("<html") != std::string::npos;
}

std::string_view kind_of_text(std::string_view bytes, std::string_view extension) {
  if (const auto kind = look_up(kinds_of_text, extension); !kind.empty()) return kind;
  return begins_like_html(bytes) ? "text/html" : "text/plain";
}

bool is_bitmap(std::string_view bytes) {
  return bytes.starts_with("BM") && bytes.size() > 18 && bytes[14] >= 12 && bytes[15] == 0;
}

bool is_mpeg_audio(std::string_view bytes, std::string_view extension) {
  return extension == "mp3" && bytes.size() > 2 && bytes[0] == '\xFF' &&
         (static_cast<unsigned char>(bytes[1]) & 0xE0) == 0xE0;
}

}  // namespace

std::string media_type_of(std::string_view first_bytes, std::string_view name) {
  const auto extension = extension_of(name);
  if (first_bytes.starts_with("PK\3\4") || first_bytes.starts_with("PK\5\6")) {
    return std::string(kind_of_zip(first_bytes));
  }
  if (first_bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
    return std::string(kind_of_old_office(first_bytes, extension));
  }
  for (const auto& [at, bytes, type] : signatures) {
    if (first_bytes.substr(std::min(at, first_bytes.size())).starts_with(bytes)) {
      return std::string(type);
    }
  }
  if (is_bitmap(first_bytes)) return "image/bmp";
  if (is_mpeg_audio(first_bytes, extension)) return "audio/mpeg";
  const auto named = look_up(kinds_of_text, extension);
  if (is_text(first_bytes, !named.empty() || extension == "txt")) {
    return std::string(kind_of_text(first_bytes, extension));
  }
  const auto by_name = look_up(by_extension, extension);
  return std::string(by_name.empty() ? octets : by_name);
}

Result<std::string> media_type_of(int descriptor, std::string_view name) {
  std::string bytes(media_type_bytes, '\0');
  const auto count = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  if (count < 0) return fail(ErrorCode::unavailable, "unreadable_file", "cannot be read");
  bytes.resize(static_cast<std::size_t>(count));
  auto type = media_type_of(bytes, name);
  if (type != old_office || bytes.size() < 512) return type;
  // The list of streams of an old Office file may stand anywhere; its header says where.
  const auto shift = little_endian_at<std::uint16_t>(bytes, 30);
  const auto sector = little_endian_at<std::uint32_t>(bytes, 48);
  if (shift != 9 && shift != 12) return type;
  std::string streams(4096, '\0');
  const auto found = ::pread(descriptor, streams.data(), streams.size(),
                             static_cast<off_t>((std::uint64_t{sector} + 1) << shift));
  if (found <= 0) return type;
  streams.resize(static_cast<std::size_t>(found));
  return std::string(kind_of_old_office(streams, extension_of(name)));
}

}  // namespace khochung::workers

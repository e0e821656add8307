#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/error.hpp"

/// How dates, numbers, sizes and names of kinds are written for people.
namespace khochung::pages {

/// "1.234.567" in Vietnamese, "1,234,567" in English.
std::string number_text(std::int64_t number, Language language);

/// "2,4 MB", "340 KB", "12 byte". Units: 1 MB is 1,000,000 bytes, as data plans count.
std::string size_text(std::int64_t size_bytes, Language language);

/// An EDTF date as people write it: "28/08/2020", "08/2020", "2020", "2023–2028". Anything else is
/// given back as it is.
std::string date_text(std::string_view edtf);

/// An RFC 3339 instant at +07:00: "23/11/2026 14:05"; empty when it is none.
std::string instant_text(std::string_view rfc3339);

/// A kind of file in a word: "PDF", "Word", "Ảnh JPEG", "Âm thanh MP3". From the media type.
std::string format_text(std::string_view media_type, Language language);

/// What files a filter stands for, by its key ("sheet") or a media type: "Bảng tính".
std::string media_kind_text(std::string_view key, Language language);

/// At most four letters for the corner of a sheet: "PDF", "DOCX", "MP3".
std::string format_letters(std::string_view media_type);

/// A sign for what is played: a note, a triangle; empty for anything else.
std::string_view media_sign(std::string_view media_type);

/// The label of a kind of schemas/vocabularies/kinds.hpp; the key itself when it is unknown.
std::string kind_text(std::string_view key, Language language);

/// "tiếng Việt", "tiếng Anh"; the tag itself when it is unknown.
std::string language_text(std::string_view tag, Language language);

/// Who may see a material, in a sentence.
std::string visibility_text(std::string_view visibility, std::string_view unit, Language language);

/// "Bản nháp", "Đã công bố" …
std::string state_text(std::string_view state, Language language);

/// Where a unit stands: "cấp cơ sở"; the level itself when it is unknown.
std::string level_text(std::string_view level, Language language);

}  // namespace khochung::pages

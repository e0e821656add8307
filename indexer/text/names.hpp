#pragma once

#include <string>
#include <string_view>

/// Names as people write them. Only for the inside of this room.
namespace khochung::text {

/// A body's name in capitals, as it is written in a sentence: "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG NINH"
/// → "Liên đoàn Lao động tỉnh Quảng Ninh".
std::string in_sentence_case(std::string_view capitals);

/// Whether this is a person's name: a Vietnamese surname, then one to four names, each with a
/// capital or all in capitals.
bool is_person_name(std::string_view text);

}  // namespace khochung::text

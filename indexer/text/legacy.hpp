#pragma once

#include <string>
#include <string_view>

namespace khochung::text {

/// Text and the encoding that it was found to be in.
struct Decoded {
  std::string utf8;
  std::string encoding;  ///< "UTF-8", "UTF-16LE", "TCVN3", "VNI-WIN", … or "windows-1252"
};

/// Finds out what encoding a plain text file is in and turns it to UTF-8: byte order marks, valid
/// UTF-8 (few broken bytes allowed), then the Vietnamese sets of before Unicode by how many of the
/// words come out as syllables, VIQR where that is clear; else windows-1252. Text in legacy sets
/// comes out in NFC, without a byte order mark. UTF-8 in which a legacy set was once taken for
/// Latin-1
/// ("X¸c suÊt lçi") is repaired as `repair_mojibake` does; its encoding is then "TCVN3 as UTF-8".
/// Fonts that show capitals (.VnTimeH) are unknown here: the case of TCVN3 vowels follows their
/// word.
Decoded decode(std::string_view bytes);

/// Turns lines that are legacy text taken for Latin-1 into Vietnamese; leaves all others.
/// Decoded::encoding is the set found, or empty when nothing was changed.
Decoded repair_mojibake(std::string_view utf8);

/// The encoding that a font's name tells (".VnTime" → "TCVN3", "VNI-Times" → "VNI-WIN"), or empty.
std::string_view encoding_of_font(std::string_view font);

/// Turns text of a known encoding (as `encoding_of_font` and Decoded name it) into UTF-8.
std::string decode_as(std::string_view bytes, std::string_view encoding);

/// The same for text whose bytes were already taken for Latin-1 or windows-1252, as in .docx runs
/// of such a font. Characters that no byte can have meant stay.
std::string repair_as(std::string_view utf8, std::string_view encoding);

}  // namespace khochung::text

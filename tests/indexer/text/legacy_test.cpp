#include "indexer/text/legacy.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "indexer/text/legacy_tables.hpp"
#include "indexer/text/letters.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

constexpr std::string_view sentence =
    "Công đoàn Việt Nam tổ chức Tháng Công nhân, chăm lo đời sống và bảo vệ quyền lợi của người "
    "lao "
    "động. Mỗi đoàn viên cần hiểu rõ chế độ, nghĩa vụ và những điều kiện làm việc ở nơi mình.\n"
    "KẾ HOẠCH TUYÊN TRUYỀN\nĐề nghị các cấp công đoàn thực hiện.";

constexpr auto sets = std::to_array<std::string_view>(
    {"TCVN3", "VNI-WIN", "VPS", "VISCII", "ISC", "BKHCM2", "VNI-MAC", "VIETWARE-X"});

std::uint8_t nibble(char digit) {
  return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : digit - 'A' + 10);
}

std::string encode(std::string_view utf8, std::string_view set) {
  const auto* table = std::ranges::find(legacy_tables, set, &LegacyTable::name);
  const auto digits = static_cast<std::size_t>(table->bytes_per_code) * 2;
  std::string bytes;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto code_point = next_code_point(utf8, at);
    const auto index = legacy_letters.find(code_point);
    if (index == std::u32string_view::npos) {
      bytes += static_cast<char>(code_point);
      continue;
    }
    const auto code = table->codes.substr(index * digits, digits);
    for (std::size_t i = 0; i < digits; i += 2) {
      const int byte = nibble(code[i]) * 16 + nibble(code[i + 1]);
      if (byte != 0) bytes += static_cast<char>(byte);
    }
  }
  return bytes;
}

std::string as_latin_1(std::string_view bytes) {
  return decode_as(bytes, "windows-1252");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(legacy)

BOOST_AUTO_TEST_CASE(each_old_set_is_found_and_read) {
  for (const auto set : sets) {
    const auto decoded = decode(encode(sentence, set));
    BOOST_TEST(decoded.encoding == set);
    BOOST_TEST(decoded.utf8 == sentence, set);
  }
}

BOOST_AUTO_TEST_CASE(a_single_title_is_enough) {
  for (const auto set : sets) {
    const auto decoded = decode(encode("Những điều cần biết về bảo hiểm xã hội", set));
    BOOST_TEST(decoded.encoding == set);
  }
}

BOOST_AUTO_TEST_CASE(windows_1258_comes_out_composed) {
  // ê + dot, ô, đ + o + grave on a
  const auto decoded =
      decode("Vi\xEA\xF2t Nam, c\xF4ng \xF0o\xE0n c\xE1n b\xF4\xF2 \xF0\xF4\xF2ng vi\xEAn");
  BOOST_TEST(decoded.encoding == "windows-1258");
  BOOST_TEST(decoded.utf8 == "Việt Nam, công đoàn cán bộ động viên");
}

BOOST_AUTO_TEST_CASE(unicode_is_told_by_its_marks_or_by_itself) {
  BOOST_TEST(decode(sentence).encoding == "UTF-8");
  BOOST_TEST(decode(sentence).utf8 == sentence);
  BOOST_TEST(decode("\xEF\xBB\xBF"
                    "Đoàn")
                 .utf8 == "Đoàn");
  using namespace std::string_view_literals;
  BOOST_TEST(decode("\xFF\xFE\x10\x01o\0\xE0\0n\0"sv).utf8 == "Đoàn");
  BOOST_TEST(decode("\xFE\xFF\x01\x10\0o\0\xE0\0n"sv).utf8 == "Đoàn");
  BOOST_TEST(decode("L\0a\0o\0 \0\x11\x01\xD9\x1En\0g\0 \0a\0b\0c\0d\0"sv).encoding == "UTF-16LE");
  BOOST_TEST(decode("").utf8.empty());
}

BOOST_AUTO_TEST_CASE(one_broken_byte_does_not_turn_utf_8_into_something_else) {
  const auto decoded = decode(std::string(sentence) + "\xC3");
  BOOST_TEST(decoded.encoding == "UTF-8");
  BOOST_TEST(decoded.utf8 == std::string(sentence) + "\uFFFD");
}

BOOST_AUTO_TEST_CASE(other_languages_stay_what_they_are) {
  for (const auto* bytes :
       {"Les salari\xE9s ont \xE9t\xE9 tr\xE8s fatigu\xE9s \xE0 la fin de l'ann\xE9"
        "e",
        "Die Gewerkschaft vertritt ihre Mitglieder gegen\xFC"
        "ber dem Arbeitgeber",
        "It\x92s the workers\x92 rights \x96 all of them", "caf\xE9",
        "Price \xA3"
        "5 and 20\xB0"
        "C",
        "M\xE1s se\xF1ores, ma\xF1"
        "ana est\xE1 aqu\xED"}) {
    BOOST_TEST(decode(bytes).encoding == "windows-1252", bytes);
  }
  BOOST_TEST(decode("It\x92s").utf8 == "It’s");
}

BOOST_AUTO_TEST_CASE(text_once_taken_for_latin_1_is_repaired) {
  for (const auto set : {"TCVN3", "VNI-WIN"}) {
    const auto decoded = decode(as_latin_1(encode(sentence, set)));
    BOOST_TEST(decoded.encoding == std::string(set) + " as UTF-8");
    BOOST_TEST(decoded.utf8 == sentence);
  }
  BOOST_TEST(decode("X¸c suÊt lçi").utf8 == "Xác suất lỗi");
}

BOOST_AUTO_TEST_CASE(only_the_wrong_lines_are_repaired) {
  const auto mixed =
      std::string(sentence) + "\n" + as_latin_1(encode(sentence, "TCVN3")) + "\nBà là cán bộ";
  BOOST_TEST(repair_mojibake(mixed).utf8 ==
             std::string(sentence) + "\n" + std::string(sentence) + "\nBà là cán bộ");
}

BOOST_AUTO_TEST_CASE(right_text_is_never_repaired) {
  for (const auto* text :
       {"Các ông bà là cán bộ", "á à é è í ì", "Les salariés ont été très fatigués à la fin",
        "50 °C ± 2 µm ¼ ½ §", "Größe, Öffnung, süß", "São Paulo, não são", ""}) {
    BOOST_TEST(decode(text).utf8 == text);
    BOOST_TEST(repair_mojibake(text).encoding.empty(), text);
  }
}

BOOST_AUTO_TEST_CASE(viqr_is_read_only_where_it_is_clear) {
  const auto decoded = decode("Ngu+o+`i lao ddo^.ng Vie^.t Nam co' quye^`n tham gia co^ng ddoa`n.");
  BOOST_TEST(decoded.encoding == "VIQR");
  BOOST_TEST(decoded.utf8.find("lao động Việt Nam") != std::string::npos);
  for (const auto* text : {"Plain text (with brackets), a^b and e-mail: what? Yes.",
                           "x = a^2 + b^2; y = o + u.", "Nguoi lao dong Viet Nam."}) {
    BOOST_TEST(decode(text).encoding == "UTF-8", text);
    BOOST_TEST(decode(text).utf8 == text);
  }
}

BOOST_AUTO_TEST_CASE(fonts_tell_their_encoding) {
  BOOST_TEST(encoding_of_font(".VnTime") == "TCVN3");
  BOOST_TEST(encoding_of_font(".VnArialH") == "TCVN3");
  BOOST_TEST(encoding_of_font("VNI-Times") == "VNI-WIN");
  BOOST_TEST(encoding_of_font("Times New Roman") == "");
  BOOST_TEST(repair_as("lao ®éng – Đoàn", "TCVN3") == "lao động – Đoàn");
}

BOOST_AUTO_TEST_CASE(any_bytes_come_out_as_utf_8) {
  std::mt19937 random(20261123);  // NOLINT: the same bytes each time
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (auto left = random() % 200; left > 0; --left) bytes += static_cast<char>(random() % 256);
    const auto text = decode(bytes).utf8;
    for (std::size_t at = 0; at < text.size();) {
      const auto begin = at;
      const auto code_point = next_code_point(text, at);
      BOOST_REQUIRE((code_point != 0xFFFD || at - begin == 3));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::text

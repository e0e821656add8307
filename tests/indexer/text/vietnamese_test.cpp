#include "indexer/text/vietnamese.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <random>

#include "indexer/text/syllables.hpp"
#include "schemas/vocabularies/kinds.hpp"

namespace khochung::text {

namespace {

// "Hoà Đường Thuỷ Quý Nghiêm trọng", as a Mac writes file names (NFD) and as everybody else.
constexpr std::string_view nfd =
    "Hoa\u0300 \u0110u\u031B\u01A1\u0300ng Thuy\u0309 Quy\u0301 Nghie\u0302m tro\u0323ng "
    "vie\u0323\u0302t vie\u0302\u0323t VIE\u0302\u0323T";
constexpr std::string_view nfc_text = "Hoà Đường Thuỷ Quý Nghiêm trọng việt việt VIỆT";

std::string join(const std::vector<Token>& tokens, std::string Token::* form) {
  std::string out;
  for (const auto& token : tokens) {
    if (!out.empty()) out += token.starts_run ? '|' : ' ';
    out += token.*form;
  }
  return out;
}

std::string marked(std::string_view text) {
  return join(tokenise(text), &Token::marked);
}
std::string folded(std::string_view text) {
  return join(tokenise(text), &Token::folded);
}

bool at_character(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(vietnamese)

BOOST_AUTO_TEST_CASE(nfd_and_nfc_give_the_same_tokens) {
  BOOST_TEST(marked(nfd) == marked(nfc_text));
  BOOST_TEST(folded(nfd) == folded(nfc_text));
  BOOST_TEST(marked(nfc_text) == "hòa đường thủy quý nghiêm trọng việt việt việt");
  BOOST_TEST(folded(nfc_text) == "hoa duong thuy quy nghiem trong viet viet viet");
  BOOST_TEST(normalise(nfd) == nfc_text);
  BOOST_TEST(marked_form(nfd) == marked_form(nfc_text));
  BOOST_TEST(folded_form(nfd) == folded_form(nfc_text));
}

BOOST_AUTO_TEST_CASE(token_ranges_cover_their_combining_marks) {
  const auto tokens = tokenise("(Hoa\u0300) tro\u0323ng");
  BOOST_REQUIRE(tokens.size() == 2u);
  BOOST_TEST(tokens[0].begin == 1u);
  BOOST_TEST(tokens[0].end == 6u);
  BOOST_TEST(tokens[1].end == std::string_view("(Hoa\u0300) tro\u0323ng").size());
}

BOOST_AUTO_TEST_CASE(tones_stand_where_dictionaries_put_them) {
  BOOST_TEST(marked("hoà hoá khoẻ thuý uỷ hòa xoà") == "hòa hóa khỏe thúy ủy hòa xòa");
  BOOST_TEST(marked("hoàn hoạt khoẻo thuỷu huỳnh chuyện") == "hoàn hoạt khoẻo thuỷu huỳnh chuyện");
  BOOST_TEST(marked("quý qúy quả qủa qúa quỳnh qùynh") == "quý quý quả quả quá quỳnh quỳnh");
  BOOST_TEST(marked("tòan họach hùynh chúyên khỏang") == "toàn hoạch huỳnh chuyến khoảng");
  BOOST_TEST(marked("THUÝ HOÀ") == "thúy hòa");
  BOOST_TEST(normalise("hoà") == "hoà");
}

BOOST_AUTO_TEST_CASE(look_alikes_are_repaired) {
  BOOST_TEST(normalise("Ðoàn Ɖiện Tƣ TƢ") == "Đoàn Điện Tư TƯ");
  BOOST_TEST(normalise("a\u00A0b\u200Bc\u00ADd\uFEFF \uFB01le") == "a bcd file");
  BOOST_TEST(normalise("a\xFF"
                       "b\xC3") ==
             "a\uFFFD"
             "b\uFFFD");
  BOOST_TEST(normalise("e\u0341 a\u030A") == "é å");
  BOOST_TEST(folded("Ðoàn Ɖiện Tƣ") == "doan dien tu");
  BOOST_TEST(folded("công\u00ADđoàn") == "congdoan");
}

BOOST_AUTO_TEST_CASE(other_letters_fold_to_their_base) {
  BOOST_TEST(folded("Ünïcödé ČSÁK Łódź ﬁle ＡＢＣ ß") == "unicode csak lodz file abc ss");
  BOOST_TEST(folded_form("Quyết định số 01/QĐ-TLĐ, “Hoà”") == "quyet dinh so 01/qd-tld, “hoa”");
  BOOST_TEST(marked_form("Quyết định – Hoà!") == "quyết định – hòa!");
}

BOOST_AUTO_TEST_CASE(letters_and_digits_are_one_token_and_slashes_separate) {
  BOOST_TEST(marked("2023 A4 01/CTr-TLĐ 30/2020/NĐ-CP") == "2023 a4 01 ctr tlđ 30 2020 nđ cp");
}

BOOST_AUTO_TEST_CASE(runs_end_at_breaks_only) {
  BOOST_TEST(marked("công đoàn\ncơ sở, lương. Tháng (năm) hai") ==
             "công đoàn cơ sở|lương|tháng|năm|hai");
  BOOST_TEST(marked("1.000 và 0,5; a:b\n\nc “d” e") == "1 000 và 0 5|a|b|c d e");
  BOOST_TEST(marked("Hà Nội - Huế\n- một\n– hai ba-bốn") == "hà nội|huế|một|hai ba bốn");
  BOOST_TEST(marked("a\n \t\nb\r\n\r\nc\r\nd") == "a|b|c d");
  BOOST_TEST(tokenise("một").at(0).starts_run);
}

BOOST_AUTO_TEST_CASE(long_tokens_are_cut) {
  const std::string text = std::string(100, 'a') + " b";
  const auto tokens = tokenise(text);
  BOOST_REQUIRE(tokens.size() == 3u);
  BOOST_TEST(tokens[0].end == 64u);
  BOOST_TEST(tokens[1].begin == 64u);
  BOOST_TEST(tokens[2].marked == "b");
  std::string prank = "e";
  for (int i = 0; i < 1000; ++i) prank += "\u0301\u0316";
  for (const auto& token : tokenise(prank + "x" + prank)) BOOST_TEST(token.marked.size() <= 64u);
}

BOOST_AUTO_TEST_CASE(any_bytes_give_ordered_ranges_on_character_boundaries) {
  std::mt19937 random(20261123);  // NOLINT: the same bytes each time
  const auto pieces = std::to_array<std::string_view>({"a",
                                                       "ệ",
                                                       "\u0301",
                                                       "\u0323",
                                                       "Đ",
                                                       " ",
                                                       "\n",
                                                       ".",
                                                       "/",
                                                       "漢",
                                                       "한",
                                                       "\u1161",
                                                       "\u11A8",
                                                       "\xF0\x9D\x90\x80",
                                                       "\u200B",
                                                       "İ",
                                                       "ß",
                                                       "\uFDFA",
                                                       "\xE2\x84\xA6",
                                                       "q",
                                                       "u",
                                                       "ý",
                                                       "9",
                                                       "\u0958"});
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto left = random() % 60; left > 0; --left) {
      const bool wild = round % 2 == 0 && random() % 2 == 0;
      if (wild) {
        text += static_cast<char>(random() % 256);
      } else {
        text += pieces[random() % pieces.size()];
      }
    }
    std::size_t last = 0;
    const bool valid = round % 2 != 0;
    for (const auto& token : tokenise(text)) {
      BOOST_REQUIRE(token.begin >= last);
      BOOST_REQUIRE(token.end > token.begin);
      BOOST_REQUIRE(token.end <= text.size());
      BOOST_REQUIRE(token.marked.size() <= 64u);
      BOOST_REQUIRE(!token.marked.empty());
      if (valid) BOOST_REQUIRE((at_character(text, token.begin) && at_character(text, token.end)));
      last = token.end;
    }
    const auto plain = normalise(text);
    BOOST_REQUIRE(normalise(plain) == plain);
    BOOST_REQUIRE(marked(plain) == marked(text));
    document_numbers(text);
    carries_secret_mark(text);
    vietnamese_share(text);
    guess_language(text);
  }
}

BOOST_AUTO_TEST_CASE(marks_are_seen) {
  BOOST_TEST(has_marks("doàn"));
  BOOST_TEST(has_marks("đ"));
  BOOST_TEST(has_marks("a\u0302"));
  BOOST_TEST(!has_marks("cong doan 2023"));
  BOOST_TEST(!has_marks(""));
}

BOOST_AUTO_TEST_CASE(document_numbers_have_one_form) {
  const auto one = [](std::string_view text) {
    const auto numbers = document_numbers(text);
    return numbers.size() == 1 ? numbers[0] : std::to_string(numbers.size()) + " numbers";
  };
  BOOST_TEST(one("Số: 01/CTr-TLĐ") == "1/CTR-TLD");
  BOOST_TEST(one("số 01/CTr-TLD ngày") == "1/CTR-TLD");
  BOOST_TEST(one("Số: 01 / CTr – TLĐ") == "1/CTR-TLD");
  BOOST_TEST(one("Nghị định 30/2020/NĐ-CP của Chính phủ") == "30/2020/ND-CP");
  BOOST_TEST(one("1669/TLĐ") == "1669/TLD");
  BOOST_TEST(one("14514-CV/VPTW") == "14514-CV/VPTW");
  BOOST_TEST(one("Luật số 50/2024/QH15") == "50/2024/QH15");
  BOOST_TEST(one("12/KH-LĐLĐ - Hà Nội") == "12/KH-LDLD");
  BOOST_TEST(one("nghị định 30/2020/nđ-cp") == "30/2020/ND-CP");
  BOOST_TEST(one("12/qđ-ubnd") == "12/QD-UBND");
  BOOST_TEST(one("02-NQ/TW") == "2-NQ/TW");
  BOOST_TEST(document_numbers("5/kg, 3/Hà Nội, 10/người, 7/A, km/h").empty());
  BOOST_TEST(document_numbers("ngày 28/8/2023, 1/2 số, 2023-2028, tỷ lệ 5/10, 3/tháng").empty());
  BOOST_TEST(document_numbers("12/QĐ-TLĐ và 012/QĐ-TLĐ, 13/QĐ-TLĐ").size() == 2u);
}

BOOST_AUTO_TEST_CASE(syllables_follow_the_spelling_rules) {
  for (const auto* text :
       {"nghiêng", "quyết", "công", "đoàn", "giếng", "gì", "gìn", "già",   "quốc",  "ủy", "yêu",
        "thúy",    "khuya", "ý",    "ương", "xoong", "kỹ", "quỹ", "khuỷu", "huỳnh", "giữ"}) {
    BOOST_TEST(is_syllable(text), text);
  }
  for (const auto* text : {"cat1", "mât", "hcok", "ghà", "nga1", "ngi", "kà", "ceo", "yêut", "quàt",
                           "tiet", "the ", "street", "thèt", "cộngg", ""}) {
    BOOST_TEST(!is_syllable(text), text);
  }
}

BOOST_AUTO_TEST_CASE(honest_text_is_told_from_a_false_layer) {
  const auto honest = vietnamese_share(
      "Tổng Liên đoàn Lao động Việt Nam ban hành chương trình tuyên truyền trong công nhân, viên "
      "chức, lao động giai đoạn 2023 - 2028 với các nội dung trọng tâm sau đây.");
  BOOST_TEST(honest.known > 0.97);
  BOOST_TEST(honest.marked > 0.6);
  const auto layer =
      vietnamese_share("CONG Hcok xA HQI CHiJ NGHiA VIET NAM D(>c lap Ttr do Hlnh phuc");
  BOOST_TEST(layer.known < 0.7);
  BOOST_TEST(layer.marked < 0.1);
  BOOST_TEST(vietnamese_share("2023 1/2").syllables == 0u);
}

BOOST_AUTO_TEST_CASE(the_language_is_guessed_from_the_words) {
  BOOST_TEST(guess_language("Quyền của người lao động trong doanh nghiệp") == "vi");
  BOOST_TEST(guess_language("Quyen cua nguoi lao dong trong cac doanh nghiep") == "vi");
  BOOST_TEST(guess_language("The rights of workers in the new law are set out in this chapter.") ==
             "en");
  BOOST_TEST(guess_language("12345 +++") == "");
  BOOST_TEST(
      guess_language("Die Gewerkschaft vertritt ihre Mitglieder gegenüber dem Arbeitgeber") == "");
}

BOOST_AUTO_TEST_CASE(the_secret_mark_is_seen) {
  for (const auto* text :
       {"MẬT", "TỔNG LIÊN ĐOÀN\nMẬT\nSố: 1", "  TỐI MẬT  \n", "TUYỆT MẬT", "[MẬT]", "| TỐI MẬT |",
        "Đ MẬT", "ĐỘ MẬT: MẬT", "Mức độ mật: Mật", "TỔNG LIÊN ĐOÀN          TỐI MẬT",
        "Độ mật: Tối mật", "TUYỆT MÂT", "TỐI MÂT", "TUYET MAT", "MA\u0302\u0323T", "* MẬT *"}) {
    BOOST_TEST(carries_secret_mark(text), text);
  }
}

BOOST_AUTO_TEST_CASE(talk_about_secrets_is_no_mark) {
  for (const auto* text :
       {"bí mật", "chế độ bảo mật", "MẬT ONG", "MẬT KHẨU", "Không mật", "BẢO VỆ BÍ MẬT NHÀ NƯỚC",
        "mật", "Mật", "MAT", "MẮT", "MẶT", "Độ mật: Thường", "Độ mật: Không",
        "Độ mật: Thường / Mật / Tối mật", "Danh mục\ntối mật\ncủa ngành", "TỐI MẮT TỐI MŨI", "",
        "Tuyệt mật là độ mật cao nhất"}) {
    BOOST_TEST(!carries_secret_mark(text), text);
  }
}

BOOST_AUTO_TEST_CASE(every_kind_has_its_own_key) {
  for (const auto& kind : material_kinds) BOOST_TEST(find_kind(kind.key) == &kind);
  BOOST_TEST(find_kind("quyet_dinh")->code == "QĐ");
  BOOST_TEST(find_kind("none") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::text

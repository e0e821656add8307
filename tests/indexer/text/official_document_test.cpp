#include "indexer/text/official_document.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "indexer/text/abbreviations.hpp"

namespace khochung::text {

namespace {

// The text order of most PDFs: line by line across both columns.
constexpr std::string_view plan =
    "LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
    "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG NINH        Độc lập - Tự do - Hạnh phúc\n"
    "-------                ---------------\n"
    "Số: 12/KH-LĐLĐ        Quảng Ninh, ngày 05 tháng 4 năm 2024\n"
    "\n"
    "KẾ HOẠCH\n"
    "Tổ chức Tháng Công nhân\n"
    "năm 2024\n"
    "\n"
    "Thực hiện Chương trình số 01/CTr-TLĐ ngày 28/8/2020 của Tổng Liên đoàn, Ban Thường vụ xây "
    "dựng kế "
    "hoạch như sau:\n";

constexpr std::string_view last_page =
    "Nơi nhận:                         TM. BAN THƯỜNG VỤ\n"
    "- Tổng Liên đoàn (để b/c);             CHỦ TỊCH\n"
    "- Lưu: VT, TG.\n"
    "\n"
    "                              Trần Thị Mẫu\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(official_document)

BOOST_AUTO_TEST_CASE(a_plan_with_columns_line_by_line) {
  const auto facts = read_official_document(plan, last_page);
  BOOST_TEST(facts.number == "12/KH-LĐLĐ");
  BOOST_TEST(facts.issuer == "Liên đoàn Lao động tỉnh Quảng Ninh");
  BOOST_TEST(facts.place == "Quảng Ninh");
  BOOST_TEST(facts.date == "2024-04-05");
  BOOST_TEST(facts.kind == "ke_hoach");
  BOOST_TEST(facts.subject == "Tổ chức Tháng Công nhân năm 2024");
  BOOST_TEST(facts.signer == "Trần Thị Mẫu");
  BOOST_TEST(propose_title(facts, plan) ==
             "Kế hoạch số 12/KH-LĐLĐ: Tổ chức Tháng Công nhân năm 2024");
}

BOOST_AUTO_TEST_CASE(columns_with_one_blank_between) {
  const auto facts = read_official_document(
      "TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
      "BAN CHẤP HÀNH Độc lập - Tự do - Hạnh phúc\n"
      "Số: 01/CTr-TLĐ Hà Nội, ngày 28 tháng 8 năm 2020\n"
      "CHƯƠNG TRÌNH\nĐẩy mạnh công tác truyền thông\nCăn cứ Luật Công đoàn;\n");
  BOOST_TEST(facts.number == "01/CTr-TLĐ");
  BOOST_TEST(facts.issuer == "Tổng Liên đoàn Lao động Việt Nam");
  BOOST_TEST(facts.place == "Hà Nội");
  BOOST_TEST(facts.date == "2020-08-28");
  BOOST_TEST(facts.kind == "chuong_trinh");
  BOOST_TEST(facts.subject == "Đẩy mạnh công tác truyền thông");
}

BOOST_AUTO_TEST_CASE(a_letter_with_one_column_after_the_other) {
  const auto facts = read_official_document(
      "TỔNG LIÊN ĐOÀN\nLAO ĐỘNG VIỆT NAM\nSố: 1669 /TLĐ\nV/v tuyên truyền Đại hội\nCông đoàn Việt "
      "Nam\n"
      "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
      "TP. Hồ Chí Minh, ngày     tháng 11 năm 2023\n\nKính gửi: Các Liên đoàn Lao động tỉnh\n");
  BOOST_TEST(facts.number == "1669/TLĐ");
  BOOST_TEST(facts.issuer == "Tổng Liên đoàn Lao động Việt Nam");
  BOOST_TEST(facts.place == "TP. Hồ Chí Minh");
  BOOST_TEST(facts.date == "2023-11");
  BOOST_TEST(facts.kind == "cong_van");
  BOOST_TEST(facts.subject == "Tuyên truyền Đại hội Công đoàn Việt Nam");
  BOOST_TEST(propose_title(facts, "") ==
             "Công văn số 1669/TLĐ: Tuyên truyền Đại hội Công đoàn Việt Nam");
}

BOOST_AUTO_TEST_CASE(a_decision_names_who_decides_after_its_subject) {
  const auto facts = read_official_document(
      "LIÊN ĐOÀN LAO ĐỘNG\nTHÀNH PHỐ ĐÀ NẴNG\nSố: 7/QĐ-LĐLĐ\nĐà Nẵng, ngày 1 tháng 2 năm 2022\n"
      "QUYẾT ĐỊNH\nVề việc ban hành Quy chế hoạt động\n------\nBAN THƯỜNG VỤ LIÊN ĐOÀN LAO ĐỘNG "
      "THÀNH PHỐ\n"
      "Căn cứ Điều lệ Công đoàn Việt Nam;\nQUYẾT ĐỊNH:\nĐiều 1. Ban hành\n",
      "TM. BAN THƯỜNG VỤ\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n(đã ký)\nLÊ VĂN MẪU\n");
  BOOST_TEST(facts.issuer == "Liên đoàn Lao động thành phố Đà Nẵng");
  BOOST_TEST(facts.kind == "quyet_dinh");
  BOOST_TEST(facts.subject == "Về việc ban hành Quy chế hoạt động");
  BOOST_TEST(facts.signer == "Lê Văn Mẫu");
}

BOOST_AUTO_TEST_CASE(marks_lost_by_ocr_do_not_matter) {
  const auto facts = read_official_document(
      "LIÊN ĐOÀN LAO ĐỘNG TỈNH NGHỆ AN CỘNG HÒA XÃ HQI CHỦ NGHIA VIỆT NAM\nSo: 03/BC-LDLD\n"
      "Nghệ An, ngay 3 thang 6 nam 2021\nBAO CAO\nKết quả hoạt động công đoàn\n\nNội dung.");
  BOOST_TEST(facts.number == "03/BC-LDLD");
  BOOST_TEST(facts.issuer == "Liên đoàn Lao động tỉnh Nghệ An");
  BOOST_TEST(facts.date == "2021-06-03");
  BOOST_TEST(facts.kind == "bao_cao");
  BOOST_TEST(facts.subject == "Kết quả hoạt động công đoàn");
}

BOOST_AUTO_TEST_CASE(decomposed_text_gives_the_same_facts) {
  const auto facts = read_official_document(
      "So\u0302\u0301: 5/TB-LĐLĐ\nHa\u0300 No\u0302\u0323i, nga\u0300y 9 tha\u0301ng 1 na\u0306m "
      "2020\n"
      "THO\u0302NG BA\u0301O\nLi\u0323ch ho\u0323p\n");
  BOOST_TEST(facts.number == "5/TB-LĐLĐ");
  BOOST_TEST(facts.place == "Hà Nội");
  BOOST_TEST(facts.date == "2020-01-09");
  BOOST_TEST(facts.kind == "thong_bao");
  BOOST_TEST(facts.subject == "Lịch họp");
}

BOOST_AUTO_TEST_CASE(a_heading_may_have_its_subject_on_the_same_line) {
  const auto facts = read_official_document(
      "CHƯƠNG TRÌNH**Nâng cao chất lượng hoạt động\ngiai đoạn 2023 – 2028**\n\nThực hiện Nghị "
      "quyết");
  BOOST_TEST(facts.kind == "chuong_trinh");
  BOOST_TEST(facts.subject == "Nâng cao chất lượng hoạt động giai đoạn 2023 – 2028");
  BOOST_TEST(facts.issuer == "");
  BOOST_TEST(propose_title(facts, "") ==
             "Chương trình: Nâng cao chất lượng hoạt động giai đoạn 2023 – 2028");
}

BOOST_AUTO_TEST_CASE(a_department_is_named_with_its_union) {
  const auto facts = read_official_document(
      "TỔNG LIÊN ĐOÀN\nLAO ĐỘNG VIỆT NAM\nBAN TUYÊN GIÁO\nSố 45-HD/BTG\nHà Nội, ngày "
      "12/3/2021\nHƯỚNG DẪN\n"
      "V/v tuyên truyền\n",
      "Nơi nhận: TM. BAN TUYÊN GIÁO\n- Như trên; KT. TRƯỞNG BAN\n- Lưu VT. PHÓ TRƯỞNG BAN\nPhạm "
      "Văn Mẫu\n");
  BOOST_TEST(facts.number == "45-HD/BTG");
  BOOST_TEST(facts.issuer == "Ban Tuyên giáo Tổng Liên đoàn Lao động Việt Nam");
  BOOST_TEST(facts.date == "2021-03-12");
  BOOST_TEST(facts.subject == "Về việc tuyên truyền");
  BOOST_TEST(facts.signer == "Phạm Văn Mẫu");
}

BOOST_AUTO_TEST_CASE(what_is_no_official_document_has_no_facts) {
  const auto facts = read_official_document(
      "Tết sum vầy\nNgày 12 tháng 1 vừa qua, theo Quyết định số 5/QĐ-TLĐ, công đoàn đã kế hoạch "
      "hóa việc "
      "chăm lo. Chủ tịch công đoàn đã dự.\nNguyễn Văn Mẫu");
  BOOST_TEST(facts.number == "");
  BOOST_TEST(facts.date == "");
  BOOST_TEST(facts.kind == "");
  BOOST_TEST(facts.subject == "");
  BOOST_TEST(facts.signer == "");
  BOOST_TEST(propose_title(facts, "\n- 1 -\nTrang 2\nTết sum vầy\n") == "Tết sum vầy");
  BOOST_TEST(propose_title({}, "12\n\n---") == "");
  BOOST_TEST(propose_title({}, "") == "");
}

BOOST_AUTO_TEST_CASE(any_text_is_survived) {
  std::mt19937 random(20261123);  // NOLINT: the same text each time
  const std::string pages = std::string(plan) + std::string(last_page);
  for (int round = 0; round < 300; ++round) {
    auto text = pages.substr(random() % pages.size());
    for (auto damage = random() % 40; damage > 0 && !text.empty(); --damage) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    propose_title(read_official_document(text, text), text);
  }
}

BOOST_AUTO_TEST_CASE(abbreviations_are_known_both_ways) {
  BOOST_TEST(expansion_of("LĐLĐ") == "liên đoàn lao động");
  BOOST_TEST(expansion_of("lđlđ") == "liên đoàn lao động");
  BOOST_TEST(expansion_of("ldld") == "liên đoàn lao động");
  BOOST_TEST(expansion_of("L\u0110L\u0110") == "liên đoàn lao động");
  BOOST_TEST(expansion_of("atvsld") == "an toàn vệ sinh lao động");
  BOOST_TEST(expansion_of("CĐ") == "");
  BOOST_TEST(expansion_of("công") == "");
  BOOST_TEST(expansion_of("") == "");
  BOOST_TEST(abbreviation_of("công đoàn cơ sở") == "cđcs");
  BOOST_TEST(abbreviation_of("cong doan co so") == "cđcs");
  BOOST_TEST(abbreviation_of("uỷ ban kiểm tra") == "ubkt");
  BOOST_TEST(abbreviation_of("công đoàn") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::text

#pragma once

#include <string>
#include <string_view>

namespace khochung::text {

/// What the layout of an official document says about it; empty where it is not sure.
struct OfficialFacts {
  std::string number;   ///< as printed, blanks removed: "01/CTr-TLĐ"
  std::string issuer;   ///< "Liên đoàn Lao động tỉnh Quảng Ninh"
  std::string place;    ///< "Hà Nội"
  std::string date;     ///< EDTF; month or year alone where the day is left blank
  std::string kind;     ///< key of schemas/vocabularies/kinds.hpp
  std::string subject;  ///< trích yếu
  std::string signer;
};

/// Reads the facts from the text of the first page, the signer from the last (or from the first
/// where there is only one). The two columns of the head may come line by line or one after the
/// other; words may have lost their marks.
/// Source: Nghị định 30/2020/NĐ-CP, Phụ lục I.
OfficialFacts read_official_document(std::string_view first_page, std::string_view last_page = {});

/// A title for people: "Kế hoạch số 12/KH-LĐLĐ: Tổ chức Tháng Công nhân năm 2024"; else the first
/// line that says something; empty if none does.
std::string propose_title(const OfficialFacts& facts, std::string_view first_page);

}  // namespace khochung::text

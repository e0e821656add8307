#include "indexer/kits/word_document.hpp"

#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "schemas/utf8.hpp"
#include "storage/blobs/content_hasher.hpp"
#include "storage/packages/zip_layout.hpp"

namespace khochung::kits {
namespace {

constexpr auto content_types =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
    R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
    R"(<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>)"
    R"(<Default Extension="xml" ContentType="application/xml"/>)"
    R"(<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>)"
    R"(<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>)"
    R"(<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>)"
    R"(</Types>)";

constexpr auto package_relations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>)"
    R"(<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>)"
    R"(</Relationships>)";

constexpr auto document_relations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>)"
    R"(</Relationships>)";

/// Sizes in half points, spaces in twentieths of a point; the letters that official documents use.
/// Source: Nghị định 30/2020/NĐ-CP, Phụ lục I (Times New Roman, 13 to 14 points).
constexpr auto styles =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
    R"(<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">)"
    R"(<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/><w:sz w:val="26"/><w:lang w:val="vi-VN"/></w:rPr></w:rPrDefault>)"
    R"(<w:pPrDefault><w:pPr><w:spacing w:after="160" w:line="312" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>)"
    R"(<w:style w:type="paragraph" w:default="1" w:styleId="plain"><w:name w:val="Normal"/></w:style>)"
    R"(<w:style w:type="paragraph" w:styleId="title"><w:name w:val="Title"/><w:pPr><w:spacing w:after="240"/></w:pPr><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>)"
    R"(<w:style w:type="paragraph" w:styleId="heading"><w:name w:val="heading 1"/><w:pPr><w:keepNext/><w:spacing w:before="320"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>)"
    R"(<w:style w:type="paragraph" w:styleId="lead"><w:name w:val="Subtitle"/><w:rPr><w:b/></w:rPr></w:style>)"
    R"(<w:style w:type="paragraph" w:styleId="quote"><w:name w:val="Quote"/><w:pPr><w:ind w:left="567"/></w:pPr><w:rPr><w:i/></w:rPr></w:style>)"
    R"(<w:style w:type="paragraph" w:styleId="small"><w:name w:val="Date"/><w:rPr><w:sz w:val="22"/></w:rPr></w:style>)"
    R"(</w:styles>)";

std::string style_name(Paragraph::Style style) {
  switch (style) {
    case Paragraph::Style::title: return "title";
    case Paragraph::Style::heading: return "heading";
    case Paragraph::Style::lead: return "lead";
    case Paragraph::Style::quote: return "quote";
    case Paragraph::Style::small: return "small";
    case Paragraph::Style::plain: break;
  }
  return "plain";
}

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "", pugi::format_raw);
  return text.str();
}

pugi::xml_node root_of(pugi::xml_document& document, const char* name) {
  auto declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  declaration.append_attribute("standalone") = "yes";
  return document.append_child(name);
}

/// Without the characters that XML cannot hold.
std::string printable(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 || c == '\t') kept.push_back(c);
  }
  return kept;
}

void add_lines(pugi::xml_node paragraph, std::string_view text) {
  auto run = paragraph.append_child("w:r");
  for (bool is_first = true; is_first || !text.empty(); is_first = false) {
    if (!is_first) run.append_child("w:br");
    const auto line = text.substr(0, text.find('\n'));
    auto node = run.append_child("w:t");
    node.append_attribute("xml:space") = "preserve";
    node.text().set(printable(line).c_str());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

std::string body_xml(const std::vector<Paragraph>& paragraphs) {
  pugi::xml_document document;
  auto root = root_of(document, "w:document");
  root.append_attribute("xmlns:w") = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
  auto body = root.append_child("w:body");
  for (const auto& [style, text] : paragraphs) {
    auto paragraph = body.append_child("w:p");
    paragraph.append_child("w:pPr").append_child("w:pStyle").append_attribute("w:val") =
        style_name(style).c_str();
    add_lines(paragraph, text);
  }
  // A4 with the margins of an official document, in twentieths of a point.
  auto page = body.append_child("w:sectPr");
  auto size = page.append_child("w:pgSz");
  size.append_attribute("w:w") = 11'906;
  size.append_attribute("w:h") = 16'838;
  auto margins = page.append_child("w:pgMar");
  for (const auto& [side, width] : {std::pair("w:top", 1'134), std::pair("w:bottom", 1'134),
                                    std::pair("w:left", 1'701), std::pair("w:right", 1'134)})
    margins.append_attribute(side) = width;
  return text_of(document);
}

std::string properties_xml(std::string_view title, Instant at) {
  pugi::xml_document document;
  auto root = root_of(document, "cp:coreProperties");
  root.append_attribute("xmlns:cp") =
      "http://schemas.openxmlformats.org/package/2006/metadata/core-properties";
  root.append_attribute("xmlns:dc") = "http://purl.org/dc/elements/1.1/";
  root.append_attribute("xmlns:dcterms") = "http://purl.org/dc/terms/";
  root.append_attribute("xmlns:xsi") = "http://www.w3.org/2001/XMLSchema-instance";
  root.append_child("dc:title").text().set(printable(title).c_str());
  root.append_child("dc:language").text().set("vi-VN");
  auto created = root.append_child("dcterms:created");
  created.append_attribute("xsi:type") = "dcterms:W3CDTF";
  created.text().set((to_rfc3339(at).substr(0, 19) + "Z").c_str());
  return text_of(document);
}

}  // namespace

Result<std::string> word_document(const std::vector<Paragraph>& paragraphs, std::string_view title,
                                  Instant at) {
  for (const auto& paragraph : paragraphs) {
    if (!is_utf8(paragraph.text)) return fail(ErrorCode::bad_input, "a text is not UTF-8");
  }
  const std::vector<std::pair<std::string, std::string>> parts{
      {"[Content_Types].xml", content_types},
      {"_rels/.rels", package_relations},
      {"docProps/core.xml", properties_xml(title, at)},
      {"word/document.xml", body_xml(paragraphs)},
      {"word/_rels/document.xml.rels", document_relations},
      {"word/styles.xml", styles}};
  return storage::stored_zip(parts, at);
}

}  // namespace khochung::kits

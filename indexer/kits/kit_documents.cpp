#include "indexer/kits/kit_documents.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "indexer/kits/word_document.hpp"
#include "storage/packages/csv_cell.hpp"

namespace khochung::kits {
namespace {

using Style = Paragraph::Style;

/// The union's own time zone.
constexpr std::chrono::hours shown_zone{7};

std::string moment_text(Instant instant) {
  const auto local = std::chrono::floor<std::chrono::seconds>(instant + shown_zone);
  return fmt::format("{:%H:%M} ngày {:%d/%m/%Y}", local, local);
}

/// Paragraphs as people part them, by empty lines.
std::vector<std::string> paragraphs_of(std::string_view text) {
  std::vector<std::string> paragraphs;
  std::string paragraph;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    auto line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool is_empty = line.find_first_not_of(" \t") == line.npos;
    if (!is_empty) paragraph += (paragraph.empty() ? "" : "\n") + std::string(line);
    if (is_empty && !paragraph.empty()) paragraphs.push_back(std::exchange(paragraph, {}));
    begin = end + 1;
  }
  if (!paragraph.empty()) paragraphs.push_back(std::move(paragraph));
  return paragraphs;
}

/// The release as both its forms have it.
std::vector<Paragraph> release_of(const Edition& edition) {
  const auto& material = edition.material;
  const auto& kit = material.kit->draft;
  std::vector<Paragraph> all{{Style::small, edition.unit}, {Style::title, material.title}};
  const auto& embargo = material.embargo_until;
  if (embargo && *embargo > edition.version.at)
    all.push_back({Style::lead, "CẤM CÔNG BỐ ĐẾN " + moment_text(*embargo)});
  if (edition.version.number > 1) {
    all.push_back(
        {Style::small, fmt::format("Bản {}, công bố lúc {}: {}", edition.version.number,
                                   moment_text(edition.version.at), edition.version.note)});
  }
  for (auto& text : paragraphs_of(material.description))
    all.push_back({Style::lead, std::move(text)});
  for (auto& text : paragraphs_of(kit.release)) all.push_back({Style::plain, std::move(text)});
  if (!kit.quotes.empty()) all.push_back({Style::heading, "Trích lời"});
  for (const auto& quote : kit.quotes) {
    all.push_back({Style::quote, "“" + quote.text + "”"});
    if (!quote.speaker.empty()) all.push_back({Style::plain, "– " + quote.speaker});
  }
  if (!material.terms.empty()) {
    all.push_back({Style::heading, "Điều kiện sử dụng"});
    for (auto& text : paragraphs_of(material.terms)) all.push_back({Style::plain, std::move(text)});
  }
  if (!kit.contact.empty()) {
    all.push_back({Style::heading, "Liên hệ"});
    for (auto& text : paragraphs_of(kit.contact)) all.push_back({Style::plain, std::move(text)});
  }
  return all;
}

std::string in_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\n': escaped += "<br>"; break;
      default: escaped.push_back(c);
    }
  }
  return escaped;
}

/// A path as a relative address: a name may hold what means something in one.
std::string in_address(std::string_view path) {
  std::string address;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        std::isalnum(byte) != 0 || std::string_view("/-_.~").find(c) != std::string_view::npos;
    address += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return address;
}

bool is_picture(const PlacedItem& item) {
  return item.file.media_type.starts_with("image/");
}

}  // namespace

std::string release_text(const Edition& edition) {
  std::string text;
  for (const auto& [style, paragraph] : release_of(edition)) {
    if (!text.empty()) text += "\r\n\r\n";
    for (const char c : paragraph) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  }
  return text + "\r\n";
}

Result<std::string> release_document(const Edition& edition) {
  return word_document(release_of(edition), edition.material.title, edition.version.at);
}

std::string captions_table(const Edition& edition) {
  // With the mark that tells spreadsheets of UTF-8.
  std::string table = "\xEF\xBB\xBFTệp,Chú thích,Ghi nguồn,Điều kiện sử dụng,SHA-256\r\n";
  for (const auto& item : edition.items) {
    for (const auto& cell : {item.path, item.caption, item.credit, item.terms})
      table += storage::csv_cell(cell) + ",";
    table += item.file.sha256.hex() + "\r\n";
  }
  return table;
}

std::string captions_page(const Edition& edition) {
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"vi\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}</title>\n"
      "<style>body{{font:17px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 "
      "1rem}}img{{max-width:100%}}figure{{margin:0 0 3rem}}small{{color:#555}}</style>\n"
      "<h1>{0}</h1>\n",
      in_html(edition.material.title));
  for (const auto& item : edition.items) {
    page += "<figure>";
    if (is_picture(item))
      page += fmt::format("<img src=\"{}\" alt=\"\" loading=\"lazy\">", in_address(item.path));
    page += fmt::format("<figcaption><p>{}</p>", in_html(item.caption));
    if (!item.credit.empty()) page += fmt::format("<p>Ghi nguồn: {}</p>", in_html(item.credit));
    if (!item.terms.empty())
      page += fmt::format("<p>Điều kiện sử dụng: {}</p>", in_html(item.terms));
    page += fmt::format("<small><a href=\"{}\">{}</a></small></figcaption></figure>\n",
                        in_address(item.path), in_html(item.path));
  }
  return page + "</html>\n";
}

std::string words_beside(const PlacedItem& item) {
  std::string text = item.caption + "\r\n";
  if (!item.credit.empty()) text += "\r\nGhi nguồn: " + item.credit + "\r\n";
  if (!item.terms.empty()) text += "\r\nĐiều kiện sử dụng: " + item.terms + "\r\n";
  return text;
}

std::string terms_text(const Edition& edition) {
  return edition.material.title + "\r\n" + edition.unit + "\r\n\r\n" + edition.material.terms +
         "\r\n";
}

}  // namespace khochung::kits

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung::kits {

/// A paragraph of plain text; a line feed in it is a new line.
struct Paragraph {
  enum class Style { plain, title, heading, lead, quote, small };
  Style style = Style::plain;
  std::string text;
};

/// A .docx of these paragraphs that Word and LibreOffice open. The same paragraphs and time give
/// the same bytes. Errors: bad_input for text that is no UTF-8.
/// Source: ECMA-376-1, WordprocessingML.
Result<std::string> word_document(const std::vector<Paragraph>& paragraphs, std::string_view title,
                                  Instant at);

}  // namespace khochung::kits

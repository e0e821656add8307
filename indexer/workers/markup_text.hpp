#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::workers {

/// The text of a file that is markup inside.
struct MarkupText {
  std::string title;
  std::string author;
  bool has_pages = false;          ///< slides are pages; other files have one text
  std::vector<std::string> pages;  ///< at least one
};

/// Word, Excel and PowerPoint since 2007 (OOXML, ISO/IEC 29500).
/// Errors: unsupported "damaged_file", "encrypted_document"; too_large "too_many_parts".
Result<MarkupText> read_word(std::string_view zip);
Result<MarkupText> read_excel(std::string_view zip);
Result<MarkupText> read_powerpoint(std::string_view zip);

/// OpenDocument text, spreadsheet and presentation (ISO/IEC 26300). Errors: as above.
Result<MarkupText> read_opendocument(std::string_view zip);

/// A page of the web: its text without scripts and styles.
Result<MarkupText> read_html(std::string_view html);

/// A text as it is put down: never two blank lines, no blanks at the ends of lines, no more than
/// 16 MB.
class TextBuilder {
 public:
  void put(std::string_view text);
  void line_end();
  void paragraph_end();
  void tab();
  /// The text so far; the builder is empty again.
  std::string take();

 private:
  void strip_blanks();
  std::string text_;
};

}  // namespace khochung::workers

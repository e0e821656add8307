#pragma once

#include <string_view>

namespace khochung::pipeline {

/// How a file is read.
enum class Handling {
  text,        ///< decoded here: txt, md, csv
  markup,      ///< html: by the markup worker
  office,      ///< OOXML and ODF: text from their XML at once, pages by LibreOffice later
  old_office,  ///< doc, xls, ppt: by LibreOffice alone
  pdf,
  picture,
  archive,  ///< opened into its parts
  opaque,   ///< stored, described and served whole
};

Handling handling_of(std::string_view media_type);

/// A spreadsheet or CSV: its first row names columns and is no title.
bool is_table(std::string_view media_type);

/// The extension by which LibreOffice knows an office file; empty for any other type.
std::string_view office_extension(std::string_view media_type);

}  // namespace khochung::pipeline

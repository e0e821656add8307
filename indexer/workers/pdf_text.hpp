#pragma once

#include <poppler-page.h>

#include <string>
#include <string_view>
#include <vector>

#include "storage/derivatives/derivative_store.hpp"

namespace khochung::workers {

/// UTF-8 of what poppler gives in UTF-16; broken surrogates become U+FFFD. (poppler's own to_utf8
/// opens a converter for each word.)
std::string utf8_of(const poppler::ustring& text);

/// How a page stands on its picture.
struct PageGeometry {
  int width = 0;
  int height = 0;
  double scale = 1;  ///< pixels a point
};

/// The page picture at 150 dpi, or smaller where the page is larger than A2.
PageGeometry geometry_of(const poppler::page& page);

/// Words with their boxes on the page picture, and the text made of them: a line for each line,
/// an empty line where the page leaves a gap.
storage::PageText text_of(const poppler::page& page, const PageGeometry& geometry);

}  // namespace khochung::workers

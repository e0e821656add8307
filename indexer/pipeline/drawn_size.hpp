#pragma once

#include <algorithm>
#include <string_view>

namespace khochung::pipeline {

struct DrawnSize {
  int width = 0;  ///< 0: there is no picture
  int height = 0;
};

/// How large Renditions draws a page of which `width` pixels were asked for, within a pixel of
/// height: documents as wide as asked, pictures never larger than they are.
/// Units: pixels; those of the page as the readers noted them.
inline DrawnSize drawn_size(std::string_view media_type, int page_width, int page_height,
                            int width) {
  if (page_width <= 0 || page_height <= 0) return {};
  if (media_type.starts_with("image/")) width = std::min(width, page_width);
  return {width, (width * page_height + page_width / 2) / page_width};
}

}  // namespace khochung::pipeline

#pragma once

#include <vector>

#include "indexer/workers/page_source.hpp"

namespace khochung::workers {

/// What a first look at a page tells, before anything is read. Measured 2026-11-27: 35 ms for A4 at
/// 300 dpi, where a reading takes a second.
struct PageLook {
  struct Spot {
    int x = 0;
    int y = 0;
  };
  std::vector<Spot> letters;  ///< middles of what has the size of letters
  double text_height = 0;     ///< their median height in pixels; 0: too few of them
  bool has_lines = false;     ///< whether they stand in lines
  double angle = 0;           ///< by which the lines fall to the right, in radians
  double keystone = 0;        ///< how much that grows from pixel row to pixel row (a slanting view)
  double grain = 0;           ///< grey levels by which neighbouring pixels of paper differ
  double specks = 0;          ///< dots smaller than any letter, a letter
  double shade = 1;           ///< light of the darkest paper against the brightest, 0 to 1
};

PageLook look_at(Pix* grey);

}  // namespace khochung::workers

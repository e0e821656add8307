#pragma once

#include <string_view>

#include "indexer/workers/page_look.hpp"
#include "indexer/workers/page_source.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::workers {

/// Where a prepared page stands on the page picture: turned, freed of slant and scaled, each round
/// its middle.
class Placement {
 public:
  struct Point {
    double x = 0;
    double y = 0;
  };
  Placement() = default;
  Placement(int width, int height, double scale = 1)
      : width_(width), height_(height), scale_(scale) {}
  Placement(int width, int height, const PageLook& look, double scale);

  [[nodiscard]] Point on_page(Point prepared) const;
  /// Moves a box of the prepared page to where it stands on the page picture.
  void move_back(storage::PageWord& word) const;

  [[nodiscard]] bool is_upright() const { return angle_ == 0 && keystone_ == 0; }
  [[nodiscard]] double scale() const { return scale_; }

 private:
  int width_ = 0;  ///< of the page picture
  int height_ = 0;
  double angle_ = 0;
  double keystone_ = 0;
  double scale_ = 1;
};

/// How Tesseract is to tell ink from paper before it looks for lines; what it reads stays grey.
enum class Ink { by_whole_page, by_surroundings };

/// A page made ready to be read.
struct PreparedPage {
  PixPointer pix;  ///< 8 bits grey; null when Leptonica could not do it
  Placement placement;
  Ink ink = Ink::by_surroundings;
};

/// How a page is made ready.
enum class Preparation {
  plain,     ///< grey as it is
  reduced,   ///< the same, its letters no larger than Tesseract's lines
  straight,  ///< red channel (stamps vanish), upright, letters of good size
  cleaned,   ///< the same, freed of grain and specks, its light evened
};

std::string_view name_of(Preparation preparation);

/// What fits a page that looks like this.
Preparation best_preparation(const PageSource& source, const PageLook& look);

PreparedPage prepare(const PageSource& source, const PageLook& look, Preparation preparation);

}  // namespace khochung::workers

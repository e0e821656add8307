#pragma once

#include <cstddef>
#include <vector>

#include "server/pages/pages.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pages {

/// The boxes around the words at `found` (ascending): words that follow each other on one line
/// share a box.
/// Units: pixels of the page picture.
std::vector<HitBox> boxes_around(const std::vector<storage::PageWord>& words,
                                 const std::vector<std::size_t>& found);

}  // namespace khochung::pages

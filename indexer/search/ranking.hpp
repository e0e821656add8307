#pragma once

#include <xapian.h>

namespace khochung::search {

/// How documents are weighed against each other.
inline Xapian::BM25Weight ranking() {
  constexpr double saturation = 1.2;
  constexpr double length_influence = 0.75;
  return {saturation, 0, 1, length_influence, 0};
}

}  // namespace khochung::search

#pragma once

#include <xapian.h>

#include "indexer/index/index_document.hpp"

namespace khochung::index {

/// How often a word of the title counts, beside one of the text.
/// Measured 2026-11-23 with tests/bench/retrieval, see there.
inline constexpr unsigned title_weight = 3;

/// The Xapian document of a material. Throws what Xapian throws.
Xapian::Document compose(const IndexDocument& source);

}  // namespace khochung::index

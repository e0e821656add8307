#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "schemas/unit_tree.hpp"
#include "storage/catalogue/catalogue.hpp"

/// The addresses of what everybody may see, cut by the numbers in which materials arrived: one
/// sitemap reads one stretch of the catalogue, however large the store is, and what it has of a
/// stretch changes only when a material of that stretch does.
/// Source: the sitemaps protocol 0.9: at most 50,000 addresses or sitemaps in a file.
namespace khochung::delivery {

/// 30 million materials make 6,000 sitemaps; one of 5,000 texts took 0.3 s unoptimised.
inline constexpr std::int64_t arrivals_a_sitemap = 5'000;

struct ArrivalRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// What the sitemap of that number (from 1) covers.
/// Errors: not_found beyond the newest arrival, and for what is no number.
Result<ArrivalRange> sitemap_range(std::string_view number, std::int64_t newest_arrival);

/// The list of sitemaps; it has at least one.
std::string sitemap_index(const std::string& origin, std::int64_t newest_arrival);

/// The pages of those of `entries` that everybody may see now. The first page of the site stands in
/// each, for a sitemap must not be empty.
std::string sitemap(const std::string& origin, const std::vector<storage::CatalogueEntry>& entries,
                    const UnitTree& tree, Instant now);

}  // namespace khochung::delivery

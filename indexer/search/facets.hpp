#pragma once

#include <xapian.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "indexer/search/answer.hpp"

namespace khochung::search {

/// Counts the facet values of the documents that a match visits: one value of one slot a document,
/// in three parts that repeat far more often than the whole, and taken apart only at the end.
class FacetCounter : public Xapian::MatchSpy {
 public:
  void operator()(const Xapian::Document& document, double weight) override;
  /// By field; within it the most frequent first.
  [[nodiscard]] std::vector<Facet> facets() const;
  /// By owner; they are counted no longer.
  [[nodiscard]] UnitCounts take_units() { return std::move(units_); }

 private:
  UnitCounts units_;
  std::unordered_map<std::string, std::int64_t> values_;  ///< FacetValues, packed, without units
  std::unordered_map<std::string, std::int64_t> concepts_;
};

}  // namespace khochung::search

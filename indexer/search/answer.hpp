#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schemas/access/policy.hpp"
#include "schemas/identifier.hpp"
#include "schemas/material.hpp"

/// The read side of the index. No header of this room but the private ones needs Xapian.
namespace khochung::search {

enum class Order { relevance, newest, oldest };

struct SearchRequest {
  /// What the person typed; empty: everything readable, newest first.
  std::string query;
  int limit = 20;
  int offset = 0;
  Order order = Order::relevance;

  /// Owners: a unit and its branch; null: every owner.
  std::shared_ptr<const UnitSet> units;
  std::string kind;
  std::string language;
  std::string media_type;  ///< index::media_kind
  /// By place in concept_fields: any of these concepts; none: whatever it has.
  std::array<std::vector<std::string>, concept_fields.size()> concepts;
  std::optional<int> year;
  std::optional<MaterialId> part_of;

  access::ReadFilter rights;
  bool with_facets = true;
};

struct Hit {
  MaterialId id;
  double score = 0;
  int page = 0;              ///< from 1; 0: the words stand in no page
  std::string snippet_html;  ///< escaped; the only element is <mark>
};

struct FacetValue {
  std::string value;
  std::int64_t count = 0;
};

struct Facet {
  /// kind, year, language, media_type, or the name of a concept field, whose values are the
  /// lists as materials have them ("safety;values")
  std::string field;
  std::vector<FacetValue> values;
};

/// How many materials each unit owns, without its branch.
using UnitCounts = std::unordered_map<UnitNumber, std::int64_t>;

struct SearchAnswer {
  std::int64_t total = 0;
  bool total_is_exact = true;
  std::vector<Hit> hits;
  std::vector<Facet> facets;
  UnitCounts units;  ///< a facet, too: whoever knows the tree adds what stands beneath to each
  bool facets_are_exact = true;
  std::string did_you_mean;
  /// Key of a sentence (schemas/sentences.hpp): what the search did other than asked; or empty.
  std::string_view notice;
};

struct Suggestion {
  MaterialId id;
  std::string title;
};

}  // namespace khochung::search

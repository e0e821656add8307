#include "indexer/search/facets.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "indexer/index/terms.hpp"

namespace khochung::search {
namespace {

constexpr std::size_t most_values = 50;
/// Lists of concepts are not cut: whoever knows the vocabulary adds what is narrower to each.
constexpr std::size_t all_values = std::numeric_limits<std::size_t>::max();

Facet sorted_facet(std::string_view field, const std::map<std::string, std::int64_t>& counts,
                   std::size_t most = most_values) {
  Facet facet{std::string(field), {}};
  for (const auto& [value, count] : counts) {
    if (!value.empty()) facet.values.push_back({value, count});
  }
  std::ranges::stable_sort(facet.values, std::ranges::greater{}, &FacetValue::count);
  if (facet.values.size() > most) facet.values.resize(most);
  return facet;
}

}  // namespace

void FacetCounter::operator()(const Xapian::Document& document, double /*weight*/) {
  auto value = document.get_value(index::slot_facets);
  if (const auto place = index::concepts_place(value); place < value.size()) {
    ++concepts_[value.substr(place)];
    value.resize(place);
  }
  ++units_[index::unit_of_packed(value)];
  index::remove_unit(value);
  ++values_[value];
}

std::vector<Facet> FacetCounter::facets() const {
  std::map<std::string, std::int64_t> kind, year, language, media_type;
  for (const auto& [packed, count] : values_) {
    const auto values = index::FacetValues::unpacked(packed);
    kind[values.kind] += count;
    if (values.year != 0) year[std::to_string(values.year)] += count;
    language[values.language] += count;
    media_type[values.media_kind] += count;
  }
  std::vector<Facet> facets{sorted_facet("kind", kind), sorted_facet("year", year),
                            sorted_facet("language", language),
                            sorted_facet("media_type", media_type)};
  std::array<std::map<std::string, std::int64_t>, concept_fields.size()> lists;
  for (const auto& [packed, count] : concepts_) {
    const auto concepts = index::concepts_of_packed(packed);
    for (std::size_t field = 0; field < lists.size(); ++field)
      lists.at(field)[concepts.at(field)] += count;
  }
  for (std::size_t field = 0; field < lists.size(); ++field)
    facets.push_back(sorted_facet(concept_fields.at(field).name, lists.at(field), all_values));
  return facets;
}

}  // namespace khochung::search

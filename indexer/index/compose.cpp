#include "indexer/index/compose.hpp"

#include <unordered_map>

#include "indexer/index/media_kind.hpp"
#include "indexer/index/terms.hpp"
#include "schemas/utf8.hpp"

namespace khochung::index {
namespace {

/// Counts words before they go into Xapian's sorted map: most stand in a text several times.
using WordCounts = std::unordered_map<std::string, unsigned>;

void count_words(std::string_view content, unsigned weight, WordCounts& counts) {
  const auto tokens = text::tokenise(content);
  const text::Token* before = nullptr;
  for (const auto& token : tokens) {
    counts[syllable_term(token)] += weight;
    if (before != nullptr && !token.starts_run) {
      if (auto pair = pair_term(*before, token); !pair.empty()) counts[std::move(pair)] += weight;
    }
    before = &token;
  }
}

/// A scan's first reading only adds words that the repaired text does not have.
void add_missing_words(const std::vector<std::string>& raw_pages, WordCounts& counts) {
  WordCounts raw;
  for (const auto& page : raw_pages) count_words(page, 1, raw);
  for (auto& [term, count] : raw) counts.try_emplace(term, count);
}

void add_words(const IndexDocument& source, Xapian::Document& document) {
  WordCounts counts;
  counts.reserve(2048);
  for (const auto& field : material_fields) {
    if (!field.is_searched) continue;
    count_words(source.material.*field.text, field.name == "title" ? title_weight : 1, counts);
  }
  if (!is_taken_out(source.material.state)) {
    for (const auto& page : source.page_texts) count_words(page, 1, counts);
    add_missing_words(source.raw_page_texts, counts);
  }
  for (const auto& [term, count] : counts) document.add_term(term, count);
}

void add_rights(const IndexDocument& source, Xapian::Document& document) {
  const auto& standing = source.standing;
  document.add_boolean_term(unit_term(standing.owner));
  const RightsValue rights{standing.owner, access::effective_visibility(standing), standing.state,
                           standing.embargo_until.value_or(Instant::min())};
  document.add_value(slot_rights, rights.packed());
  if (!standing.creator.empty()) document.add_boolean_term(creator_term(standing.creator));
  for (const auto& account : standing.press_recipients)
    document.add_boolean_term(recipient_term(account));
}

/// A term for each concept; gives what facets count.
FacetConcepts add_concepts(const Material& material, Xapian::Document& document) {
  FacetConcepts concepts;
  for (std::size_t field = 0; field < concept_fields.size(); ++field) {
    // What older records hold may be any text.
    auto ids = concepts_in(material.*concept_fields.at(field).ids);
    if (ids.size() > most_concepts_of_a_field) ids.resize(most_concepts_of_a_field);
    for (auto& id : ids) {
      id = id.substr(0, std::min(first_bytes(id, 100).size(), id.find('\0')));
      document.add_boolean_term(concept_term(field, id));
    }
    concepts.at(field) = joined_concepts(ids);
  }
  return concepts;
}

void add_facets(const IndexDocument& source, Xapian::Document& document) {
  const auto& material = source.material;
  const FacetValues facets{source.standing.owner, first_year_of(material.date),
                           material.kind.substr(0, 100), material.language.substr(0, 35),
                           material.files.empty()
                               ? std::string()
                               : std::string(media_kind(material.files.front().media_type))};
  document.add_value(slot_facets, packed(facets, add_concepts(material, document)));
  document.add_value(slot_announced, instant_value(material.announced_at()));
  document.add_boolean_term(day_term(material.announced_at()));
  if (!facets.kind.empty()) document.add_boolean_term(kind_term(facets.kind));
  if (facets.year != 0) document.add_boolean_term(year_term(facets.year));
  if (!facets.language.empty()) document.add_boolean_term(language_term(facets.language));
  if (!facets.media_kind.empty()) document.add_boolean_term(media_term(facets.media_kind));
  if (material.part_of) document.add_boolean_term(part_of_term(*material.part_of));
}

bool is_for_everybody(const access::Standing& standing) {
  return access::effective_visibility(standing) == Visibility::public_ &&
         standing.state == State::published;
}

/// A title is suggested from each of its first words on.
void add_title_terms(std::string_view title, Xapian::Document& document) {
  constexpr std::size_t most_words = 12;
  const auto tokens = text::tokenise(title);
  for (std::size_t from = 0; from < std::min(tokens.size(), most_words); ++from) {
    std::string rest;
    for (auto at = from; at < tokens.size() && rest.size() < max_title_term_bytes; ++at) {
      if (!rest.empty()) rest.push_back(' ');
      rest.append(tokens[at].folded);
    }
    document.add_boolean_term(title_term(rest));
  }
}

}  // namespace

Xapian::Document compose(const IndexDocument& source) {
  Xapian::Document document;
  const auto& material = source.material;
  document.add_boolean_term(id_term(material.id));
  add_words(source, document);
  add_rights(source, document);
  add_facets(source, document);
  DocumentData data{material.id, is_taken_out(source.material.state), {}};
  if (is_for_everybody(source.standing)) {
    data.title = material.title;
    // The index does not learn that an embargo has ended.
    if (!source.standing.embargo_until) document.add_boolean_term(everybody_term());
    add_title_terms(material.title, document);
  }
  document.set_data(data.packed());
  return document;
}

}  // namespace khochung::index

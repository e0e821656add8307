#include "server/api/search_answer.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "indexer/pipeline/kept_texts.hpp"
#include "schemas/rights.hpp"
#include "server/api/material_json.hpp"
#include "server/api/request_values.hpp"
#include "server/http/encoding.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr int most_hits = 100;
constexpr int furthest_offset = 100'000;

Result<search::Order> order_of(const std::string& sort) {
  if (sort.empty() || sort == "relevance") return search::Order::relevance;
  if (sort == "newest") return search::Order::newest;
  if (sort == "oldest") return search::Order::oldest;
  return fail(ErrorCode::bad_input, "sort is relevance, newest or oldest");
}

Result<search::SearchRequest> request_of(const SearchParameters& parameters,
                                         const access::Viewer& viewer, const UnitTree& tree) {
  search::SearchRequest request;
  request.query = parameters.q;
  request.limit = parameters.limit;
  request.offset = parameters.offset;
  request.order = KHOCHUNG_TRY(order_of(parameters.sort));
  request.kind = parameters.kind;
  request.language = parameters.language;
  request.media_type = parameters.media_type;
  request.rights = access::filter_for(viewer, tree, now());
  if (!parameters.year.empty())
    request.year = KHOCHUNG_TRY(number_between("year", parameters.year, 1, 9'999, 0));
  if (!parameters.unit.empty()) {
    const Unit* unit = tree.find(parameters.unit);
    if (unit == nullptr)
      return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + parameters.unit);
    request.units = std::make_shared<const UnitSet>(tree.branch_set(unit->number));
  }
  return request;
}

/// A concept finds what is narrower, too.
Result<void> add_concepts(search::SearchRequest& request, const SearchParameters& parameters,
                          const pipeline::Vocabularies& vocabularies) {
  for (std::size_t field = 0; field < concept_fields.size(); ++field) {
    const auto& [name, vocabulary, unused] = concept_fields.at(field);
    const auto* filter =
        std::ranges::find(SearchParameters::filters(), name, &SearchParameters::Filter::name);
    const auto& id = parameters.*(filter->value);
    if (id.empty()) continue;
    const auto kept = KHOCHUNG_TRY(vocabularies.find(vocabulary));
    request.concepts.at(field) = with_narrower(*kept.vocabulary, id);
  }
  return {};
}

std::string hit_url(const search::Hit& hit, const std::string& query) {
  std::string url = "/m/" + hit.id.text();
  if (!query.empty()) url += "?q=" + http::percent_encode(query);
  if (hit.page > 0) url += (query.empty() ? "?page=" : "&page=") + std::to_string(hit.page);
  return url;
}

/// How a text begins, for a small picture of it; whole characters.
std::string opening_of(const std::string& text) {
  constexpr std::size_t longest_bytes = 480;
  if (text.size() <= longest_bytes) return text;
  auto end = longest_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

object hit_json(const search::Hit& hit, const storage::CatalogueEntry& entry, const UnitTree& tree,
                const std::string& query, const storage::DerivativeStore& derivatives) {
  const auto& material = entry.material;
  const Unit* unit = tree.find(material.unit);
  object json{
      {"id", hit.id.text()},
      {"title", material.title},
      {"snippet", hit.snippet_html},
      {"score", hit.score},
      {"url", hit_url(hit, query)},
      {"number", material.number},
      {"kind", material.kind},
      {"issuer", material.issuer},
      {"date", material.date},
      {"language", material.language},
      {"visibility", to_text(material.visibility)},
      {"state", to_text(material.state)},
      {"page_count", entry.page_count},
      {"unit", {{"id", material.unit.text()}, {"name", unit == nullptr ? "" : unit->name_vi}}}};
  json["page"] = hit.page > 0 ? value(hit.page) : value(nullptr);
  json["thumbnail_url"] = nullptr;
  if (material.files.empty()) return json;
  const auto& first = material.files.front();
  json["media_type"] = first.media_type;
  json["size_bytes"] = first.size_bytes;
  if (!rights::refusal(material, day_of(now())).empty()) return json;
  if (derivatives.rendition(first.sha256, "thumbnail.jpg")) {
    json["thumbnail_url"] = file_url(hit.id, "thumbnail.jpg");
  } else if (const auto page = derivatives.page(first.sha256, 1)) {
    json["opening"] = opening_of(page->text);
  }
  return json;
}

std::string facet_label(const Services& services, const std::string& field, const std::string& text,
                        Language language) {
  return field == "kind" ? services.vocabularies.label("kinds", text, language) : text;
}

/// The facet of units as the filter works: each unit counts its whole branch. With a filter, only
/// units within it.
array unit_facet(const search::UnitCounts& owners, const UnitTree& tree, const Unit* filter,
                 Language language) {
  constexpr std::size_t most_units = 50;
  search::UnitCounts by_unit;
  for (const auto& [owner, count] : owners) {
    for (const auto above : tree.chain_above(owner)) by_unit[above] += count;
  }
  std::vector<std::pair<std::int64_t, const Unit*>> counted;
  for (const auto& [number, count] : by_unit) {
    const Unit* unit = tree.find(number);
    const bool is_shown =
        unit != nullptr && (filter == nullptr || tree.is_within(number, filter->number));
    if (is_shown) counted.emplace_back(count, unit);
  }
  const auto shown = std::min(most_units, counted.size());
  std::ranges::partial_sort(
      counted, counted.begin() + static_cast<std::ptrdiff_t>(shown), {},
      [](const auto& one) { return std::pair(-one.first, one.second->number); });
  counted.resize(shown);
  array values;
  for (const auto& [count, unit] : counted) {
    const bool in_english = language == Language::english && !unit->name_en.empty();
    values.push_back(object{{"value", unit->code},
                            {"label", in_english ? unit->name_en : unit->name_vi},
                            {"count", count}});
  }
  return values;
}

/// The facet of a concept field as the filter works: each concept counts what is narrower.
Result<array> concept_facet(const Services& services, const search::Facet& facet,
                            std::string_view vocabulary, Language language) {
  constexpr std::size_t most_concepts = 50;
  if (facet.values.empty()) return array();
  const auto known = KHOCHUNG_TRY(services.vocabularies.find(vocabulary)).vocabulary;
  std::map<std::string, std::int64_t> by_concept;
  for (const auto& [ids, count] : facet.values) {
    std::set<std::string> all;
    for (const auto& id : concepts_in(ids)) {
      for (auto& wider : with_wider(*known, id)) all.insert(std::move(wider));
    }
    for (const auto& id : all) by_concept[id] += count;
  }
  std::vector<std::pair<std::int64_t, std::string>> counted;
  for (const auto& [id, count] : by_concept) counted.emplace_back(count, id);
  std::ranges::stable_sort(counted, std::ranges::greater{},
                           &std::pair<std::int64_t, std::string>::first);
  if (counted.size() > most_concepts) counted.resize(most_concepts);
  array values;
  for (const auto& [count, id] : counted) {
    const auto* entry = known->find(id);
    values.push_back(object{{"value", id},
                            {"label", entry == nullptr ? id : entry->label.in(language)},
                            {"count", count}});
  }
  return values;
}

Result<object> facets_json(const Services& services, const FoundMaterials& found,
                           const Unit* filter, Language language) {
  const auto& tree = *found.tree;
  object json{{"unit", unit_facet(found.answer.units, tree, filter, language)}};
  for (const auto& facet : found.answer.facets) {
    if (const auto* field = find_concept_field(facet.field); field != nullptr) {
      json[facet.field] = KHOCHUNG_TRY(concept_facet(services, facet, field->vocabulary, language));
      continue;
    }
    array values;
    for (const auto& one : facet.values) {
      values.push_back(object{{"value", one.value},
                              {"label", facet_label(services, facet.field, one.value, language)},
                              {"count", one.count}});
    }
    json[facet.field] = std::move(values);
  }
  return json;
}

}  // namespace

const std::array<SearchParameters::Filter, 11>& SearchParameters::filters() {
  static constexpr std::array<Filter, 11> all{{{"q", &SearchParameters::q},
                                               {"unit", &SearchParameters::unit},
                                               {"kind", &SearchParameters::kind},
                                               {"year", &SearchParameters::year},
                                               {"language", &SearchParameters::language},
                                               {"media_type", &SearchParameters::media_type},
                                               {"sort", &SearchParameters::sort},
                                               {"theme", &SearchParameters::theme},
                                               {"audience", &SearchParameters::audience},
                                               {"channel", &SearchParameters::channel},
                                               {"format", &SearchParameters::format}}};
  return all;
}

Result<SearchParameters> SearchParameters::of(const http::Request& request) {
  SearchParameters parameters;
  for (const auto& [name, value] : filters())
    parameters.*value = request.query_value(std::string(name));
  parameters.limit =
      KHOCHUNG_TRY(number_between("limit", request.query_value("limit"), 1, most_hits, 20));
  parameters.offset =
      KHOCHUNG_TRY(number_between("offset", request.query_value("offset"), 0, furthest_offset, 0));
  return parameters;
}

std::string query_text(const SearchParameters& parameters) {
  std::string text;
  const auto add = [&text](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    text += (text.empty() ? "?" : "&") + std::string(name) + "=" + http::percent_encode(value);
  };
  for (const auto& [name, value] : SearchParameters::filters()) add(name, parameters.*value);
  const SearchParameters usual;
  if (parameters.limit != usual.limit) add("limit", std::to_string(parameters.limit));
  if (parameters.offset != usual.offset) add("offset", std::to_string(parameters.offset));
  return text;
}

Result<FoundMaterials> find_materials(const Services& services, const SearchParameters& parameters,
                                      const access::Viewer& viewer, Facets facets) {
  FoundMaterials found;
  found.tree = services.units.tree();
  auto request = KHOCHUNG_TRY(request_of(parameters, viewer, *found.tree));
  KHOCHUNG_CHECK(add_concepts(request, parameters, services.vocabularies));
  request.with_facets = facets == Facets::counted;
  pipeline::KeptTexts texts(services.catalogue, services.derivatives);
  found.answer = KHOCHUNG_TRY(services.searcher.search(request, texts));
  const auto hits = std::exchange(found.answer.hits, {});

  std::vector<MaterialId> ids;
  ids.reserve(hits.size());
  for (const auto& hit : hits) ids.push_back(hit.id);
  std::map<MaterialId, storage::CatalogueEntry> entries;
  for (auto& entry : KHOCHUNG_TRY(services.catalogue.materials(ids))) {
    const auto id = entry.material.id;
    entries.emplace(id, std::move(entry));
  }
  for (const auto& hit : hits) {
    const auto entry = entries.find(hit.id);
    if (entry == entries.end()) continue;
    // The index follows the catalogue a moment later: what changed since is judged by what holds
    // now.
    const auto standing = access::Standing::of(entry->second.material, *found.tree);
    if (!standing || is_taken_out(standing->state)) continue;
    if (!access::may(viewer, access::Action::read, *standing, *found.tree, now())) continue;
    found.materials.push_back({hit, std::move(entry->second)});
  }
  return found;
}

Result<object> search_answer(const Services& services, const SearchParameters& parameters,
                             const access::Viewer& viewer, Language language) {
  const auto begin = std::chrono::steady_clock::now();
  const auto found = KHOCHUNG_TRY(find_materials(services, parameters, viewer, Facets::counted));
  const auto& answer = found.answer;
  const auto& tree = *found.tree;
  array hits;
  for (const auto& [hit, entry] : found.materials)
    hits.push_back(hit_json(hit, entry, tree, parameters.q, services.derivatives));
  for (auto& hit : hits) {
    const std::string kind(hit.at("kind").as_string());
    hit.as_object()["kind_label"] = services.vocabularies.label("kinds", kind, language);
  }
  auto facets = KHOCHUNG_TRY(facets_json(services, found, tree.find(parameters.unit), language));
  const auto took = std::chrono::steady_clock::now() - begin;
  object json{{"total", answer.total},
              {"total_is_exact", answer.total_is_exact},
              {"took_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
              {"hits", std::move(hits)},
              {"facets", std::move(facets)}};
  json["did_you_mean"] = answer.did_you_mean.empty() ? value(nullptr) : value(answer.did_you_mean);
  json["notice"] =
      answer.notice.empty() ? value(nullptr) : value(sentence(answer.notice, language));
  return json;
}

}  // namespace khochung::api

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/highlight.hpp"
#include "server/pages/linked_data.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

constexpr std::size_t values_before_more = 6;
constexpr std::size_t hits_in_first_view = 4;

/// A filter of the search: its name in the address and in `facets`.
struct Filter {
  std::string_view name;
  std::string SearchParameters::* value;
};

constexpr std::array<Filter, 9> filters{{{"kind", &SearchParameters::kind},
                                         {"theme", &SearchParameters::theme},
                                         {"audience", &SearchParameters::audience},
                                         {"channel", &SearchParameters::channel},
                                         {"format", &SearchParameters::format},
                                         {"unit", &SearchParameters::unit},
                                         {"year", &SearchParameters::year},
                                         {"media_type", &SearchParameters::media_type},
                                         {"language", &SearchParameters::language}}};

constexpr std::array<std::string_view, 3> sorts{"", "newest", "oldest"};

std::string address_with(SearchParameters parameters, std::string SearchParameters::* member,
                         std::string_view value) {
  parameters.*member = value;
  parameters.offset = 0;
  return search_address(parameters);
}

/// A filter's value in words; `label` is what the answer calls it.
std::string value_text(std::string_view filter, std::string_view value, std::string_view label,
                       Language language) {
  if (filter == "kind") return label.empty() ? kind_text(value, language) : std::string(label);
  if (filter == "language") return language_text(value, language);
  if (filter == "media_type") return media_kind_text(value, language);
  return std::string(label.empty() ? value : label);
}

const boost::json::array& facet_of(const boost::json::value& answer, std::string_view name) {
  static const boost::json::array none;
  const auto* facets = JsonReader(answer).find("facets");
  return facets == nullptr || facets->is_array() ? none : array_of(*facets, name);
}

boost::json::value facet_view(const SearchParameters& parameters, const Filter& filter,
                              const boost::json::array& entries, Language language) {
  boost::json::array first;
  boost::json::array more;
  for (const auto& entry : entries) {
    const JsonReader read(entry);
    const auto value = read.string("value");
    const bool is_chosen = parameters.*filter.value == value;
    auto& list = first.size() < values_before_more || is_chosen ? first : more;
    list.push_back({{"address", address_with(parameters, filter.value, is_chosen ? "" : value)},
                    {"label", value_text(filter.name, value, read.string("label"), language)},
                    {"count", number_text(read.integer("count"), language)},
                    {"is_chosen", is_chosen}});
  }
  return {{"label", text(language, "facet." + std::string(filter.name))},
          {"values", std::move(first)},
          {"has_more", !more.empty()},
          {"more", std::move(more)}};
}

boost::json::array facet_views(const SearchParameters& parameters, const boost::json::value& answer,
                               Language language) {
  boost::json::array views;
  for (const auto& filter : filters) {
    const auto& entries = facet_of(answer, filter.name);
    if (!entries.empty()) views.push_back(facet_view(parameters, filter, entries, language));
  }
  return views;
}

/// Where all of it can be changed in one go.
std::string bulk_address(SearchParameters parameters) {
  const SearchParameters usual;
  parameters.offset = usual.offset;
  parameters.limit = usual.limit;
  return "/bulk-edit" + search_address(parameters).substr(std::string_view("/search").size());
}

/// What is filtered by, each with the address that takes it off.
boost::json::array chosen_views(const SearchParameters& parameters,
                                const boost::json::value& answer, Language language) {
  boost::json::array views;
  for (const auto& filter : filters) {
    const auto& value = parameters.*filter.value;
    if (value.empty()) continue;
    std::string label;
    for (const auto& entry : facet_of(answer, filter.name)) {
      if (JsonReader(entry).string("value") == value) label = JsonReader(entry).string("label");
    }
    views.push_back({{"address", address_with(parameters, filter.value, "")},
                     {"label", std::string(text(language, "facet." + std::string(filter.name))) +
                                   ": " + value_text(filter.name, value, label, language)}});
  }
  return views;
}

boost::json::array sort_views(const SearchParameters& parameters, Language language) {
  boost::json::array views;
  for (const auto sort : sorts) {
    if (sort.empty() && parameters.q.empty()) continue;
    const bool is_usual = parameters.sort.empty() || parameters.sort == "relevance";
    const bool is_current = sort.empty() ? is_usual : parameters.sort == sort;
    views.push_back(
        {{"address", address_with(parameters, &SearchParameters::sort, sort)},
         {"label", text(language, "search.sort." + std::string(sort.empty() ? "relevance" : sort))},
         {"is_current", is_current}});
  }
  return views;
}

boost::json::object hit_view(const boost::json::value& hit, const SearchParameters& parameters,
                             Loading loading, Language language) {
  const JsonReader read(hit);
  const auto page = static_cast<int>(read.integer("page"));
  const auto title_html = read.string("title_html");
  boost::json::object view{
      {"address", material_address(read.string("id"), parameters.q, page)},
      {"title_html", title_html.empty() ? highlighted(read.string("title"), parameters.q)
                                        : with_marks_only(title_html)},
      {"facts", facts_line(hit, language)},
      {"snippet", with_marks_only(read.string("snippet"))},
      {"small", extent_line(hit, language)}};
  add_thumbnail(view, hit, loading);
  return view;
}

boost::json::array hit_views(const boost::json::array& hits, const SearchParameters& parameters,
                             Language language) {
  boost::json::array views;
  for (const auto& hit : hits) {
    const auto loading = views.size() < hits_in_first_view ? Loading::eager : Loading::lazy;
    views.push_back(hit_view(hit, parameters, loading, language));
  }
  return views;
}

std::string range_text(const SearchParameters& parameters, const boost::json::value& answer,
                       std::size_t shown, Language language) {
  const JsonReader read(answer);
  if (shown == 0) return {};
  if (read.integer("total") == 1) return std::string(text(language, "search.one"));
  const auto* exact = read.find("total_is_exact");
  const bool is_exact = exact == nullptr || !exact->is_bool() || exact->get_bool();
  const auto last = parameters.offset + static_cast<std::int64_t>(shown);
  return text(language, is_exact ? "search.range" : "search.range.about",
              {{"first", number_text(parameters.offset + 1, language)},
               {"last", number_text(last, language)},
               {"total", number_text(read.integer("total"), language)}});
}

/// The notice as a sentence: an answer may carry a key or the words themselves.
std::string notice_text(const boost::json::value& answer, Language language) {
  const auto notice = JsonReader(answer).string("notice");
  const auto known = sentence(notice, language);
  return known.empty() ? notice : std::string(known);
}

void add_paging(boost::json::object& view, const SearchParameters& parameters, std::size_t shown,
                std::int64_t total) {
  const auto at = [&](int offset) {
    auto moved = parameters;
    moved.offset = offset;
    return search_address(moved);
  };
  const bool has_previous = parameters.offset > 0;
  const bool has_next = parameters.offset + static_cast<std::int64_t>(shown) < total && shown > 0;
  view["previous"] = has_previous ? at(std::max(0, parameters.offset - parameters.limit)) : "";
  view["next"] = has_next ? at(parameters.offset + parameters.limit) : "";
  view["has_pages"] = has_previous || has_next;
}

void add_help(boost::json::object& view, const PageContext& context,
              const SearchParameters& parameters) {
  SearchParameters bare;
  bare.q = parameters.q;
  SearchParameters newest;
  newest.unit = parameters.unit;
  newest.sort = "newest";
  view["nothing"] = parameters.q.empty()
                        ? std::string(text(context.language, "search.nothing.all"))
                        : text(context.language, "search.nothing", {{"query", parameters.q}});
  view["without_filters"] = search_address(bare);
  view["newest_address"] = search_address(newest);
  view["is_signed_out"] = context.user_name.empty();
}

}  // namespace

std::string search_page(const PageContext& context, const SearchParameters& parameters,
                        const boost::json::value& answer) {
  const auto language = context.language;
  const auto& hits = array_of(answer, "hits");
  const auto suffix = parameters.q.empty() ? ".all" : "";
  const auto did_you_mean = JsonReader(answer).string("did_you_mean");
  auto chosen = chosen_views(parameters, answer, language);
  auto facets = facet_views(parameters, answer, language);
  auto card_title =
      text(language, std::string("search.heading") + suffix, {{"query", parameters.q}});
  for (const auto& filter : chosen)
    card_title = joined({card_title, JsonReader(filter).string("label")});
  boost::json::object view{
      {"heading",
       text(language, std::string("search.heading") + suffix, {{"query", parameters.q}})},
      {"notice", notice_text(answer, language)},
      {"did_you_mean", did_you_mean},
      {"did_you_mean_address", address_with(parameters, &SearchParameters::q, did_you_mean)},
      {"has_hits", !hits.empty()},
      {"first", parameters.offset + 1},
      {"range", range_text(parameters, answer, hits.size(), language)},
      {"sorts", sort_views(parameters, language)},
      {"chosen_any", !chosen.empty()},
      {"is_filtered", !chosen.empty()},
      {"filter_count", chosen.empty() ? boost::json::value() : boost::json::value(chosen.size())},
      {"chosen", std::move(chosen)},
      {"has_facets", !facets.empty()},
      {"facets", std::move(facets)},
      {"hits", hit_views(hits, parameters, language)}};
  view["feed_address"] = feed_address(parameters);
  view["selection_address"] = selection_address(parameters);
  if (context.may_upload && !hits.empty()) view["bulk_address"] = bulk_address(parameters);
  add_paging(view, parameters, hits.size(), JsonReader(answer).integer("total"));
  if (hits.empty()) add_help(view, context, parameters);
  Frame frame;
  frame.tab_title = text(language, std::string("search.tab") + suffix, {{"query", parameters.q}});
  frame.query = parameters.q;
  frame.is_hidden_from_robots = true;
  frame.card_title = std::move(card_title);
  frame.card_text = std::string(view.at("range").as_string());
  frame.card_path = search_address(parameters);
  frame.feeds = {{frame.card_title + " – " + context.site_name, feed_address(parameters)}};
  frame.linked_data = linked_data_of_results(context, frame.card_title, frame.card_path);
  return in_frame(context, frame, render("search", view, language));
}

std::string selection_page(const PageContext& context, const SelectionView& selection,
                           const boost::json::value& materials) {
  const auto& zip = selection.zip_address;
  const auto language = context.language;
  const auto& listed = array_of(materials, "materials");
  boost::json::array views;
  for (const auto& value : listed) {
    const JsonReader read(value);
    views.push_back({{"title", read.string("title")},
                     {"address", material_address(read.string("id"), "", 1)},
                     {"small", size_text(read.integer("size_bytes"), language)}});
  }
  const auto count = number_text(static_cast<std::int64_t>(listed.size()), language);
  const auto size = size_text(static_cast<std::int64_t>(selection.size_bytes), language);
  const bool is_part = selection.total > static_cast<std::int64_t>(listed.size());
  const boost::json::object view{
      {"has_materials", !views.empty()},
      {"extent", text(language, "selection.extent", {{"count", count}, {"size", size}})},
      {"rest", is_part ? text(language, "selection.rest",
                              {{"count", count}, {"total", number_text(selection.total, language)}})
                       : ""},
      {"zip_address", selection.zip_address},
      {"kits_address", context.may_upload
                           ? "/kits" + zip.substr(std::min(zip.find('?'), zip.size()))
                           : std::string()},
      {"size", size},
      {"materials", std::move(views)},
      {"search_address", search_address(selection.search)}};
  Frame frame;
  frame.tab_title = text(language, "selection.title");
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("selection", view, language));
}

}  // namespace khochung::pages

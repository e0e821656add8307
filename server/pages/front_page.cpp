#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "schemas/vocabularies/themes.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/linked_data.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/words.hpp"

namespace khochung::pages {
namespace {

constexpr std::size_t most_cards = 12;
constexpr std::size_t most_units = 12;
constexpr std::size_t cards_in_first_view = 6;

std::string search_for(std::string_view words) {
  SearchParameters parameters;
  parameters.q = words;
  return search_address(parameters);
}

boost::json::array cards(const boost::json::array& hits, Language language) {
  boost::json::array views;
  for (const auto& hit : hits) {
    if (views.size() == most_cards) break;
    const JsonReader read(hit);
    boost::json::object view{
        {"address", material_address(read.string("id"), "", 1)},
        {"title", read.string("title")},
        {"summary", joined({kind_of(read, language), date_text(read.string("date"))})}};
    add_thumbnail(view, hit, views.size() < cards_in_first_view ? Loading::eager : Loading::lazy);
    views.push_back(std::move(view));
  }
  return views;
}

boost::json::array theme_links(Language language) {
  boost::json::array views;
  for (const auto& theme : themes) {
    views.push_back({{"address", search_for(theme.words)},
                     {"label", language == Language::vietnamese ? theme.vi : theme.en}});
  }
  return views;
}

/// How many materials a facet counts for one of its values; empty when it does not say.
std::string count_of(const boost::json::value& answer, std::string_view unit, Language language) {
  const auto* facets = JsonReader(answer).find("facets");
  if (facets == nullptr) return {};
  for (const auto& entry : array_of(*facets, "unit")) {
    const JsonReader read(entry);
    if (read.string("value") == unit) return number_text(read.integer("count"), language);
  }
  return {};
}

boost::json::array unit_links(const boost::json::value& units, const boost::json::value& newest,
                              Language language) {
  boost::json::array views;
  for (const auto& unit : array_of(units, "units")) {
    if (views.size() == most_units) break;
    const JsonReader read(unit);
    if (!read.string("valid_to").empty()) continue;
    SearchParameters parameters;
    parameters.unit = unit_key(unit);
    views.push_back({{"address", search_address(parameters)},
                     {"name", unit_name(unit, language)},
                     {"count", count_of(newest, parameters.unit, language)}});
  }
  return views;
}

boost::json::array examples(Language language) {
  boost::json::array views;
  for (const auto* key : {"front.example1", "front.example2", "front.example3"}) {
    const auto words = text(language, key);
    views.push_back({{"address", search_for(words)}, {"words", words}});
  }
  return views;
}

}  // namespace

std::string front_page(const PageContext& context, const boost::json::value& newest,
                       const boost::json::value& units) {
  const auto language = context.language;
  const auto& hits = array_of(newest, "hits");
  auto unit_views = unit_links(units, newest, language);
  const auto total = number_text(JsonReader(newest).integer("total"), language);
  const boost::json::object view{{"examples", examples(language)},
                                 {"is_empty", hits.empty()},
                                 {"may_upload", context.may_upload},
                                 {"all_label", text(language, "front.all", {{"count", total}})},
                                 {"hits", cards(hits, language)},
                                 {"themes", theme_links(language)},
                                 {"has_units", !unit_views.empty()},
                                 {"units", std::move(unit_views)}};
  Frame frame;
  frame.tab_title = text(language, "front.tab");
  frame.card_text = text(language, "front.card");
  frame.card_path = "/";
  frame.feeds = {newest_feed(context)};
  frame.linked_data = linked_data_of_site(context);
  frame.has_search_in_header = false;
  return in_frame(context, frame, render("front", view, language));
}

}  // namespace khochung::pages

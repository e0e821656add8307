#include "server/pages/vocabulary_pages.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

constexpr int deepest = 3;

std::string title_of(std::string_view name, Language language) {
  const auto* info = find_vocabulary(name);
  if (info == nullptr) return std::string(name);
  return std::string(language == Language::vietnamese ? info->vi : info->en);
}

std::string count_text(const Vocabulary& vocabulary, Language language) {
  const auto count = static_cast<std::int64_t>(vocabulary.concepts.size());
  return text(language, "vocabularies.count", {{"count", number_text(count, language)}});
}

std::string address_of(std::string_view name) {
  return "/vocabularies/" + encoded(name);
}

/// Other labels on one line, and the note.
std::string more_of(const Concept& entry, Language language) {
  auto also = entry.also.in(language);
  for (std::size_t at = 0; (at = also.find('\n', at)) != std::string::npos; at += 2)
    also.replace(at, 1, ", ");
  return joined({entry.id, also, entry.note.in(language)});
}

boost::json::array concept_views(const VocabularyView& view, Language language) {
  boost::json::array views;
  for (const auto& [entry, depth] : in_tree_order(view.vocabulary)) {
    const auto edit = address_of(view.vocabulary.name) + "?edit=" + encoded(entry->id);
    views.push_back({{"id", entry->id},
                     {"depth", std::min(depth, deepest)},
                     {"label", entry->label.in(language)},
                     {"notation", entry->code},
                     {"is_retired", entry->is_retired},
                     {"more", more_of(*entry, language)},
                     {"edit_address", view.may_edit ? edit : ""}});
  }
  return views;
}

boost::json::array broader_options(const VocabularyView& view, Language language) {
  boost::json::array options;
  for (const auto& [entry, depth] : in_tree_order(view.vocabulary)) {
    if (entry->id == view.typed->id) continue;
    options.push_back({{"value", entry->id},
                       {"label", entry->label.in(language)},
                       {"is_chosen", entry->id == view.typed->broader}});
  }
  return options;
}

boost::json::value form_view(const VocabularyView& view, Language language) {
  if (!view.typed || !view.may_edit) return nullptr;
  const auto& typed = *view.typed;
  return boost::json::object{
      {"form_title", text(language, view.is_new ? "vocabularies.add" : "vocabularies.edit.title")},
      {"revision", view.revision},
      {"is_new", view.is_new},
      {"id", typed.id},
      {"label_vi", typed.label.vi},
      {"label_en", typed.label.en},
      {"also_vi", typed.also.vi},
      {"also_en", typed.also.en},
      {"note_vi", typed.note.vi},
      {"note_en", typed.note.en},
      {"notation", typed.code},
      {"broader", broader_options(view, language)},
      {"is_retired", typed.is_retired}};
}

Frame frame_of(std::string title, std::string path) {
  Frame frame;
  frame.tab_title = std::move(title);
  frame.card_title = frame.tab_title;
  frame.card_path = std::move(path);
  frame.second_style = "officer.css";
  return frame;
}

}  // namespace

std::string vocabularies_page(const PageContext& context, const std::vector<Vocabulary>& all) {
  const auto language = context.language;
  boost::json::array views;
  for (const auto& vocabulary : all) {
    views.push_back({{"address", address_of(vocabulary.name)},
                     {"title", title_of(vocabulary.name, language)},
                     {"count", count_text(vocabulary, language)}});
  }
  return in_frame(
      context, frame_of(std::string(text(language, "vocabularies.title")), "/vocabularies"),
      render("vocabularies", boost::json::object{{"vocabularies", std::move(views)}}, language));
}

std::string vocabulary_page(const PageContext& context, const VocabularyView& view) {
  const auto language = context.language;
  const auto& name = view.vocabulary.name;
  const auto* info = find_vocabulary(name);
  const auto address = address_of(name);
  const boost::json::object page{
      {"csrf", context.csrf_token},
      {"address", address},
      {"title", title_of(name, language)},
      {"count", count_text(view.vocabulary, language)},
      {"source", info == nullptr ? std::string_view() : info->source},
      {"is_saved", view.is_saved},
      {"error", view.error},
      {"form", form_view(view, language)},
      {"add_address", view.may_edit && !view.typed ? address + "?edit=" : ""},
      {"concepts", concept_views(view, language)},
      {"json_address", "/api/v1" + address},
      {"jsonld_address", "/api/v1" + address + "?format=jsonld"},
      {"turtle_address", "/api/v1" + address + ".ttl"}};
  return in_frame(context, frame_of(title_of(name, language), address),
                  render("vocabulary", page, language));
}

}  // namespace khochung::pages

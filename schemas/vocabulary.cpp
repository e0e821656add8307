#include "schemas/vocabulary.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <span>

#include "schemas/json_reader.hpp"
#include "schemas/utf8.hpp"
#include "schemas/vocabularies/kinds.hpp"
#include "schemas/vocabularies/programme.hpp"
#include "schemas/vocabularies/themes.hpp"

namespace khochung {
namespace {

constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_label = 300;
constexpr std::size_t longest_note = 4'000;
constexpr std::size_t most_others = 50;  // of one concept in one language

Concept shipped(std::string_view key, std::string_view vi, std::string_view en) {
  Concept entry;
  entry.id = key;
  entry.label = {std::string(vi), std::string(en)};
  return entry;
}

void add(std::vector<Concept>& concepts, std::span<const ShippedConcept> rows) {
  for (const auto& row : rows) {
    concepts.push_back(shipped(row.key, row.vi, row.en));
    concepts.back().broader = row.broader;
  }
}

tl::unexpected<Error> wrong(const std::string& id, std::string_view what) {
  return fail(ErrorCode::bad_input, "concept_wrong",
              std::string(first_bytes(id, longest_id)) + ": " + std::string(what));
}

bool is_id(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= longest_id && std::ranges::all_of(text, fits);
}

/// One line of text without control characters.
bool is_label(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return text.size() <= longest_label && std::ranges::none_of(text, is_control);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

boost::json::array lines_json(const std::string& text) {
  boost::json::array lines;
  for (const auto& line : lines_of(text)) lines.emplace_back(line);
  return lines;
}

boost::json::object words_json(const Words& words) {
  return {{"vi", words.vi}, {"en", words.en}};
}

boost::json::object concept_json(const Concept& entry) {
  return {{"id", entry.id},
          {"prefLabel", words_json(entry.label)},
          {"altLabel", {{"vi", lines_json(entry.also.vi)}, {"en", lines_json(entry.also.en)}}},
          {"note", words_json(entry.note)},
          {"notation", entry.code},
          {"broader", entry.broader},
          {"retired", entry.is_retired}};
}

Words words_from(const JsonReader& read, std::string_view name) {
  const auto* value = read.find(name);
  if (value == nullptr) return {};
  const JsonReader words(*value);
  return {words.string("vi"), words.string("en")};
}

/// Other labels, a line each. Errors: bad_input.
Result<std::string> others_from(const JsonReader& read, std::string_view language,
                                const std::string& id) {
  const auto* value = read.find("altLabel");
  if (value == nullptr) return std::string();
  std::string text;
  const auto labels = JsonReader(*value).strings(language);
  if (labels.size() > most_others) return wrong(id, "too many other labels");
  for (const auto& label : labels) {
    if (!is_label(label)) return wrong(id, "another label is no line");
    if (!label.empty()) text += (text.empty() ? "" : "\n") + label;
  }
  return text;
}

Result<Concept> concept_from(const boost::json::value& value) {
  const JsonReader read(value);
  Concept entry;
  entry.id = read.string("id");
  if (!is_id(entry.id)) return wrong(entry.id, "no id of a concept");
  entry.label = words_from(read, "prefLabel");
  entry.also.vi = KHOCHUNG_TRY(others_from(read, "vi", entry.id));
  entry.also.en = KHOCHUNG_TRY(others_from(read, "en", entry.id));
  entry.note = words_from(read, "note");
  entry.code = read.string("notation");
  entry.broader = read.string("broader");
  entry.is_retired = read.boolean("retired");
  if (entry.label.vi.empty()) return wrong(entry.id, "no Vietnamese label");
  if (!is_label(entry.label.vi) || !is_label(entry.label.en) || !is_label(entry.code))
    return wrong(entry.id, "a label is no line");
  if (std::max(entry.note.vi.size(), entry.note.en.size()) > longest_note)
    return wrong(entry.id, "the note is too long");
  return entry;
}

/// Whether every wider one is there and none is wider than itself. Errors: bad_input.
Result<void> check_broader(const Vocabulary& vocabulary) {
  std::map<std::string_view, std::string_view> above;
  for (const auto& entry : vocabulary.concepts) above[entry.id] = entry.broader;
  for (const auto& entry : vocabulary.concepts) {
    std::size_t steps = 0;
    for (std::string_view at = entry.broader; !at.empty(); at = above[at]) {
      if (!above.contains(at)) return wrong(entry.id, "its wider one is not there");
      if (++steps > vocabulary.concepts.size()) return wrong(entry.id, "wider than itself");
    }
  }
  return {};
}

}  // namespace

const Concept* Vocabulary::find(std::string_view id) const {
  const auto found = std::ranges::find(concepts, id, &Concept::id);
  return found == concepts.end() ? nullptr : &*found;
}

const VocabularyInfo* find_vocabulary(std::string_view name) {
  const auto* row = std::ranges::find(vocabularies, name, &VocabularyInfo::name);
  return row == vocabularies.end() ? nullptr : row;
}

Vocabulary shipped_vocabulary(std::string_view name) {
  Vocabulary vocabulary{std::string(name), {}};
  auto& concepts = vocabulary.concepts;
  if (name == "themes") {
    for (const auto& theme : themes) {
      concepts.push_back(shipped(theme.key, theme.vi, theme.en));
      concepts.back().also.vi = theme.words;
    }
    add(concepts, further_themes);
  } else if (name == "kinds") {
    for (const auto& kind : material_kinds) {
      concepts.push_back(shipped(kind.key, kind.vi, kind.en));
      concepts.back().code = kind.code;
    }
  } else if (name == "audience") {
    add(concepts, audiences);
  } else if (name == "channels") {
    add(concepts, channels);
  } else if (name == "formats") {
    add(concepts, formats);
  }
  return vocabulary;
}

boost::json::object to_json(const Vocabulary& vocabulary) {
  boost::json::array concepts;
  for (const auto& entry : vocabulary.concepts) concepts.push_back(concept_json(entry));
  return {{"name", vocabulary.name}, {"concepts", std::move(concepts)}};
}

Result<Vocabulary> vocabulary_from_json(std::string_view name, const boost::json::value& value) {
  const auto* concepts = JsonReader(value).find("concepts");
  if (concepts == nullptr || !concepts->is_array())
    return fail(ErrorCode::bad_input, "a vocabulary has a list of concepts");
  if (concepts->get_array().size() > most_concepts)
    return fail(ErrorCode::bad_input, "more than 1,000 concepts");
  Vocabulary vocabulary{std::string(name), {}};
  std::set<std::string> ids;
  for (const auto& one : concepts->get_array()) {
    auto entry = KHOCHUNG_TRY(concept_from(one));
    if (!ids.insert(entry.id).second) return wrong(entry.id, "stands twice");
    vocabulary.concepts.push_back(std::move(entry));
  }
  KHOCHUNG_CHECK(check_broader(vocabulary));
  return vocabulary;
}

std::vector<std::string> with_narrower(const Vocabulary& vocabulary, const std::string& id) {
  std::vector<std::string> ids{id};
  // Circles were refused when it was read, so this ends.
  for (std::size_t at = 0; at < ids.size(); ++at) {
    for (const auto& entry : vocabulary.concepts) {
      if (entry.broader == ids[at]) ids.push_back(entry.id);
    }
  }
  return ids;
}

std::vector<std::string> with_wider(const Vocabulary& vocabulary, const std::string& id) {
  std::vector<std::string> ids{id};
  for (const auto* entry = vocabulary.find(id); entry != nullptr && !entry->broader.empty();
       entry = vocabulary.find(entry->broader))
    ids.push_back(entry->broader);
  return ids;
}

Result<void> may_follow(const Vocabulary& before, const Vocabulary& after) {
  for (const auto& entry : before.concepts) {
    if (after.find(entry.id) == nullptr)
      return fail(ErrorCode::conflict, "concept_kept", "gone: " + entry.id);
  }
  return {};
}

boost::json::object to_json_ld(const Vocabulary& vocabulary) {
  const auto* info = find_vocabulary(vocabulary.name);
  boost::json::array graph;
  boost::json::object scheme{{"id", "#"}, {"type", "skos:ConceptScheme"}};
  if (info != nullptr) {
    scheme["prefLabel"] = boost::json::object{{"vi", info->vi}, {"en", info->en}};
    scheme["source"] = info->source;
  }
  graph.push_back(std::move(scheme));
  for (const auto& entry : vocabulary.concepts) {
    boost::json::object json{{"id", "#" + entry.id}, {"type", "skos:Concept"}, {"inScheme", "#"}};
    const auto add_words = [&json](const char* name, const Words& words) {
      boost::json::object by_language;
      if (!words.vi.empty()) by_language["vi"] = lines_json(words.vi);
      if (!words.en.empty()) by_language["en"] = lines_json(words.en);
      if (!by_language.empty()) json[name] = std::move(by_language);
    };
    json["prefLabel"] = boost::json::object{{"vi", entry.label.vi}};
    if (!entry.label.en.empty()) json["prefLabel"].as_object()["en"] = entry.label.en;
    add_words("altLabel", entry.also);
    add_words("scopeNote", entry.note);
    if (!entry.code.empty()) json["notation"] = entry.code;
    if (entry.broader.empty()) {
      json["topConceptOf"] = "#";
    } else {
      json["broader"] = "#" + entry.broader;
    }
    if (entry.is_retired) json["deprecated"] = true;
    graph.push_back(std::move(json));
  }
  const auto by_language = [](std::string_view id) {
    return boost::json::object{{"@id", id}, {"@container", "@language"}};
  };
  const auto link = [](std::string_view id) {
    return boost::json::object{{"@id", id}, {"@type", "@id"}};
  };
  return {{"@context",
           {{"skos", "http://www.w3.org/2004/02/skos/core#"},
            {"id", "@id"},
            {"type", "@type"},
            {"prefLabel", by_language("skos:prefLabel")},
            {"altLabel", by_language("skos:altLabel")},
            {"scopeNote", by_language("skos:scopeNote")},
            {"notation", "skos:notation"},
            {"broader", link("skos:broader")},
            {"inScheme", link("skos:inScheme")},
            {"topConceptOf", link("skos:topConceptOf")},
            {"source", "http://purl.org/dc/terms/source"},
            {"deprecated", "http://www.w3.org/2002/07/owl#deprecated"}}},
          {"@graph", std::move(graph)}};
}

std::vector<PlacedConcept> in_tree_order(const Vocabulary& vocabulary) {
  std::map<std::string_view, std::vector<const Concept*>> beneath;
  for (const auto& entry : vocabulary.concepts) beneath[entry.broader].push_back(&entry);
  std::vector<PlacedConcept> placed;
  // Circles were refused when it was read, so this ends.
  std::vector<PlacedConcept> open;
  const auto open_beneath = [&](std::string_view id, int depth) {
    const auto found = beneath.find(id);
    if (found == beneath.end()) return;
    for (auto entry = found->second.rbegin(); entry != found->second.rend(); ++entry)
      open.push_back({*entry, depth});
  };
  open_beneath("", 0);
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    placed.push_back(next);
    open_beneath(next.entry->id, next.depth + 1);
  }
  return placed;
}

}  // namespace khochung

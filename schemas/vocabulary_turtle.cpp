#include <fmt/format.h>

#include "schemas/vocabulary.hpp"

namespace khochung {
namespace {

/// A text in quotes as Turtle takes it, whatever stands in it.
std::string quoted(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      literal.append(1, '\\').push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      literal += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      literal.push_back(c);
    }
  }
  return literal + "\"";
}

/// A subject with what is said of it; ends with its full stop.
class Subject {
 public:
  Subject(std::string_view iri, std::string_view type)
      : text_(fmt::format("<{}> a {}", iri, type)) {}

  Subject& add(std::string_view predicate, std::string_view object) {
    text_ += fmt::format(" ;\n  {} {}", predicate, object);
    return *this;
  }
  Subject& add_text(std::string_view predicate, std::string_view text, std::string_view language) {
    return text.empty() ? *this : add(predicate, fmt::format("{}@{}", quoted(text), language));
  }
  Subject& add_words(std::string_view predicate, const Words& words) {
    return add_text(predicate, words.vi, "vi").add_text(predicate, words.en, "en");
  }
  /// One for each line.
  Subject& add_lines(std::string_view predicate, std::string_view lines,
                     std::string_view language) {
    while (!lines.empty()) {
      const auto line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(std::min(line.size() + 1, lines.size()));
      add_text(predicate, line, language);
    }
    return *this;
  }
  [[nodiscard]] std::string text() const { return text_ + " .\n"; }

 private:
  std::string text_;
};

/// Ids are a-z, 0-9 and '_', so that nothing in an IRI needs an escape.
std::string iri_of(std::string_view id) {
  return fmt::format("<#{}>", id);
}

std::string scheme_in_turtle(const Vocabulary& vocabulary) {
  Subject scheme("#", "skos:ConceptScheme");
  if (const auto* info = find_vocabulary(vocabulary.name); info != nullptr) {
    scheme.add_text("skos:prefLabel", info->vi, "vi").add_text("skos:prefLabel", info->en, "en");
    scheme.add_text("dct:source", info->source, "vi");
  }
  return scheme.text();
}

std::string concept_in_turtle(const Concept& entry) {
  Subject subject("#" + entry.id, "skos:Concept");
  subject.add("skos:inScheme", "<#>").add_words("skos:prefLabel", entry.label);
  subject.add_lines("skos:altLabel", entry.also.vi, "vi");
  subject.add_lines("skos:altLabel", entry.also.en, "en");
  subject.add_words("skos:scopeNote", entry.note);
  if (!entry.code.empty()) subject.add("skos:notation", quoted(entry.code));
  if (entry.broader.empty()) {
    subject.add("skos:topConceptOf", "<#>");
  } else {
    subject.add("skos:broader", iri_of(entry.broader));
  }
  if (entry.is_retired) subject.add("owl:deprecated", "true");
  return subject.text();
}

}  // namespace

std::string to_turtle(const Vocabulary& vocabulary) {
  std::string text =
      "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
      "@prefix dct: <http://purl.org/dc/terms/> .\n"
      "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n\n" +
      scheme_in_turtle(vocabulary);
  for (const auto& entry : vocabulary.concepts) text += "\n" + concept_in_turtle(entry);
  return text;
}

}  // namespace khochung

#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.hpp"
#include "schemas/identifier.hpp"
#include "schemas/result.hpp"

/// Controlled words: what materials are described by, as data that administrators edit.
/// Source: SKOS (W3C Recommendation, 18 August 2009).
namespace khochung {

/// Words in both languages.
struct Words {
  std::string vi;
  std::string en;

  /// The Vietnamese ones where there are no English ones.
  [[nodiscard]] const std::string& in(Language language) const {
    return language == Language::english && !en.empty() ? en : vi;
  }
  bool operator==(const Words&) const = default;
};

/// One meaning and what it is called (skos:Concept).
struct Concept {
  std::string id;       ///< what materials keep: a-z, 0-9 and '_'; never changed, never taken away
  Words label;          ///< skos:prefLabel
  Words also;           ///< skos:altLabel, one a line
  Words note;           ///< skos:scopeNote
  std::string code;     ///< skos:notation: "QĐ" in 12/QĐ-TLĐ; may be empty
  std::string broader;  ///< the id of the wider one; empty at the top
  bool is_retired = false;  ///< no longer offered; what has it keeps it

  bool operator==(const Concept&) const = default;
};

/// A list of concepts (skos:ConceptScheme), in the order that pages show.
struct Vocabulary {
  std::string name;
  std::vector<Concept> concepts;

  [[nodiscard]] const Concept* find(std::string_view id) const;
  bool operator==(const Vocabulary&) const = default;
};

constexpr std::size_t most_concepts = 1'000;

/// What a vocabulary is called, and the record that keeps it once somebody has edited it.
struct VocabularyInfo {
  std::string_view name;
  std::string_view vi;
  std::string_view en;
  std::string_view source;
  std::string_view record;
};

inline constexpr std::array<VocabularyInfo, 5> vocabularies{{
    {"themes", "Chủ đề và sự kiện", "Themes and events",
     "Chương trình truyền thông Công đoàn Việt Nam 2023-2028, phần II.1",
     "00000000-0000-7000-8000-000000000002"},
    {"audience", "Đối tượng và phân khúc", "Audiences and segments",
     "Chương trình truyền thông Công đoàn Việt Nam 2023-2028, phần II.2",
     "00000000-0000-7000-8000-000000000003"},
    {"kinds", "Loại tư liệu", "Kinds of materials",
     "Nghị định 30/2020/NĐ-CP, Điều 7 và Phụ lục III; Quyết định 933/QĐ-TLĐ",
     "00000000-0000-7000-8000-000000000004"},
    {"channels", "Kênh truyền thông", "Channels",
     "Chương trình truyền thông Công đoàn Việt Nam 2023-2028, phần III.2",
     "00000000-0000-7000-8000-000000000005"},
    {"formats", "Hình thức sản phẩm", "Formats of products",
     "Chương trình truyền thông Công đoàn Việt Nam 2023-2028, phần III.2",
     "00000000-0000-7000-8000-000000000006"},
}};

/// The row of `name`, or null.
const VocabularyInfo* find_vocabulary(std::string_view name);

/// What holds until somebody has edited the vocabulary; empty for an unknown name.
Vocabulary shipped_vocabulary(std::string_view name);

/// {name, concepts: [{id, prefLabel: {vi, en}, altLabel: {vi: […], en: […]}, …}]}
boost::json::object to_json(const Vocabulary& vocabulary);
/// The same, checked. Errors: bad_input for an id that is none or stands twice, a concept without a
/// Vietnamese label, a wider one that is not there or goes in a circle, too much of anything.
Result<Vocabulary> vocabulary_from_json(std::string_view name, const boost::json::value& value);

/// `id` and every concept beneath it; of an unknown one the id alone.
std::vector<std::string> with_narrower(const Vocabulary& vocabulary, const std::string& id);
/// `id` and every concept above it, in this order.
std::vector<std::string> with_wider(const Vocabulary& vocabulary, const std::string& id);

/// Whether `after` may follow `before`. Errors: conflict, reason "concept_kept", when an id is
/// gone: what is described by it would lose its words.
Result<void> may_follow(const Vocabulary& before, const Vocabulary& after);

/// The vocabulary as JSON-LD, its concepts named by fragments of its own address.
boost::json::object to_json_ld(const Vocabulary& vocabulary);

/// The same in Turtle. Source: RDF 1.1 Turtle (W3C Recommendation, 25 February 2014).
std::string to_turtle(const Vocabulary& vocabulary);

/// The concepts so that each stands after its wider one, with its depth.
struct PlacedConcept {
  const Concept* entry = nullptr;
  int depth = 0;
};
std::vector<PlacedConcept> in_tree_order(const Vocabulary& vocabulary);

}  // namespace khochung

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/text/vietnamese.hpp"
#include "schemas/access/policy.hpp"
#include "schemas/material.hpp"

/// The write side of the index. What the terms and slots of a material look like: one Xapian
/// document a material, no positions.
///
/// Words. A syllable is one term, and so are two neighbouring syllables of a run. A term begins
/// with the form without marks and ends with a short signature of the marks:
///     syllable   duong \x01 <marks of đường>          pair   P cong doan \x01 <marks of công đoàn>
/// So a word with its marks is one exact term, and all ways to mark the same letters stand side by
/// side under one prefix: a query without marks takes them together as one synonym. The index has
/// two families of terms and answers as if it had four.
///
/// Everything else is a boolean term with a capital before it, see below.
namespace khochung::index {

/// Changes whenever an index made by an older program would answer wrongly; such an index is built
/// anew.
inline constexpr std::string_view format_version = "4";

inline constexpr std::uint32_t slot_announced = 0;  ///< instant_value: newest first
inline constexpr std::uint32_t slot_facets = 1;     ///< FacetValues, packed
inline constexpr std::uint32_t slot_rights = 2;     ///< RightsValue, packed

inline constexpr std::size_t max_term_bytes = 240;  ///< Xapian takes 245

/// The term of one syllable, exactly as it is marked.
std::string syllable_term(const text::Token& token);
/// The term of two neighbouring syllables; empty when it would be too long.
std::string pair_term(const text::Token& first, const text::Token& second);
/// What every marking of a syllable, or of a pair, begins with.
std::string syllable_prefix(std::string_view folded);
std::string pair_prefix(std::string_view first_folded, std::string_view second_folded);
/// The marked words that a syllable or pair term stands for: "công đoàn".
std::string words_of_term(std::string_view term);

// Boolean terms.
std::string id_term(MaterialId id);
std::string unit_term(UnitNumber unit);
std::string creator_term(std::string_view account);
std::string recipient_term(std::string_view account);
/// The day on which it was announced (UTC); all of them under one prefix, in order.
std::string day_term(Instant created);
std::string day_prefix();
std::string part_of_term(MaterialId whole);
std::string kind_term(std::string_view kind);
/// A concept in the field with that place in concept_fields, as the material names it: what is
/// wider and narrower is a matter of the search, so that an edited vocabulary rewrites no document.
std::string concept_term(std::size_t field, std::string_view concept_id);
std::string year_term(int year);
std::string language_term(std::string_view language);
std::string media_term(std::string_view media_kind);
std::string number_term(std::string_view canonical_number);
/// What everybody may read, and never was under an embargo: the documents whose words may be
/// counted.
std::string everybody_term();
/// Titles of what everybody may read, without marks, from each of their words on: suggestions.
std::string title_term(std::string_view folded_rest_of_title);
inline constexpr std::size_t max_title_term_bytes = 64;

/// Eight bytes that sort by time.
std::string instant_value(Instant instant);

/// What facets count, in one slot so that a match reads one value a document.
struct FacetValues {
  UnitNumber unit = 0;
  int year = 0;
  std::string kind;
  std::string language;
  std::string media_kind;

  [[nodiscard]] std::string packed() const;
  static FacetValues unpacked(std::string_view value);
};
/// The concepts of each field as the material has them; they stand behind the other values.
using FacetConcepts = std::array<std::string, concept_fields.size()>;
std::string packed(const FacetValues& values, const FacetConcepts& concepts);
FacetConcepts concepts_of_packed(std::string_view tail);
/// Where the concepts begin in a packed value; its size where there are none.
std::size_t concepts_place(std::string_view value);
/// The unit alone.
UnitNumber unit_of_packed(std::string_view value);
/// What is left is packed as if of no unit.
void remove_unit(std::string& packed_value);

/// What rights ask of every document, in one slot and so short that reading it costs no memory:
/// whose it is, how it stands, and when its embargo ends.
struct RightsValue {
  UnitNumber owner = 0;
  Visibility visibility = Visibility::private_;  ///< the effective one
  State state = State::draft;
  Instant embargo_until = Instant::min();  ///< to the millisecond; min(): none

  [[nodiscard]] std::string packed() const;
  static RightsValue unpacked(std::string_view value);
};

/// What a hit needs without opening anything else.
struct DocumentData {
  MaterialId id;
  bool is_withdrawn = false;  ///< its text is shown to nobody
  std::string title;          ///< only of what everybody may read

  [[nodiscard]] std::string packed() const;
  static Result<DocumentData> unpacked(std::string_view data);
};

}  // namespace khochung::index

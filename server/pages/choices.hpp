#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "schemas/error.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "schemas/vocabulary.hpp"

/// What several forms let people choose. Pure, as all pages.
namespace khochung::pages {

/// Units as {value, label, is_chosen}, the first being chosen where none is. Shape: `units` as
/// /api/v1/units answers.
boost::json::array unit_choices(const boost::json::array& units, const std::string& chosen,
                                Language language);

/// Who may see a material, as {value, label, more, is_chosen}.
boost::json::array visibility_choices(const std::string& chosen, const std::string& unit,
                                      Language language);

/// Nothing, or one of the kinds, as {value, label, is_chosen}.
boost::json::array kind_choices(const Vocabulary& kinds, const std::string& chosen,
                                Language language);

/// Boxes to tick and in one line which are ticked, as concept_boxes.mustache takes it:
/// {field, chosen, concepts}. Shape: `ids` as joined_concepts gives them.
boost::json::object concept_boxes(std::string_view field, const Vocabulary& vocabulary,
                                  const std::string& ids, Language language);

/// "2026-11-28T08:00" as a form's field for an instant at +07:00 has it.
std::string local_field(const std::string& rfc3339);

/// The instant that such a field names. Errors: bad_input, reason "review_embargo".
Result<Instant> instant_of_field(const std::string& field);

}  // namespace khochung::pages

#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "schemas/error.hpp"

/// What changed between two revisions, in words.
namespace khochung::pages {

/// Field by field, in the order of the field table: [{label, was, is}], `was` and `is` being empty
/// where there is nothing. Files: of `was` those that went, of `is` those that came.
/// Shape: both are materials as records keep them, `unit` being an object as /api/v1/units has it.
boost::json::array changes_between(const boost::json::value& was, const boost::json::value& is,
                                   Language language);

/// Every field that says something: [{label, value}].
boost::json::array field_rows(const boost::json::value& material, Language language);

}  // namespace khochung::pages

#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "server/pages/pages.hpp"
#include "server/pages/words.hpp"

/// The pages on which many materials are changed in one go. Pure, as all pages.
namespace khochung::pages {

/// What is chosen and typed.
struct BulkFormView {
  SearchParameters search;
  bool is_search = true;         ///< the materials are those of a search; else those in the list
  std::int64_t total = 0;        ///< what the search found
  std::int64_t selected = 0;     ///< how many of it can be changed in one go
  boost::json::array materials;  ///< {id, title, is_ticked}: as many as the page lists
  bool takes_all = true;         ///< all of the search, not only the ticked ones
  std::map<std::string, std::string> values;  ///< by field; "-": is made empty
  std::string note;
  std::string error;
  boost::json::array recent;  ///< as GET /api/v1/bulk-edits answers
};

std::string bulk_form_page(const PageContext& context, const BulkFormView& view,
                           const ConceptChoices& choices);

/// What would happen. Shape: `preview` as POST /api/v1/bulk-edits answers; `rows`: {id, title,
/// changes} with `changes` as changes_between gives them.
struct BulkPreviewView {
  boost::json::value preview;
  boost::json::array rows;
  std::string changes;  ///< as JSON, for the form that carries it out
  std::string note;
  std::string back;  ///< the address of the form
};
std::string bulk_preview_page(const PageContext& context, const BulkPreviewView& view);

/// Shape: `edit` as GET /api/v1/bulk-edits/{id} answers.
std::string bulk_edit_page(const PageContext& context, const boost::json::value& edit);

/// The fields that the form has, in its order.
const std::vector<std::string_view>& bulk_form_fields();

}  // namespace khochung::pages

#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "server/pages/pages.hpp"
#include "server/pages/words.hpp"

namespace khochung::pages {

/// The form in which somebody changes what a material says.
struct EditView {
  std::string id;
  std::string title;  ///< as it stands
  int revision = 1;   ///< on which the form was opened
  /// What the form shows, by the names of the field table: as it stands, or as it was sent.
  std::map<std::string, std::string> fields;
  std::string error;  ///< a sentence; empty: the form is shown for the first time
};
std::string edit_page(const PageContext& context, const EditView& view,
                      const ConceptChoices& choices);

/// The names of the fields that the form has, in its order.
std::vector<std::string_view> edited_fields();

}  // namespace khochung::pages

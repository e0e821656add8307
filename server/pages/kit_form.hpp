#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>

#include "schemas/material.hpp"

/// The form in which a press kit is put together, without a page around it. Pure.
namespace khochung::pages {

/// What the form holds: as the kit stands, or as it was sent.
struct KitForm {
  std::string title, unit, visibility, embargo, terms;  ///< `unit`: a code or an id
  KitContent content;
  int revision = 0;  ///< on which it was opened; 0: the kit is still to be made
  std::string find;  ///< words to find materials by
  std::string note;  ///< what a correction is about
};

/// The kit's own; `unit` is what the form calls its unit.
KitForm form_of(const Material& kit, std::string unit);

using SentForm = std::multimap<std::string, std::string>;

/// The form as it was sent. Errors: bad_input for what no form of ours sends.
Result<KitForm> kit_form_from(const SentForm& sent);

/// What a button did to the form: where the focus goes, and what is said of it.
struct KitMove {
  enum class What { nothing, moved, removed, quote_added, quote_removed };
  What what = What::nothing;
  std::size_t place = 0;  ///< of the item or quote, from 0
  bool is_up = false;     ///< the way in which the item went
};

/// Does what a button says: "up ROW", "down ROW", "remove ROW", "add_quote", "remove_quote N"; ROW
/// is the name of the row in `sent`. Anything else changes nothing.
KitMove do_in_form(KitForm& form, const SentForm& sent, std::string_view button);

/// Takes every part that `mine` left as it was in `seen` from `newest`: what one person typed and
/// another saved meanwhile stand side by side.
KitForm merged(const KitForm& mine, const KitForm& seen, const KitForm& newest);

/// What the form changes of `kept`, as PATCH /api/v1/kits/{id} names it; quotes without a word are
/// left out. Errors: bad_input, reason "review_embargo".
Result<boost::json::object> changes_in(const KitForm& form, const KitForm& kept);

}  // namespace khochung::pages

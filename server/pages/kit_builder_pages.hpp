#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "server/pages/kit_form.hpp"
#include "server/pages/pages.hpp"

/// The pages on which press kits are put together. Pure, as all pages.
namespace khochung::pages {

/// The kits that the person may edit. Shape: `kits`: materials as /api/v1/search lists them.
struct KitListView {
  boost::json::array kits;
  std::string ids;  ///< materials that go into whichever kit is chosen, with commas; or ""
};
std::string kits_page(const PageContext& context, const KitListView& view);

/// The person who is awaited before the kit can be published.
enum class KitAwaits { nobody, spokesperson, second_person, publisher };

struct KitBuilderView {
  std::string id;  ///< empty: the kit is still to be made
  KitForm form;
  std::string kept_title;
  int versions = 0;      ///< how many were published
  bool is_draft = true;  ///< it can be sent for review
  KitAwaits awaits = KitAwaits::nobody;
  boost::json::array units;  ///< those it may belong to, as /api/v1/units answers
  /// Of each item: {title, thumbnail_url, media_type, size_bytes, credit, terms, is_found,
  /// hindrance}.
  boost::json::array items;
  bool has_searched = false;
  boost::json::array found;  ///< materials: {id, title, facts…, is_in}
  std::string done;          ///< a sentence or ""
  std::string error;         ///< a sentence or ""
  bool is_unsaved = false;
  KitMove move;
  boost::json::value seen, newest;  ///< what somebody else saved meanwhile: from what, to what
  std::string saved_by;
};
std::string kit_builder_page(const PageContext& context, const KitBuilderView& view);

}  // namespace khochung::pages

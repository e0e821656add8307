#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"
#include "server/pages/pages.hpp"

/// What all pages share: the frame around them and the reading of units and materials.
namespace khochung::pages {

/// A feed that a page leads to.
struct FeedLink {
  std::string title;
  std::string path;
};

/// How a page stands in the frame.
struct Frame {
  std::string tab_title;   ///< what the tab says before the site's name
  std::string card_title;  ///< for link previews; empty: the site's name
  std::string card_text;
  std::string card_path;     ///< with a path the page has an address of its own for previews
  std::string card_picture;  ///< path; empty with a card_path: the archive's own picture
  std::string card_alt;      ///< what that picture shows
  int card_width = 0, card_height = 0;     ///< of that picture; 0: not known
  std::string_view card_type = "website";  ///< as Open Graph calls it
  bool may_be_embedded = false;            ///< card_path is known to /oembed
  std::vector<FeedLink> feeds;
  boost::json::value linked_data;  ///< of schema.org; null: none
  std::string query;               ///< in the header's search box
  bool has_search_in_header = true;
  bool is_hidden_from_robots = false;
  std::string_view second_style = {};          ///< "material.css", "officer.css" or none
  std::vector<std::string_view> scripts = {};  ///< beside app.js, in the order of their need
};

/// The whole document around `body`, a rendered page.
std::string in_frame(const PageContext& context, const Frame& frame, std::string body);

/// The feed of what was published last.
FeedLink newest_feed(const PageContext& context);

/// Whether everybody may see the material of which the API answered. Source: schemas/access.
bool is_open_to_all(const boost::json::value& material, Instant now);

/// The array in `value`, be it that itself or its member `name`; an empty one otherwise.
const boost::json::array& array_of(const boost::json::value& value, std::string_view name);

/// A unit's name in the language of the page.
std::string unit_name(const boost::json::value& unit, Language language);

/// What names a unit in an address: its code, else its id.
std::string unit_key(const boost::json::value& unit);

/// "01/CTr-TLĐ · Chương trình · Tổng LĐLĐ Việt Nam · 28/08/2020": what is known of it.
std::string facts_line(const boost::json::value& material, Language language);

/// "12 trang · PDF · 2,4 MB": what is known of it.
std::string extent_line(const boost::json::value& material, Language language);

/// On what terms a material may be used: its own, else what holds for all of the archive.
std::string terms_text(const boost::json::value& material, std::string_view unit,
                       Language language);

/// Joins what is not empty with " · ".
std::string joined(std::initializer_list<std::string_view> parts);

/// Adds the members that the template "thumbnail" reads.
enum class Loading { eager, lazy };
void add_thumbnail(boost::json::object& view, const boost::json::value& material, Loading loading);

}  // namespace khochung::pages

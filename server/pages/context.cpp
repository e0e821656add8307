#include "server/pages/context.hpp"

#include "schemas/base64.hpp"
#include "schemas/digest.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/utf8.hpp"
#include "server/pages/format.hpp"
#include "server/pages/linked_data.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/words.hpp"
#include "server/web/assets.hpp"

namespace khochung::pages {
namespace {

/// The digest with which Content-Security-Policy names a known style.
std::string style_source(std::string_view name) {
  return " 'sha256-" + to_base64(Digest::of(web::asset(name).bytes).bytes()) + "'";
}

boost::json::object link(std::string_view address, std::string_view label,
                         const PageContext& context) {
  const auto path = context.path_and_query.substr(0, context.path_and_query.find('?'));
  return {{"address", address}, {"label", label}, {"is_current", path == address}};
}

boost::json::array navigation(const PageContext& context) {
  boost::json::array links;
  links.push_back(link("/units", text(context.language, "nav.units"), context));
  if (context.may_upload) {
    links.push_back(link("/upload", text(context.language, "nav.upload"), context));
    links.push_back(link("/review", text(context.language, "nav.review"), context));
  }
  if (context.user_name.empty() && !context.has_session) {
    links.push_back(link("/sign-in", text(context.language, "nav.sign_in"), context));
  }
  return links;
}

/// The picture of links to pages that have none of their own.
constexpr std::string_view own_picture = "card.png";
constexpr int own_picture_width = 1200;
constexpr int own_picture_height = 630;

/// As much as link previews show, in whole letters.
std::string preview_of(const std::string& text) {
  constexpr std::size_t longest_bytes = 400;
  if (text.size() <= longest_bytes) return text;
  return std::string(first_bytes(text, longest_bytes)) + "…";
}

std::string absolute(const PageContext& context, const std::string& path) {
  return path.empty() ? std::string() : context.origin + path;
}

/// What link previews show. Source: the Open Graph protocol, "Structured Properties".
void add_card_picture(boost::json::object& view, const PageContext& context, const Frame& frame) {
  const bool is_own = frame.card_picture.empty();
  const auto path = is_own ? web::address_of(web::asset(own_picture)) : frame.card_picture;
  view["card_picture"] = frame.card_path.empty() ? std::string() : absolute(context, path);
  const int width = is_own ? own_picture_width : frame.card_width;
  view["card_width"] = width > 0 ? boost::json::value(width) : nullptr;
  view["card_height"] = is_own ? own_picture_height : frame.card_height;
  view["card_alt"] = is_own ? text(context.language, "card.alt") : std::string_view(frame.card_alt);
  view["twitter_card"] = width > 0 ? "summary_large_image" : "summary";
}

/// Where programs of other sites ask how to show the page. Source: oEmbed 1.0, 4.
boost::json::value embed_links(const PageContext& context, const Frame& frame) {
  if (!frame.may_be_embedded) return nullptr;
  const auto address =
      context.origin + "/oembed?url=" + encoded(absolute(context, frame.card_path));
  return {{"json", address + "&format=json"},
          {"xml", address + "&format=xml"},
          {"title", frame.card_title}};
}

boost::json::array feed_links(const Frame& frame) {
  boost::json::array views;
  for (const auto& feed : frame.feeds)
    views.push_back({{"address", feed.path}, {"title", feed.title}});
  return views;
}

/// "trang 2/14" of a hit, "14 trang" where no page is meant.
std::string pages_text(std::int64_t page, std::int64_t count, Language language) {
  if (count <= 1) return {};
  const auto count_text = number_text(count, language);
  if (page <= 0) return text(language, "search.page_count", {{"count", count_text}});
  return text(language, "search.page_of",
              {{"page", number_text(page, language)}, {"count", count_text}});
}

}  // namespace

std::string content_security_policy() {
  static const auto policy =
      std::string(
          "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
          "img-src 'self'; media-src 'self'; connect-src 'self'; script-src 'self'; style-src") +
      style_source("style.css") + style_source("material.css") + style_source("officer.css");
  return policy;
}

boost::json::array script_addresses(const Frame& frame) {
  boost::json::array addresses{web::address_of(web::asset("app.js"))};
  for (const auto script : frame.scripts)
    addresses.emplace_back(web::address_of(web::asset(script)));
  return addresses;
}

std::string embed_security_policy() {
  static const auto policy =
      std::string(
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *; "
          "img-src 'self'; style-src") +
      style_source("embed.css");
  return policy;
}

std::string in_frame(const PageContext& context, const Frame& frame, std::string body) {
  const auto tab_title =
      frame.tab_title.empty() ? context.site_name : frame.tab_title + " – " + context.site_name;
  boost::json::object view{
      {"tab_title", tab_title},
      {"site_name", context.site_name},
      {"card_title", frame.card_title.empty() ? context.site_name : frame.card_title},
      {"card_text", preview_of(frame.card_text)},
      {"card_url", absolute(context, frame.card_path)},
      {"canonical", absolute(context, frame.card_path)},
      {"card_type", frame.card_type},
      {"feeds", feed_links(frame)},
      {"embed", embed_links(context, frame)},
      {"linked_data", linked_data_text(frame.linked_data)},
      {"is_hidden_from_robots", frame.is_hidden_from_robots},
      {"viewed_as", context.viewed_as.empty()
                        ? std::string()
                        : text(context.language, "as.shown." + context.viewed_as, {})},
      {"own_eyes_address", context.path_and_query.substr(0, context.path_and_query.find('?'))},
      {"icon_address", web::address_of(web::asset("emblem.svg"))},
      {"scripts", script_addresses(frame)},
      {"style", web::asset("style.css").bytes},
      {"second_style", frame.second_style.empty() ? "" : web::asset(frame.second_style).bytes},
      {"has_search_in_header", frame.has_search_in_header},
      {"query", frame.query},
      {"links", navigation(context)},
      {"user_name", context.user_name},
      {"csrf", context.csrf_token},
      {"language_address", other_language_address(context)},
      {"is_caretaker", context.is_caretaker},
      {"request_id", context.request_id},
      {"body", std::move(body)}};
  add_card_picture(view, context, frame);
  return render("layout", view, context.language);
}

FeedLink newest_feed(const PageContext& context) {
  return {text(context.language, "feed.newest", {{"site", context.site_name}}), "/feed.atom"};
}

bool is_open_to_all(const boost::json::value& material, Instant now) {
  const JsonReader read(material);
  const auto embargo = read.string("embargo_until");
  const auto until = instant_from_rfc3339(embargo);
  const bool is_under_embargo = !embargo.empty() && (!until || *until > now);
  const auto sensitivity = read.string("sensitivity");
  return read.string("visibility") == "public" && read.string("state") == "published" &&
         (sensitivity.empty() || sensitivity == "open") && !is_under_embargo;
}

const boost::json::array& array_of(const boost::json::value& value, std::string_view name) {
  static const boost::json::array none;
  if (value.is_array()) return value.get_array();
  const auto* member = JsonReader(value).find(name);
  return member != nullptr && member->is_array() ? member->get_array() : none;
}

std::string unit_name(const boost::json::value& unit, Language language) {
  if (unit.is_string()) return std::string(unit.get_string());
  const JsonReader read(unit);
  auto chosen = read.string(language == Language::vietnamese ? "name_vi" : "name_en");
  if (!chosen.empty()) return chosen;
  const auto name = read.string("name");
  return name.empty() ? read.string("name_vi") : name;
}

std::string unit_key(const boost::json::value& unit) {
  const JsonReader read(unit);
  const auto code = read.string("code");
  return code.empty() ? read.string("id") : code;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string line;
  for (const auto part : parts) {
    if (part.empty()) continue;
    if (!line.empty()) line += "\u00a0· ";  // the dot stays on the line that it ends
    line += part;
  }
  return line;
}

std::string facts_line(const boost::json::value& material, Language language) {
  const JsonReader read(material);
  return joined({read.string("number"), kind_of(read, language), read.string("issuer"),
                 date_text(read.string("date"))});
}

std::string extent_line(const boost::json::value& material, Language language) {
  const JsonReader read(material);
  const auto media_type = read.string("media_type");
  const auto size = read.integer("size_bytes");
  return joined({pages_text(read.integer("page"), read.integer("page_count"), language),
                 media_type.empty() ? "" : format_text(media_type, language),
                 size > 0 ? size_text(size, language) : ""});
}

std::string terms_text(const boost::json::value& material, std::string_view unit,
                       Language language) {
  const JsonReader read(material);
  auto terms = read.string("terms");
  if (!terms.empty()) return terms;
  const bool is_public = read.string("visibility") == "public";
  return text(language, is_public ? "material.terms.none.public" : "material.terms.none",
              {{"unit", unit}});
}

void add_thumbnail(boost::json::object& view, const boost::json::value& material, Loading loading) {
  const JsonReader read(material);
  view["thumbnail"] = read.string("thumbnail_url");
  view["opening"] = read.string("thumbnail_url").empty() ? read.string("opening") : "";
  view["letters"] = format_letters(read.string("media_type"));
  view["sign"] = media_sign(read.string("media_type"));
  view["loading"] = loading == Loading::eager ? "eager" : "lazy";
}

}  // namespace khochung::pages

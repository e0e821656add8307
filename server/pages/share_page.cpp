#include "server/pages/share_page.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/material_text.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr int small_width = 600;
constexpr int middle_width = 840;
constexpr int large_width = 1200;

/// Reads what a link opens for one page.
struct Reading {
  const PageContext& context;
  const value& material;
  const ShareView& view;
  JsonReader read{material};

  [[nodiscard]] Language language() const { return context.language; }
  [[nodiscard]] std::string unit() const {
    const auto* unit = read.find("unit");
    return unit == nullptr ? std::string() : unit_name(*unit, context.language);
  }
};

std::string what_of(const value& file, Language language) {
  const JsonReader read(file);
  return joined({format_text(read.string("media_type"), language),
                 size_text(read.integer("size_bytes"), language)});
}

object file_view(const value& file, Language language) {
  const JsonReader read(file);
  const auto key = "material.role." + read.string("role");
  const bool has_name = read.string("role") == "original" || !has_text(key);
  return {{"address", read.string("url")},
          {"name", has_name ? read.string("name") : std::string(text(language, key))},
          {"what", what_of(file, language)}};
}

const value* file_of_role(const Reading& reading, std::string_view role) {
  for (const auto& file : array_of(reading.material, "files")) {
    if (JsonReader(file).string("role") == role) return &file;
  }
  return nullptr;
}

/// The one thing to take: a kit's ZIP, the searchable PDF, else the first original.
const value* main_file(const Reading& reading) {
  const auto* zip = reading.read.find("zip");
  if (zip != nullptr && zip->is_object()) return zip;
  const auto* whole = file_of_role(reading, "searchable_pdf");
  return whole != nullptr ? whole : file_of_role(reading, "original");
}

void add_files(object& page, const Reading& reading) {
  const auto language = reading.language();
  const auto* main = main_file(reading);
  page["download"] = nullptr;
  if (main != nullptr) {
    const JsonReader read(*main);
    const auto count = read.integer("files");
    const auto files = text(language, "kit.files", {{"count", number_text(count, language)}});
    const auto size = size_text(read.integer("size_bytes"), language);
    page["download"] =
        object{{"address", read.string("url")},
               {"label", text(language, count > 0 ? "kit.download" : "material.download")},
               {"what", count > 0 ? joined({"ZIP", files, size}) : what_of(*main, language)}};
  }
  array others;
  for (const auto& file : array_of(reading.material, "files")) {
    if (&file == main || JsonReader(file).string("role") == "thumbnail") continue;
    others.push_back(file_view(file, language));
  }
  page["has_files"] = !others.empty();
  page["files"] = std::move(others);
}

value player(const Reading& reading, std::string_view media_class) {
  const auto* file = file_of_role(reading, "original");
  if (file == nullptr || !JsonReader(*file).string("media_type").starts_with(media_class))
    return nullptr;
  return object{{"address", JsonReader(*file).string("url")}};
}

std::string picture_address(const Reading& reading, int width) {
  return reading.view.folder + "/pages/" + std::to_string(reading.view.material.page) +
         "/image?width=" + std::to_string(width);
}

value picture(const Reading& reading) {
  const auto& open = reading.view.material;
  if (open.page_width <= 0 || open.page_height <= 0) return nullptr;
  const auto number = number_text(open.page, reading.language());
  const auto* key =
      reading.read.integer("page_count") > 1 ? "material.page.alt" : "material.page.alt.one";
  return object{{"small", picture_address(reading, small_width)},
                {"middle", picture_address(reading, middle_width)},
                {"large", picture_address(reading, large_width)},
                {"width", open.page_width},
                {"height", open.page_height},
                {"alt", text(reading.language(), key,
                             {{"page", number}, {"title", reading.read.string("title")}})}};
}

std::string page_address(const Reading& reading, int page) {
  return reading.view.folder + "?page=" + std::to_string(page) + "#page";
}

void add_pages(object& page, const Reading& reading) {
  const auto count = static_cast<int>(reading.read.integer("page_count"));
  const int number = reading.view.material.page;
  page["sound"] = player(reading, "audio/");
  page["film"] = player(reading, "video/");
  page["picture"] = picture(reading);
  page["has_pages"] = count > 1;
  page["previous"] = number > 1 ? page_address(reading, number - 1) : "";
  page["next"] = number < count ? page_address(reading, number + 1) : "";
  page["page_of"] = text(reading.language(), "material.page.of",
                         {{"page", number_text(number, reading.language())},
                          {"count", number_text(count, reading.language())}});
}

void add_paragraphs(object& page, std::string_view name, const std::string& words) {
  auto found = paragraphs(words, "");
  page["has_" + std::string(name)] = !words.empty();
  page[name] = std::move(found);
}

void add_words(object& page, const Reading& reading) {
  const auto& open = reading.view.material;
  for (const auto* name : {"description", "release", "contact"})
    add_paragraphs(page, name, reading.read.string(name));
  page["quotes"] = array_of(reading.material, "quotes");
  page["has_text"] = !open.page_text.empty();
  page["paragraphs"] = paragraphs(open.page_text, "");
  page["is_untrusted"] = open.is_machine_read;
  const bool has_pages = reading.read.integer("page_count") > 1;
  page["text_title"] = text(reading.language(), has_pages ? "material.text" : "material.text.one",
                            {{"page", number_text(open.page, reading.language())}});
  const auto language = reading.read.string("language");
  page["language"] = language.empty() ? "vi" : language;
}

std::string for_whom(const std::string& recipient, Language language) {
  if (recipient.empty()) return std::string(text(language, "share.for.nobody"));
  return text(language, "share.for", {{"recipient", recipient}});
}

std::string until_text(const Reading& reading) {
  auto said =
      text(reading.language(), "share.until", {{"at", instant_text(reading.view.expires_at)}});
  const auto& left = reading.view.downloads_left;
  if (left) {
    said += " " + text(reading.language(), "share.left",
                       {{"count", number_text(*left, reading.language())}});
  }
  return said;
}

std::string embargo_text(const Reading& reading) {
  const auto until = reading.read.string("embargo_until");
  const auto instant = instant_from_rfc3339(until);
  if (!instant || *instant <= reading.view.material.now) return {};
  return text(reading.language(), "kit.embargo", {{"until", instant_text(until)}});
}

/// Private pages say nothing of themselves to robots and previews.
Frame private_frame(std::string title, std::string_view style) {
  Frame frame;
  frame.tab_title = std::move(title);
  frame.is_hidden_from_robots = true;
  frame.second_style = style;
  return frame;
}

std::string line_of(const value& share, Language language) {
  const JsonReader read(share);
  return text(language, "shares.line." + read.string("state"),
              {{"at", instant_text(read.string("expires_at"))}});
}

std::string counts_of(const value& share, Language language) {
  const JsonReader read(share);
  const auto number = [&](std::string_view name) {
    return number_text(read.integer(name), language);
  };
  const bool has_limit = read.integer("download_limit") > 0;
  return text(language, has_limit ? "shares.counts.limit" : "shares.counts",
              {{"opened", number("opened")},
               {"downloaded", number("downloaded")},
               {"limit", number("download_limit")}});
}

std::string about(const value& share, Language language) {
  const JsonReader read(share);
  const auto used = instant_text(read.string("used_at"));
  return joined(
      {text(language, "shares.maker", {{"maker", read.string("maker")}}),
       read.boolean("has_password") ? text(language, "shares.has_password") : std::string_view(),
       used.empty() ? std::string() : text(language, "shares.used", {{"at", used}})});
}

array share_views(const PageContext& context, const SharesView& view) {
  array views;
  for (const auto& share : array_of(view.shares, "shares")) {
    const JsonReader read(share);
    auto recipient = read.string("recipient");
    if (recipient.empty()) recipient = text(context.language, "shares.nobody");
    const bool is_open = read.string("state") == "open" || read.string("state") == "used_up";
    views.push_back(object{
        {"recipient", recipient},
        {"line", line_of(share, context.language)},
        {"counts", counts_of(share, context.language)},
        {"about", about(share, context.language)},
        {"csrf", context.csrf_token},
        {"revoke_address",
         is_open ? "/m/" + encoded(view.id) + "/shares/" + encoded(read.string("id")) + "/revoke"
                 : std::string()},
        {"revoke_what", text(context.language, "shares.revoke.what", {{"recipient", recipient}})}});
  }
  return views;
}

value made_view(const PageContext& context, const SharesView& view) {
  if (!view.made) return nullptr;
  const auto& made = *view.made;
  const auto heading = made.recipient.empty()
                           ? std::string(text(context.language, "shares.made.nobody"))
                           : text(context.language, "shares.made", {{"recipient", made.recipient}});
  return object{{"heading", heading},
                {"url", made.url},
                {"qr", made.qr},
                {"title", view.title},
                {"until", text(context.language, "shares.made.until",
                               {{"at", instant_text(made.expires_at)}})}};
}

}  // namespace

std::string share_page(const PageContext& context, const value& material, const ShareView& view) {
  const Reading reading{context, material, view};
  const auto title = reading.read.string("title");
  object page{{"for_whom", for_whom(view.recipient, context.language)},
              {"title", title},
              {"facts_line", facts_line(material, context.language)},
              {"embargo", embargo_text(reading)},
              {"until", until_text(reading)},
              {"unit", reading.unit()},
              {"credit", reading.read.string("credit")},
              {"terms", terms_text(material, reading.unit(), context.language)}};
  add_files(page, reading);
  add_pages(page, reading);
  add_words(page, reading);
  return in_frame(context, private_frame(title, "material.css"),
                  render("share", page, context.language));
}

std::string share_password_page(const PageContext& context, std::string_view address,
                                std::string_view error) {
  const object page{{"address", address}, {"error", error}};
  return in_frame(
      context,
      private_frame(std::string(text(context.language, "share.password.title")), "officer.css"),
      render("share_password", page, context.language));
}

std::string shares_page(const PageContext& context, const SharesView& view) {
  auto shares = share_views(context, view);
  const auto count = number_text(std::ssize(shares), context.language);
  object page{{"address", "/m/" + encoded(view.id)},
              {"folder", "/m/" + encoded(view.id) + "/shares"},
              {"title", view.title},
              {"error", view.error},
              {"is_revoked", view.is_revoked},
              {"made", made_view(context, view)},
              {"may_share", view.may_share},
              {"needs_recipient", view.needs_recipient},
              {"csrf", context.csrf_token},
              {"recipient", view.recipient},
              {"days", view.days},
              {"limit", view.limit},
              {"list_title", text(context.language, "shares.list", {{"count", count}})},
              {"has_shares", !shares.empty()}};
  page["shares"] = std::move(shares);
  auto frame =
      private_frame(joined({text(context.language, "shares.title"), view.title}), "officer.css");
  return in_frame(context, frame, render("shares", page, context.language));
}

}  // namespace khochung::pages

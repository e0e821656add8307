#include "server/pages/linked_data.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/links.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// A thing of schema.org that leaves out what is not known.
class Thing {
 public:
  explicit Thing(std::string_view type) : json_{{"@type", type}} {}

  Thing& say(std::string_view name, std::string_view text) {
    if (!text.empty()) json_[name] = text;
    return *this;
  }
  Thing& say(std::string_view name, object thing) {
    json_[name] = std::move(thing);
    return *this;
  }
  Thing& say(std::string_view name, array things) {
    if (!things.empty()) json_[name] = std::move(things);
    return *this;
  }
  object done() { return std::move(json_); }
  /// The same as a document of its own.
  object document() {
    json_["@context"] = "https://schema.org";
    return std::move(json_);
  }

 private:
  object json_;
};

object organization(std::string_view name) {
  return Thing("Organization").say("name", name).done();
}

/// schema.org takes ISO 8601 dates; of EDTF those that name one day, month or year.
std::string iso_date(const std::string& edtf) {
  return edtf.find('/') == std::string::npos ? edtf : std::string();
}

std::string type_of(std::string_view media_type) {
  if (media_type.starts_with("image/")) return "ImageObject";
  if (media_type.starts_with("video/")) return "VideoObject";
  if (media_type.starts_with("audio/")) return "AudioObject";
  return "DigitalDocument";
}

std::string absolute(const PageContext& context, std::string_view path) {
  return path.empty() ? std::string() : context.origin + std::string(path);
}

std::string unit_of(const value& material, Language language) {
  const auto* unit = JsonReader(material).find("unit");
  return unit == nullptr ? std::string() : unit_name(*unit, language);
}

/// A file to be had. Source: schema.org, MediaObject.
object encoding_of(const PageContext& context, const value& file) {
  const JsonReader read(file);
  return Thing("MediaObject")
      .say("name", read.string("name"))
      .say("contentUrl", absolute(context, read.string("url")))
      .say("encodingFormat", read.string("media_type"))
      .say("contentSize", std::to_string(read.integer("size_bytes")))
      .say("sha256", read.string("sha256"))
      .done();
}

std::vector<value> originals_of(const value& material) {
  std::vector<value> originals;
  for (const auto& file : array_of(material, "files")) {
    if (JsonReader(file).string("role") == "original") originals.push_back(file);
  }
  return originals;
}

/// What holds for materials and kits alike.
void say_common(Thing& thing, const PageContext& context, const value& material,
                std::string_view path, std::string_view picture) {
  const JsonReader read(material);
  const auto unit = unit_of(material, context.language);
  const auto terms = terms_text(material, unit, context.language);
  thing.say("@id", absolute(context, path))
      .say("url", absolute(context, path))
      .say("name", read.string("title"))
      .say("description", read.string("description"))
      .say("inLanguage", read.string("language"))
      .say("publisher", organization(unit))
      .say("creditText", read.string("credit"))
      .say("usageInfo", Thing("CreativeWork").say("text", terms).done())
      .say("image", absolute(context, picture))
      .say("thumbnailUrl", absolute(context, picture));
}

object part_of_kit(const PageContext& context, const value& item) {
  const JsonReader read(item);
  return Thing(type_of(read.string("media_type")))
      .say("name", read.string("caption"))
      .say("url", absolute(context, material_address(read.string("material"), "", 1)))
      .say("contentUrl", absolute(context, read.string("url")))
      .say("encodingFormat", read.string("media_type"))
      .say("creditText", read.string("credit"))
      .done();
}

/// Source: schema.org, correction (of the News extension).
array corrections_of(const value& kit) {
  array corrections;
  for (const auto& version : array_of(kit, "versions")) {
    const JsonReader read(version);
    if (read.integer("number") < 2) continue;
    corrections.push_back(Thing("CorrectionComment")
                              .say("text", read.string("note"))
                              .say("datePublished", read.string("at"))
                              .done());
  }
  return corrections;
}

}  // namespace

value linked_data_of_site(const PageContext& context) {
  auto target = Thing("EntryPoint")
                    .say("urlTemplate", absolute(context, "/search?q={search_term_string}"))
                    .done();
  auto search = Thing("SearchAction")
                    .say("target", std::move(target))
                    .say("query-input", "required name=search_term_string")
                    .done();
  return Thing("WebSite")
      .say("name", context.site_name)
      .say("alternateName", "Kho Chung")
      .say("url", absolute(context, "/"))
      .say("inLanguage", array{"vi", "en"})
      .say("publisher", organization(context.site_name))
      .say("potentialAction", std::move(search))
      .document();
}

value linked_data_of_results(const PageContext& context, std::string_view name,
                             std::string_view path) {
  auto site =
      Thing("WebSite").say("name", context.site_name).say("url", absolute(context, "/")).done();
  return Thing("SearchResultsPage")
      .say("name", name)
      .say("url", absolute(context, path))
      .say("isPartOf", std::move(site))
      .document();
}

value linked_data_of_material(const PageContext& context, const value& material,
                              std::string_view picture) {
  const JsonReader read(material);
  const auto originals = originals_of(material);
  const auto media_type =
      originals.empty() ? std::string() : JsonReader(originals.front()).string("media_type");
  Thing thing(type_of(media_type));
  say_common(thing, context, material, material_address(read.string("id"), "", 1), picture);
  array encodings;
  for (const auto& file : originals) encodings.push_back(encoding_of(context, file));
  const auto issuer = read.string("issuer");
  if (!issuer.empty()) thing.say("creator", organization(issuer));
  if (!originals.empty() && type_of(media_type) != "DigitalDocument") {
    thing.say("contentUrl", absolute(context, JsonReader(originals.front()).string("url")))
        .say("encodingFormat", media_type)
        .say("uploadDate", read.string("created_at"));
  }
  thing.say("identifier", read.string("number"))
      .say("dateCreated", iso_date(read.string("date")))
      .say("datePublished", read.string("published_at"))
      .say("encoding", std::move(encodings));
  return thing.document();
}

value linked_data_of_kit(const PageContext& context, const value& kit, std::string_view picture) {
  const JsonReader read(kit);
  Thing thing("Collection");
  say_common(thing, context, kit, "/kit/" + read.string("id"), picture);
  array parts;
  for (const auto& item : array_of(kit, "items")) parts.push_back(part_of_kit(context, item));
  const auto& versions = array_of(kit, "versions");
  if (!versions.empty()) {
    const JsonReader newest(versions.back());
    thing.say("version", std::to_string(newest.integer("number")))
        .say("datePublished", JsonReader(versions.front()).string("at"))
        .say("dateModified", newest.string("at"));
  }
  thing.say("hasPart", std::move(parts)).say("correction", corrections_of(kit));
  return thing.document();
}

std::string linked_data_text(const value& data) {
  if (data.is_null()) return {};
  std::string safe;
  for (const char c : boost::json::serialize(data)) {
    switch (c) {
      case '<': safe += "\\u003c"; break;
      case '>': safe += "\\u003e"; break;
      case '&': safe += "\\u0026"; break;
      default: safe += c;
    }
  }
  return safe;
}

}  // namespace khochung::pages

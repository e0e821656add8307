#include "schemas/kit.hpp"

#include <boost/json.hpp>
#include <utility>

#include "schemas/json_reader.hpp"

namespace khochung {
namespace {

using boost::json::object;
using boost::json::value;

value quote_to_json(const KitQuote& quote) {
  return {{"text", quote.text}, {"speaker", quote.speaker}};
}

Result<KitQuote> quote_from_json(const value& json) {
  const JsonReader read(json);
  return KitQuote{read.string("text"), read.string("speaker")};
}

value item_to_json(const KitItem& item) {
  return {{"material", item.material.text()},
          {"file", item.file.hex()},
          {"caption", item.caption},
          {"credit", item.credit},
          {"terms", item.terms}};
}

Result<KitItem> item_from_json(const value& json) {
  const JsonReader read(json);
  return KitItem{KHOCHUNG_TRY(MaterialId::parse(read.string("material"))),
                 KHOCHUNG_TRY(Digest::parse(read.string("file"))), read.string("caption"),
                 read.string("credit"), read.string("terms")};
}

value file_to_json(const KitFile& file) {
  object json{{"path", file.path},
              {"sha256", file.sha256.hex()},
              {"size_bytes", file.size_bytes},
              {"crc32", file.crc32},
              {"media_type", file.media_type}};
  if (file.material) json["material"] = file.material->text();
  return json;
}

Result<KitFile> file_from_json(const value& json) {
  const JsonReader read(json);
  KitFile file;
  file.path = read.string("path");
  file.sha256 = KHOCHUNG_TRY(Digest::parse(read.string("sha256")));
  file.size_bytes = static_cast<std::uint64_t>(read.integer("size_bytes"));
  file.crc32 = static_cast<std::uint32_t>(read.integer("crc32"));
  file.media_type = read.string("media_type");
  if (const auto id = read.string("material"); !id.empty())
    file.material = KHOCHUNG_TRY(MaterialId::parse(id));
  return file;
}

value version_to_json(const KitVersion& version) {
  return {{"number", version.number},
          {"revision", version.revision},
          {"at", to_rfc3339(version.at)},
          {"by", version.by},
          {"note", version.note}};
}

Result<KitVersion> version_from_json(const value& json) {
  const JsonReader read(json);
  return KitVersion{static_cast<int>(read.integer("number")),
                    static_cast<int>(read.integer("revision")),
                    KHOCHUNG_TRY(instant_from_rfc3339(read.string("at"))), read.string("by"),
                    read.string("note")};
}

template <typename Part>
boost::json::array list_to_json(const std::vector<Part>& parts, value (*to_json)(const Part&)) {
  boost::json::array list;
  for (const auto& part : parts) list.push_back(to_json(part));
  return list;
}

/// Absent is empty.
template <typename Part>
Result<std::vector<Part>> list_from_json(const JsonReader& read, std::string_view name,
                                         Result<Part> (*from_json)(const value&)) {
  std::vector<Part> parts;
  const auto* list = read.find(name);
  if (list == nullptr) return parts;
  if (!list->is_array()) return fail(ErrorCode::bad_input, std::string(name) + ": not a list");
  for (const auto& part : list->get_array()) parts.push_back(KHOCHUNG_TRY(from_json(part)));
  return parts;
}

}  // namespace

object to_json(const KitContent& content) {
  return {{"release", content.release},
          {"quotes", list_to_json(content.quotes, quote_to_json)},
          {"contact", content.contact},
          {"items", list_to_json(content.items, item_to_json)}};
}

Result<KitContent> kit_content_from_json(const value& json) {
  const JsonReader read(json);
  return KitContent{
      read.string("release"), KHOCHUNG_TRY(list_from_json(read, "quotes", quote_from_json)),
      read.string("contact"), KHOCHUNG_TRY(list_from_json(read, "items", item_from_json))};
}

value to_json(const Kit& kit) {
  object json{{"draft", to_json(kit.draft)},
              {"versions", list_to_json(kit.versions, version_to_json)},
              {"files", list_to_json(kit.files, file_to_json)}};
  if (kit.published) json["published"] = to_json(*kit.published);
  return json;
}

Result<Kit> kit_from_json(const value& json) {
  const JsonReader read(json);
  Kit kit;
  if (const auto* draft = read.find("draft"))
    kit.draft = KHOCHUNG_TRY(kit_content_from_json(*draft));
  if (const auto* published = read.find("published"))
    kit.published = KHOCHUNG_TRY(kit_content_from_json(*published));
  kit.versions = KHOCHUNG_TRY(list_from_json(read, "versions", version_from_json));
  kit.files = KHOCHUNG_TRY(list_from_json(read, "files", file_from_json));
  return kit;
}

}  // namespace khochung

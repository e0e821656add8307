#include "server/delivery/kit_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "indexer/pipeline/drawn_size.hpp"
#include "server/api/material_json.hpp"

namespace khochung::delivery {
namespace {

using boost::json::array;
using boost::json::object;

bool may_edit(const api::Readable& readable, const access::Viewer& viewer) {
  return access::may(viewer, access::Action::edit, readable.standing, *readable.tree, now());
}

/// The picture of its first page, large enough for link previews; null where there is none.
boost::json::value picture_json(const api::Services& services, const MaterialId& id,
                                const MaterialFile& file) {
  constexpr int width = 1200;
  const auto page = services.derivatives.page(file.sha256, 1);
  if (!page) return nullptr;
  const auto size = pipeline::drawn_size(file.media_type, page->width, page->height, width);
  if (size.width == 0) return nullptr;
  return object{
      {"url", api::page_picture_url(id, 1, width)}, {"width", size.width}, {"height", size.height}};
}

/// Nothing where the viewer may not see it.
std::optional<object> item_json(const api::Services& services, const KitItem& item,
                                const access::Viewer& viewer) {
  const auto found = api::find_readable(services, item.material.text(), viewer);
  if (!found) return std::nullopt;
  const auto& material = found->entry->material;
  const auto file = std::ranges::find(material.files, item.file, &MaterialFile::sha256);
  if (file == material.files.end()) return std::nullopt;
  const auto or_own = [](const std::string& said, const std::string& own) {
    return said.empty() ? own : said;
  };
  object json{{"material", material.id.text()},
              {"title", material.title},
              {"file", item.file.hex()},
              {"name", file->name},
              {"media_type", file->media_type},
              {"size_bytes", file->size_bytes},
              {"url", api::file_url(material.id, file->name)},
              {"caption", or_own(item.caption, material.title)},
              {"credit", or_own(item.credit, material.credit)},
              {"terms", or_own(item.terms, material.terms)}};
  const bool is_first = file == material.files.begin();
  const bool has_thumbnail =
      is_first && services.derivatives.rendition(item.file, "thumbnail.jpg").has_value();
  json["thumbnail_url"] = has_thumbnail
                              ? boost::json::value(api::file_url(material.id, "thumbnail.jpg"))
                              : boost::json::value(nullptr);
  json["picture"] =
      is_first ? picture_json(services, material.id, *file) : boost::json::value(nullptr);
  return json;
}

object content_json(const api::Services& services, const KitContent& content,
                    const access::Viewer& viewer) {
  auto json = to_json(content);
  array items;
  for (const auto& item : content.items) {
    if (auto shown = item_json(services, item, viewer)) items.push_back(*std::move(shown));
  }
  json["items"] = std::move(items);
  return json;
}

array versions_json(const Material& material) {
  array versions;
  for (const auto& version : material.kit->versions) {
    versions.push_back(object{{"number", version.number},
                              {"at", to_rfc3339(version.at)},
                              {"note", version.note},
                              {"zip_url", kit_zip_url(material.id, version.number)}});
  }
  return versions;
}

}  // namespace

std::string kit_zip_url(const MaterialId& id, std::optional<int> version) {
  const auto url = "/kits/" + id.text() + ".zip";
  return version ? url + "?version=" + std::to_string(*version) : url;
}

std::string kit_feed_url(const MaterialId& id) {
  return "/kits/" + id.text() + ".atom";
}

Result<object> kit_json(const api::Services& services, const api::Readable& readable,
                        const access::Viewer& viewer) {
  const auto& material = readable.entry->material;
  if (!material.kit) return fail(ErrorCode::not_found, material.id.text() + " is no press kit");
  const auto& kit = *material.kit;
  auto json = api::material_json(*readable.entry, *readable.tree, services.derivatives, viewer);
  json["versions"] = versions_json(material);
  for (auto& [name, value] : content_json(services, kit.shown(), viewer)) json[name] = value;
  json["feed_url"] = kit_feed_url(material.id);
  if (may_edit(readable, viewer)) json["draft"] = to_json(kit.draft);
  json["zip"] = nullptr;
  if (kit.versions.empty()) return json;
  const auto layout = KHOCHUNG_TRY(kits::layout_of(kit));
  json["zip"] = object{{"url", kit_zip_url(material.id)},
                       {"version", kit.versions.back().number},
                       {"size_bytes", layout.size_bytes()},
                       {"files", kit.files.size()}};
  return json;
}

Result<object> kit_preview_json(const api::Services& services, const api::Readable& readable) {
  auto entry = *readable.entry;
  auto& material = entry.material;
  if (!material.kit) return fail(ErrorCode::not_found, material.id.text() + " is no press kit");
  auto& kit = *material.kit;
  material.state = State::published;
  kit.published = kit.draft;
  const int number = kit.versions.empty() ? 1 : kit.versions.back().number + 1;
  kit.versions.push_back({number, material.revision + 1, now(), {}, {}});
  kit.files.clear();
  const auto standing = KHOCHUNG_TRY(access::Standing::of(material, *readable.tree));
  const api::Readable published{std::make_shared<const storage::CatalogueEntry>(std::move(entry)),
                                standing, readable.tree};
  auto json = KHOCHUNG_TRY(kit_json(services, published, {access::AccountKind::press, {}, {}}));
  json["zip"] = nullptr;
  return json;
}

}  // namespace khochung::delivery

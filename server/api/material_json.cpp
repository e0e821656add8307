#include "server/api/material_json.hpp"

#include <boost/json.hpp>
#include <map>

#include "server/api/use_rights.hpp"
#include "server/http/encoding.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// What the archive made of a file, as a file of its own in the list.
struct Rendition {
  std::string_view name;
  std::string_view role;
  std::string_view media_type;
};

constexpr std::array<Rendition, 3> renditions{{{"thumbnail.jpg", "thumbnail", "image/jpeg"},
                                               {"light.jpg", "light", "image/jpeg"},
                                               {"layout.pdf", "layout", "application/pdf"}}};

object file_json(MaterialId id, const MaterialFile& file) {
  return {{"name", file.name},
          {"role", file.role},
          {"sha256", file.sha256.hex()},
          {"size_bytes", file.size_bytes},
          {"media_type", file.media_type},
          {"url", file_url(id, file.name)}};
}

void add_renditions(array& files, const Material& material,
                    const storage::DerivativeStore& derivatives) {
  if (material.files.empty()) return;
  for (const auto& rendition : renditions) {
    const auto bytes = derivatives.rendition(material.files.front().sha256, rendition.name);
    if (!bytes) continue;
    files.push_back(object{{"name", rendition.name},
                           {"role", rendition.role},
                           {"sha256", nullptr},
                           {"size_bytes", bytes->size_bytes()},
                           {"media_type", rendition.media_type},
                           {"url", file_url(material.id, rendition.name)}});
  }
}

std::string_view message_of(const storage::BatchItem& item, Language language) {
  return item.reason.empty() ? std::string_view() : sentence(item.reason, language);
}

object item_json(const storage::BatchItem& item, Language language) {
  object json{{"position", item.position},     {"path", item.path},
              {"size_bytes", item.size_bytes}, {"pages", item.pages},
              {"reason", item.reason},         {"message", message_of(item, language)}};
  json["state"] = storage::to_text(item.state);
  json["sha256"] = item.sha256 ? value(item.sha256->hex()) : value(nullptr);
  json["id"] = item.material ? value(item.material->text()) : value(nullptr);
  return json;
}

}  // namespace

std::string file_url(MaterialId id, std::string_view name) {
  return "/api/v1/materials/" + id.text() + "/files/" + http::percent_encode(name);
}

std::string page_picture_url(MaterialId id, int page, int width) {
  return "/api/v1/materials/" + id.text() + "/pages/" + std::to_string(page) +
         "/image?width=" + std::to_string(width);
}

object unit_json(const Unit& unit, const UnitTree& tree, Language language) {
  const bool in_english = language == Language::english && !unit.name_en.empty();
  object json{{"id", unit.id.text()},
              {"code", unit.code},
              {"name", in_english ? unit.name_en : unit.name_vi},
              {"name_vi", unit.name_vi},
              {"name_en", unit.name_en},
              {"level", unit.level},
              {"kind", to_text(unit.kind)},
              {"valid_from", unit.valid_from},
              {"valid_to", unit.valid_to},
              {"is_closed", tree.is_closed(unit)},
              {"two_person_rule", unit.has_two_person_rule}};
  const Unit* parent = tree.parent_of(unit.number);
  json["parent"] = parent != nullptr ? value(parent->id.text()) : value(nullptr);
  return json;
}

object material_json(const storage::CatalogueEntry& entry, const UnitTree& tree,
                     const storage::DerivativeStore& derivatives, const access::Viewer& viewer) {
  const auto& material = entry.material;
  object json = to_json(material).as_object();
  const Unit* unit = tree.find(material.unit);
  json["unit"] =
      object{{"id", material.unit.text()}, {"name", unit == nullptr ? "" : unit->name_vi}};
  object concepts;
  for (const auto& field : concept_fields) {
    array ids;
    for (const auto& id : concepts_in(material.*field.ids)) ids.emplace_back(id);
    if (!ids.empty()) concepts[field.name] = std::move(ids);
  }
  json["concepts"] = std::move(concepts);
  json["page_count"] = entry.page_count;
  json["searchable"] = entry.is_searchable;
  json.erase("press_recipients");
  json.erase("review");  // is told by itself, to those who take part
  // Drafts, and the names of files that may have been closed since: kit_json() tells what may be
  // told.
  json.erase("kit");
  const bool is_colleague = viewer.kind == access::AccountKind::union_person ||
                            viewer.kind == access::AccountKind::local_administrator;
  if (!is_colleague) {
    json.erase("creator");
    json.erase("erasure");
    json.erase("evidence_of");
    json.erase("batch");
  }
  array files;
  const auto refusal = use_refusal(material, tree, viewer);
  if (refusal.empty()) {
    for (const auto& file : material.files) files.push_back(file_json(material.id, file));
    add_renditions(files, material, derivatives);
  } else {
    json["use_refused"] = refusal;
  }
  json["files"] = std::move(files);
  return json;
}

object batch_json(const storage::Batch& batch, const std::vector<storage::BatchItem>& items,
                  Language language) {
  array lines;
  std::map<std::string_view, int> by_state;
  std::uint64_t bytes = 0;
  for (const auto& item : items) {
    lines.push_back(item_json(item, language));
    ++by_state[storage::to_text(item.state)];
    bytes += item.size_bytes;
  }
  object counts{{"files", items.size()}, {"bytes", bytes}};
  for (const auto* state : {"queued", "reading", "done", "duplicate", "failed", "quarantined"}) {
    counts[state] = by_state[state];
  }
  return {{"id", batch.id.text()},       {"created_at", to_rfc3339(batch.created_at)},
          {"creator", batch.creator},    {"closed", batch.is_closed},
          {"counts", std::move(counts)}, {"items", std::move(lines)}};
}

}  // namespace khochung::api

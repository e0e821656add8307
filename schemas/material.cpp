#include "schemas/material.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "schemas/json_reader.hpp"
#include "schemas/retention.hpp"
#include "schemas/rights.hpp"

namespace khochung {
namespace {

template <typename Enum, std::size_t n>
using Names = std::array<std::pair<Enum, std::string_view>, n>;

constexpr Names<Visibility, 6> visibility_names{{{Visibility::public_, "public"},
                                                 {Visibility::press, "press"},
                                                 {Visibility::union_, "union"},
                                                 {Visibility::branch, "branch"},
                                                 {Visibility::unit, "unit"},
                                                 {Visibility::private_, "private"}}};
constexpr Names<State, 6> state_names{{{State::draft, "draft"},
                                       {State::submitted, "submitted"},
                                       {State::approved, "approved"},
                                       {State::published, "published"},
                                       {State::withdrawn, "withdrawn"},
                                       {State::deleted, "deleted"}}};
constexpr Names<Sensitivity, 4> sensitivity_names{{{Sensitivity::open, "open"},
                                                   {Sensitivity::internal, "internal"},
                                                   {Sensitivity::restricted, "restricted"},
                                                   {Sensitivity::quarantined, "quarantined"}}};

template <typename Enum, std::size_t n>
std::string_view name_of(const Names<Enum, n>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value)).second;
}

template <typename Enum, std::size_t n>
Result<Enum> value_of(const Names<Enum, n>& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return fail(ErrorCode::bad_input, "no such value: " + std::string(text));
}

boost::json::value file_to_json(const MaterialFile& file) {
  return {{"name", file.name},
          {"role", file.role},
          {"sha256", file.sha256.hex()},
          {"size_bytes", file.size_bytes},
          {"media_type", file.media_type}};
}

Result<MaterialFile> file_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  MaterialFile file;
  file.name = read.string("name");
  file.role = read.string("role");
  file.sha256 = KHOCHUNG_TRY(Digest::parse(read.string("sha256")));
  file.size_bytes = static_cast<std::uint64_t>(read.integer("size_bytes"));
  file.media_type = read.string("media_type");
  return file;
}

boost::json::value deletion_to_json(const Deletion& deletion) {
  boost::json::object object{{"at", to_rfc3339(deletion.at)}, {"by", deletion.by}};
  if (deletion.disposal) object["disposal"] = deletion.disposal->text();
  return object;
}

Result<Deletion> deletion_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  Deletion deletion{KHOCHUNG_TRY(instant_from_rfc3339(read.string("at"))), read.string("by"), {}};
  if (const auto disposal = read.string("disposal"); !disposal.empty())
    deletion.disposal = KHOCHUNG_TRY(Uuid::parse(disposal));
  return deletion;
}

boost::json::value erasure_to_json(const Erasure& erasure) {
  boost::json::object object{{"ground", erasure.ground},
                             {"minutes", erasure.minutes.text()},
                             {"asked_by", erasure.asked_by},
                             {"asked_at", to_rfc3339(erasure.asked_at)}};
  if (!erasure.is_approved()) return object;
  object["approved_by"] = erasure.approved_by;
  object["approved_at"] = to_rfc3339(*erasure.approved_at);
  boost::json::array revisions;
  for (const auto& seal : erasure.revisions) revisions.emplace_back(seal.hex());
  object["revisions"] = std::move(revisions);
  boost::json::array files;
  for (const auto& file : erasure.files) files.push_back(file_to_json(file));
  object["files"] = std::move(files);
  return object;
}

Result<std::vector<MaterialFile>> files_from_json(const JsonReader& read) {
  std::vector<MaterialFile> files;
  if (const auto* list = read.find("files"); list != nullptr && list->is_array()) {
    for (const auto& file : list->get_array()) files.push_back(KHOCHUNG_TRY(file_from_json(file)));
  }
  return files;
}

Result<Erasure> erasure_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  Erasure erasure;
  erasure.ground = read.string("ground");
  erasure.minutes = KHOCHUNG_TRY(MaterialId::parse(read.string("minutes")));
  erasure.asked_by = read.string("asked_by");
  erasure.asked_at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("asked_at")));
  if (const auto at = read.string("approved_at"); !at.empty())
    erasure.approved_at = KHOCHUNG_TRY(instant_from_rfc3339(at));
  erasure.approved_by = read.string("approved_by");
  for (const auto& seal : read.strings("revisions"))
    erasure.revisions.push_back(KHOCHUNG_TRY(Digest::parse(seal)));
  erasure.files = KHOCHUNG_TRY(files_from_json(read));
  return erasure;
}

}  // namespace

std::vector<MaterialFile> files_kept(const Material& material) {
  auto files = material.files;
  if (material.kit) {
    for (const auto& file : material.kit->files)
      files.push_back({file.path, "kit", file.sha256, file.size_bytes, file.media_type});
  }
  return files;
}

Instant Material::announced_at() const {
  auto at = published_at.value_or(created_at);
  if (kit && !kit->versions.empty()) at = std::max(at, kit->versions.back().at);
  return embargo_until ? std::max(at, *embargo_until) : at;
}

const FieldInfo* find_field(std::string_view name) {
  const auto* row = std::ranges::find(material_fields, name, &FieldInfo::name);
  return row == material_fields.end() ? nullptr : row;
}

const ConceptField* find_concept_field(std::string_view name) {
  const auto* row = std::ranges::find(concept_fields, name, &ConceptField::name);
  return row == concept_fields.end() ? nullptr : row;
}

std::vector<std::string> concepts_in(std::string_view ids) {
  constexpr std::string_view blank = " \t\r\n";
  std::vector<std::string> concepts;
  while (!ids.empty()) {
    auto one = ids.substr(0, ids.find(';'));
    ids.remove_prefix(std::min(one.size() + 1, ids.size()));
    const auto begin = one.find_first_not_of(blank);
    if (begin == std::string_view::npos) continue;
    one = one.substr(begin, one.find_last_not_of(blank) + 1 - begin);
    if (std::ranges::find(concepts, one) == concepts.end()) concepts.emplace_back(one);
  }
  return concepts;
}

std::string joined_concepts(const std::vector<std::string>& ids) {
  std::string text;
  for (const auto& id : ids) text += (text.empty() ? "" : ";") + id;
  return text;
}

std::string_view to_text(Visibility visibility) {
  return name_of(visibility_names, visibility);
}
std::string_view to_text(State state) {
  return name_of(state_names, state);
}
std::string_view to_text(Sensitivity sensitivity) {
  return name_of(sensitivity_names, sensitivity);
}
Result<Visibility> visibility_from(std::string_view text) {
  return value_of(visibility_names, text);
}
Result<State> state_from(std::string_view text) {
  return value_of(state_names, text);
}
Result<Sensitivity> sensitivity_from(std::string_view text) {
  return value_of(sensitivity_names, text);
}

boost::json::value to_json(const Material& material) {
  boost::json::object object{
      {"id", material.id.text()},         {"revision", material.revision},
      {"unit", material.unit.text()},     {"visibility", to_text(material.visibility)},
      {"state", to_text(material.state)}, {"sensitivity", to_text(material.sensitivity)},
      {"creator", material.creator},      {"notice", material.notice},
      {"batch", material.batch.text()},   {"created_at", to_rfc3339(material.created_at)}};
  for (const auto& field : material_fields) {
    if (field.text != nullptr) object[field.name] = material.*field.text;
  }
  // What is left out where nothing was said, so that older records stay as they were.
  for (const auto* name : {"retention", "licence_until", "consent", "consent_until", "audience",
                           "channel", "format"}) {
    if (object[name].get_string().empty()) object.erase(name);
  }
  object["embargo_until"] =
      material.embargo_until ? boost::json::value(to_rfc3339(*material.embargo_until)) : nullptr;
  if (material.published_at) object["published_at"] = to_rfc3339(*material.published_at);
  object["part_of"] = material.part_of ? boost::json::value(material.part_of->text()) : nullptr;
  boost::json::array recipients;
  for (const auto& recipient : material.press_recipients) recipients.emplace_back(recipient);
  object["press_recipients"] = std::move(recipients);
  boost::json::array files;
  for (const auto& file : material.files) files.push_back(file_to_json(file));
  object["files"] = std::move(files);
  if (!material.hold.empty()) object["hold"] = material.hold;
  if (material.erasure) object["erasure"] = erasure_to_json(*material.erasure);
  if (!material.evidence_of.empty()) {
    boost::json::array trails;
    for (const auto& id : material.evidence_of) trails.emplace_back(id.text());
    object["evidence_of"] = std::move(trails);
  }
  if (material.kit) object["kit"] = to_json(*material.kit);
  if (material.review) object["review"] = to_json(*material.review);
  if (material.deletion) object["deletion"] = deletion_to_json(*material.deletion);
  return object;
}

Result<Material> material_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  Material material;
  material.id = KHOCHUNG_TRY(MaterialId::parse(read.string("id")));
  material.revision = static_cast<int>(read.integer("revision"));
  for (const auto& field : material_fields) {
    if (field.text != nullptr) material.*field.text = read.string(field.name);
  }
  material.unit = KHOCHUNG_TRY(UnitId::parse(read.string("unit")));
  material.visibility = KHOCHUNG_TRY(visibility_from(read.string("visibility")));
  material.state = KHOCHUNG_TRY(state_from(read.string("state")));
  material.sensitivity = KHOCHUNG_TRY(sensitivity_from(read.string("sensitivity")));
  material.creator = read.string("creator");
  material.notice = read.string("notice");
  material.batch = KHOCHUNG_TRY(BatchId::parse(read.string("batch")));
  material.created_at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("created_at")));
  if (const auto published = read.string("published_at"); !published.empty()) {
    material.published_at = KHOCHUNG_TRY(instant_from_rfc3339(published));
  }
  if (const auto embargo = read.string("embargo_until"); !embargo.empty()) {
    material.embargo_until = KHOCHUNG_TRY(instant_from_rfc3339(embargo));
  }
  if (const auto part_of = read.string("part_of"); !part_of.empty()) {
    material.part_of = KHOCHUNG_TRY(MaterialId::parse(part_of));
  }
  material.press_recipients = read.strings("press_recipients");
  material.files = KHOCHUNG_TRY(files_from_json(read));
  if (const auto* erasure = read.find("erasure"); erasure != nullptr && erasure->is_object())
    material.erasure = KHOCHUNG_TRY(erasure_from_json(*erasure));
  for (const auto& id : read.strings("evidence_of"))
    material.evidence_of.push_back(KHOCHUNG_TRY(Uuid::parse(id)));
  material.hold = read.string("hold");
  if (const auto* kit = read.find("kit"); kit != nullptr && kit->is_object())
    material.kit = KHOCHUNG_TRY(kit_from_json(*kit));
  if (const auto* review = read.find("review"); review != nullptr && review->is_object())
    material.review = KHOCHUNG_TRY(review_from_json(*review));
  if (const auto* deletion = read.find("deletion"); deletion != nullptr && deletion->is_object())
    material.deletion = KHOCHUNG_TRY(deletion_from_json(*deletion));
  return material;
}

Result<void> set_field(Material& material, std::string_view name, std::string_view value) {
  const auto* field = find_field(name);
  if (field == nullptr) return fail(ErrorCode::bad_input, "no such field: " + std::string(name));
  if (name == "date" && !value.empty() && !is_edtf(value)) {
    return fail(ErrorCode::bad_input, "date: not an EDTF date: " + std::string(value));
  }
  KHOCHUNG_CHECK(rights::check_field(name, value));
  if (name == "retention" && !value.empty()) KHOCHUNG_TRY(retention_term_from(value));
  if (find_concept_field(name) != nullptr) {
    const auto ids = concepts_in(value);
    if (ids.size() > most_concepts_of_a_field)
      return fail(ErrorCode::bad_input, std::string(name) + ": more than 20 concepts");
    material.*field->text = joined_concepts(ids);
  } else if (field->text != nullptr) {
    material.*field->text = value;
  } else if (name == "visibility") {
    material.visibility = KHOCHUNG_TRY(visibility_from(value));
  } else if (name == "state") {
    const auto state = KHOCHUNG_TRY(state_from(value));
    // A tombstone says who, when and why; a field cannot.
    if (state == State::deleted)
      return fail(ErrorCode::bad_input, "state: deleted by DELETE alone");
    material.state = state;
  } else if (name == "sensitivity") {
    material.sensitivity = KHOCHUNG_TRY(sensitivity_from(value));
  } else if (name == "embargo_until") {
    material.embargo_until.reset();
    if (!value.empty()) material.embargo_until = KHOCHUNG_TRY(instant_from_rfc3339(value));
  }
  return {};
}

}  // namespace khochung

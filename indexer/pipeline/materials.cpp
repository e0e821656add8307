#include "indexer/pipeline/materials.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "indexer/pipeline/audit_trail.hpp"
#include "schemas/access/review.hpp"
#include "schemas/record.hpp"

namespace khochung::pipeline {
namespace {

std::string_view action_of(const Material& material) {
  if (material.revision == 1) return "material.create";
  if (material.erasure && material.erasure->is_approved()) return "material.erase";
  if (material.state == State::deleted) return "material.delete";
  return material.state == State::withdrawn ? "material.withdraw" : "material.revise";
}

/// What the audit chain is told of a revision. Its reason may name people and stands in the record
/// alone, whose digest the chain keeps.
std::string event_of(const Record& record, std::string_view action, const Digest& seal) {
  storage::AuditEvent event;
  event.at = record.at;
  event.by = record.by;
  event.from = record.from;
  event.action = action;
  event.object = record.id.text();
  event.detail = {{"revision", record.revision}, {"sha256", seal.hex()}};
  return owed_form(event);
}

/// The revision as the catalogue takes it, and that `by` brought it.
Result<storage::Catalogue::NewMaterial> adopted(const storage::PackagedRevision& revision,
                                                const std::string& by) {
  storage::Catalogue::NewMaterial entry;
  entry.material = KHOCHUNG_TRY(material_from_json(revision.record.body));
  entry.record = to_canonical_json(revision.record);
  entry.seal = revision.seal;
  Record told = revision.record;
  told.at = now();
  told.by = by;
  told.from = "cli";
  entry.event = event_of(told, "material.import", revision.seal);
  return entry;
}

/// Publication begins anew with each revision that makes a material published.
void note_publication(Material& material, std::optional<State> before) {
  if (material.state == State::published && before != State::published)
    material.published_at = now();
}

}  // namespace

Result<Material> Materials::create(Material material, const Change& change,
                                   Consequences consequences) {
  if (!material.id.is_set()) material.id = MaterialId::make();
  material.revision = 1;
  material.created_at = now();
  note_publication(material, std::nullopt);
  access::keep_review_in_step(std::nullopt, material, change.by, now());
  for (auto& item : consequences.items) item.material = material.id;
  for (auto& job : consequences.jobs) job.material = material.id;
  KHOCHUNG_CHECK(write(material, std::nullopt, change, std::move(consequences)));
  return material;
}

Result<Material> Materials::revise(MaterialId id, std::optional<int> expected, const Change& change,
                                   const std::function<Result<void>(Material&)>& edit,
                                   Consequences consequences) {
  const std::lock_guard one_writer(writing(id));
  const auto entry = KHOCHUNG_TRY(catalogue_.material(id));
  if (expected && *expected != entry.material.revision) {
    return fail(ErrorCode::precondition_failed,
                "the newest revision is " + std::to_string(entry.material.revision));
  }
  const auto& erasure = entry.material.erasure;
  if (erasure && erasure->is_approved())
    return fail(ErrorCode::conflict, "erased", id.text() + " is a skeleton");
  Material changed = entry.material;
  KHOCHUNG_CHECK(edit(changed));
  changed.id = id;
  changed.revision = entry.material.revision + 1;
  note_publication(changed, entry.material.state);
  // What the program reads out of the files is no edit of what was approved.
  if (change.from != "worker")
    access::keep_review_in_step(entry.material, changed, change.by, now());
  for (auto& job : consequences.jobs) job.material = id;
  if (!consequences.page_count) consequences.page_count = entry.page_count;
  KHOCHUNG_CHECK(write(changed, entry.seal, change, std::move(consequences)));
  return changed;
}

Result<void> Materials::write(const Material& material, std::optional<Digest> previous,
                              const Change& change, Consequences consequences) {
  Record record;
  record.kind = RecordKind::material;
  record.id = material.id.uuid();
  record.revision = material.revision;
  record.previous = previous;
  record.at = now();
  record.by = change.by;
  record.from = change.from;
  record.why = change.why;
  record.body = to_json(material);

  storage::Catalogue::NewMaterial entry;
  entry.material = material;
  entry.record = to_canonical_json(record);
  entry.seal = Digest::of(entry.record);
  entry.event = event_of(record, action_of(material), entry.seal);
  entry.page_count = consequences.page_count.value_or(0);
  entry.jobs = std::move(consequences.jobs);
  entry.items = std::move(consequences.items);
  entry.fixity = std::move(consequences.fixity);
  KHOCHUNG_CHECK(catalogue_.put_material(entry));
  owed_.write(record);
  return {};
}

Result<std::size_t> Materials::adopt(const storage::PackagedHistory& history, const std::string& by,
                                     Consequences consequences) {
  const std::lock_guard one_writer(writing(MaterialId(history.id)));
  KHOCHUNG_CHECK(owed_.settle());
  const auto known = KHOCHUNG_TRY(revisions_known(records_, history));
  const std::span fresh = std::span(history.revisions).subspan(known);
  if (fresh.empty()) return 0;
  // At once: an earlier revision may be for more eyes than the newest.
  std::vector<storage::Catalogue::NewMaterial> entries;
  for (const auto& revision : fresh) entries.push_back(KHOCHUNG_TRY(adopted(revision, by)));
  entries.back().jobs = std::move(consequences.jobs);
  entries.back().items = std::move(consequences.items);
  KHOCHUNG_CHECK(catalogue_.put_revisions(entries));
  for (const auto& revision : fresh) owed_.write(revision.record);
  return fresh.size();
}

Result<std::size_t> revisions_known(const storage::RecordStore& records,
                                    const storage::PackagedHistory& history) {
  const auto here = records.history(history.id);
  if (!here) {
    if (here.error().code == ErrorCode::not_found) return 0;
    return fail(here.error());
  }
  const auto common = std::min(here->size(), history.revisions.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (Digest::of(to_canonical_json((*here)[i])) != history.revisions[i].seal) {
      return fail(ErrorCode::conflict, history.id.text() +
                                           " has another history here from revision " +
                                           std::to_string(i + 1) + " on");
    }
  }
  return common;
}

}  // namespace khochung::pipeline

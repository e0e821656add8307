#include "indexer/pipeline/disposals.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr int tombstones_a_call = 50;

std::vector<Digest> digests_of(const Material& material) {
  std::vector<Digest> digests;
  for (const auto& file : files_kept(material)) digests.push_back(file.sha256);
  return digests;
}

DisposalItem item_of(const Material& material, const RetentionTable& table,
                     std::chrono::year_month_day due) {
  const auto term = term_of(material, table);
  return {material.id,
          digests_of(material),
          material.kind,
          material.date,
          term ? to_text(*term) : "",
          to_text(due),
          basis_of(material, table),
          ""};
}

/// Why it may not go now; empty when it may.
std::string_view obstacle(const Material& material, const Uuid& disposal,
                          const RetentionTable& table) {
  const bool is_disposed = material.deletion && material.deletion->disposal;
  if (material.erasure && material.erasure->is_approved()) return "disposed";
  if (is_disposed && material.deletion->disposal != disposal) return "disposed";
  if (material.is_held()) return "held";
  return is_due(material, table, day_of(now())) ? "" : "not_due";
}

/// A reason as errors carry it: a literal that lives for ever.
tl::unexpected<Error> refuse(std::string_view reason, const Material& material) {
  return fail(ErrorCode::conflict, sentence_key(reason),
              material.id.text() + ": " + std::string(reason));
}

}  // namespace

Result<Material> keep_as_evidence(Materials& materials, MaterialId id, const Uuid& trail,
                                  const Change& change) {
  return materials.revise(id, std::nullopt, change, [&](Material& material) -> Result<void> {
    if (material.state == State::deleted)
      return fail(ErrorCode::conflict, "deleted", "a document that was deleted is no evidence");
    if (std::ranges::count(material.evidence_of, trail) == 0) material.evidence_of.push_back(trail);
    return {};
  });
}

Result<Disposals::Kept> Disposals::begin(const std::vector<MaterialId>& materials,
                                         const std::string& note, const Change& change) {
  if (materials.empty() || materials.size() > most_disposal_items)
    return fail(ErrorCode::bad_input, "a disposal lists 1 to 500 materials");
  if (std::set(materials.begin(), materials.end()).size() != materials.size())
    return fail(ErrorCode::bad_input, "a material stands twice");
  const auto table = KHOCHUNG_TRY(rooms_.retention.table()).table;
  Disposal disposal;
  disposal.id = Uuid::make();
  const auto entries = KHOCHUNG_TRY(rooms_.catalogue.materials(materials));
  if (entries.size() != materials.size())
    return fail(ErrorCode::not_found, "a material of the list is not there");
  for (const auto& [material, seal, pages, is_searchable] : entries) {
    if (const auto reason = obstacle(material, disposal.id, table); !reason.empty())
      return refuse(reason, material);
    disposal.items.push_back(item_of(material, table, *due_on(material, table)));
  }
  disposal.steps.push_back({DisposalState::draft, now(), change.by, note, std::nullopt, {}});
  const auto record = KHOCHUNG_TRY(rooms_.writer.put(RecordKind::disposal, disposal.id, 0, change,
                                                     to_json(disposal), "disposal.draft"));
  return Kept{std::move(disposal), record.revision};
}

Result<Disposals::Kept> Disposals::find(const Uuid& id) const {
  const auto record = KHOCHUNG_TRY(rooms_.writer.newest(id));
  if (!record || record->kind != RecordKind::disposal)
    return fail(ErrorCode::not_found, "no disposal " + id.text());
  return Kept{KHOCHUNG_TRY(disposal_from_json(record->body)), record->revision};
}

Result<std::vector<Disposals::Kept>> Disposals::list(const std::optional<Uuid>& before,
                                                     int limit) const {
  std::vector<Kept> list;
  for (const auto& id :
       KHOCHUNG_TRY(rooms_.writer.ids_before(RecordKind::disposal, before, limit))) {
    auto kept = find(id);
    // Owed still: the process that began it died before its record was written.
    if (!kept && kept.error().code == ErrorCode::not_found) continue;
    list.push_back(KHOCHUNG_TRY(std::move(kept)));
  }
  return list;
}

Result<std::vector<storage::CatalogueEntry>> Disposals::materials_of(
    const Disposal& disposal) const {
  std::vector<MaterialId> ids;
  for (const auto& item : disposal.items) ids.push_back(item.material);
  return rooms_.catalogue.materials(ids);
}

Result<Disposals::Kept> Disposals::step(const Uuid& id, int expected, const Step& wanted,
                                        const Change& change) {
  auto [disposal, revision] = KHOCHUNG_TRY(find(id));
  if (revision != expected)
    return fail(ErrorCode::precondition_failed,
                "the newest revision is " + std::to_string(revision));
  auto step = KHOCHUNG_TRY(prepared(disposal, wanted, change));
  if (wanted.state == DisposalState::executed && !KHOCHUNG_TRY(carry_out(disposal, change)))
    return Kept{std::move(disposal), revision};
  step.at = now();
  disposal.state = wanted.state;
  disposal.steps.push_back(std::move(step));
  const auto action = "disposal." + std::string(to_text(wanted.state));
  const auto record = KHOCHUNG_TRY(
      rooms_.writer.put(RecordKind::disposal, id, expected, change, to_json(disposal), action));
  return Kept{std::move(disposal), record.revision};
}

Result<DisposalStep> Disposals::prepared(const Disposal& disposal, const Step& wanted,
                                         const Change& change) {
  DisposalStep step{wanted.state, now(), change.by, wanted.note, wanted.document, {}};
  KHOCHUNG_CHECK(may_step(disposal, step));
  if (!step.document) return step;
  if (std::ranges::count(disposal.items, *step.document, &DisposalItem::material) > 0)
    return fail(ErrorCode::bad_input, "the document is on the list itself");
  KHOCHUNG_CHECK(keep_document(disposal, step, change));
  return step;
}

Result<void> Disposals::keep_document(const Disposal& disposal, DisposalStep& step,
                                      const Change& change) {
  const auto entry = KHOCHUNG_TRY(rooms_.catalogue.material(*step.document));
  auto document = entry.material;
  if (std::ranges::count(document.evidence_of, disposal.id) == 0)
    document = KHOCHUNG_TRY(keep_as_evidence(rooms_.materials, document.id, disposal.id, change));
  step.document_files = digests_of(document);
  return {};
}

/// Whether all of it is done.
Result<bool> Disposals::carry_out(Disposal& disposal, const Change& change) {
  const auto table = KHOCHUNG_TRY(rooms_.retention.table()).table;
  const auto entries = KHOCHUNG_TRY(materials_of(disposal));
  int tombstones = 0;
  for (auto& item : disposal.items) {
    const auto is_it = [&](const auto& entry) { return entry.material.id == item.material; };
    const auto found = std::ranges::find_if(entries, is_it);
    if (found == entries.end()) return fail(ErrorCode::corrupt, "lost: " + item.material.text());
    const auto& deletion = found->material.deletion;
    if (deletion && deletion->disposal == disposal.id) {
      item.outcome = "destroyed";
      continue;
    }
    if (tombstones == tombstones_a_call) return false;
    item.outcome = KHOCHUNG_TRY(bury(disposal, item, table, change));
    if (item.outcome == "destroyed") ++tombstones;
  }
  return true;
}

/// Leaves the tombstone, or gives the reason why not.
Result<std::string> Disposals::bury(const Disposal& disposal, const DisposalItem& item,
                                    const RetentionTable& table, const Change& change) {
  std::string outcome = "destroyed";
  const auto buried = rooms_.materials.revise(
      item.material, std::nullopt, change, [&](Material& material) -> Result<void> {
        outcome = obstacle(material, disposal.id, table);
        if (outcome.empty() && digests_of(material) != item.files) outcome = "changed";
        if (!outcome.empty()) return refuse("conflict", material);
        outcome = "destroyed";
        material.state = State::deleted;
        material.notice = reason_of("disposed");
        material.deletion = Deletion{now(), change.by, disposal.id};
        return {};
      });
  if (!buried && outcome == "destroyed") return fail(buried.error());
  return outcome;
}

Result<bool> Disposals::covers(const Uuid& disposal, MaterialId material) const {
  const auto kept = find(disposal);
  if (!kept && kept.error().code == ErrorCode::not_found) return false;
  return khochung::covers(KHOCHUNG_TRY(kept).disposal, material);
}

}  // namespace khochung::pipeline

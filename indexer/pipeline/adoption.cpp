#include "indexer/pipeline/adoption.hpp"

#include <boost/json.hpp>

#include "indexer/pipeline/catalogue_rebuild.hpp"
#include "indexer/pipeline/garbage.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/packages/package_metadata.hpp"

namespace khochung::pipeline {

using storage::PackageItem;

Result<Adoption::Outcome> Adoption::take_unit(const PackageItem& item, const std::string& by) {
  const auto history = KHOCHUNG_TRY(storage::history_of(item.records, RecordKind::unit));
  KHOCHUNG_CHECK(storage::units_of(history));
  return Outcome{KHOCHUNG_TRY(rooms_.units.adopt(history, by)), {}};
}

Result<Adoption::Outcome> Adoption::take_material(const PackageItem& item, const std::string& by) {
  const auto history = KHOCHUNG_TRY(storage::history_of(item.records, RecordKind::material));
  const auto revisions = KHOCHUNG_TRY(storage::materials_of(history));
  const auto tree = rooms_.units.tree();
  for (const auto& revision : revisions) {
    if (tree->find(revision.unit) == nullptr) {
      return fail(ErrorCode::bad_input, "unknown_unit",
                  revision.id.text() + " names a unit that is not here");
    }
  }
  const auto comes_in = rooms_.intake.come_in();
  Outcome outcome;
  std::vector<Digest> gone;
  for (const auto& placed : storage::placed_files(revisions, item.events)) {
    const auto& sha256 = placed.file.sha256;
    if (!rooms_.blobs.contains(sha256)) (placed.is_gone ? gone : outcome.missing).push_back(sha256);
  }
  if (!outcome.missing.empty()) return outcome;
  outcome.revisions = KHOCHUNG_TRY(take_revisions(history, revisions.back(), item, by));
  for (const auto& sha256 : gone) KHOCHUNG_CHECK(forget(sha256, revisions.back().id));
  return outcome;
}

Result<std::size_t> Adoption::take_revisions(const storage::PackagedHistory& history,
                                             const Material& newest, const PackageItem& item,
                                             const std::string& by) {
  if (KHOCHUNG_TRY(revisions_known(rooms_.records, history)) == history.revisions.size()) return 0;
  // Before the records: whoever is cut off in between notes them once more, and loses none.
  KHOCHUNG_CHECK(note_events(item, by));
  auto consequences = KHOCHUNG_TRY(consequences_of(newest));
  return rooms_.materials.adopt(history, by, std::move(consequences));
}

/// Nobody expects bytes that were destroyed elsewhere, but for a material that holds them, too.
Result<void> Adoption::forget(const Digest& sha256, MaterialId named_by) {
  for (const auto& keeper : KHOCHUNG_TRY(rooms_.catalogue.keepers(sha256))) {
    if (keeper != named_by) return {};
  }
  return rooms_.catalogue.forget_blob(sha256);
}

Result<void> Adoption::note_events(const PackageItem& item, const std::string& by) {
  for (const auto& told : item.events) {
    storage::AuditEvent event;
    event.by = by;
    event.from = "cli";
    event.action = imported_event_action;
    event.object = told.file ? told.file->hex() : "";
    event.detail = boost::json::parse(storage::lines_of_events({told})).as_object();
    KHOCHUNG_CHECK(rooms_.audit.note(std::move(event)));
  }
  return {};
}

Result<Consequences> Adoption::consequences_of(const Material& newest) {
  Consequences consequences;
  consequences.jobs = jobs_for_missing(newest, rooms_.derivatives);
  if (!newest.batch.is_set()) return consequences;
  if (const auto batch = rooms_.catalogue.batch(newest.batch); !batch) {
    if (batch.error().code != ErrorCode::not_found) return fail(batch.error());
    KHOCHUNG_CHECK(
        rooms_.catalogue.put_batch({newest.batch, newest.creator, newest.created_at, true}));
  }
  if (!rooms_.catalogue.material(newest.id))
    consequences.items = receipt_lines(newest, !consequences.jobs.empty());
  return consequences;
}

Result<std::optional<Digest>> destroyed_by(const storage::AuditEvent& event) {
  const auto* type = event.detail.if_contains("type");
  const bool was_elsewhere =
      event.action == imported_event_action && type != nullptr && *type == "deletion";
  if (event.action != blob_destroyed && !was_elsewhere) return std::nullopt;
  return KHOCHUNG_TRY(Digest::parse(event.object));
}

}  // namespace khochung::pipeline

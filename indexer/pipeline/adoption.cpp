#include "indexer/pipeline/adoption.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "indexer/pipeline/catalogue_rebuild.hpp"
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
  for (const auto& placed : storage::placed_files(revisions, item.events)) {
    const auto& sha256 = placed.file.sha256;
    if (!placed.is_gone && !rooms_.blobs.contains(sha256)) outcome.missing.push_back(sha256);
  }
  if (!outcome.missing.empty()) return outcome;
  const auto known = KHOCHUNG_TRY(revisions_known(rooms_.records, history));
  if (known == revisions.size()) return outcome;
  // Before the records: whoever is cut off in between notes them once more, and loses none.
  KHOCHUNG_CHECK(note_events(item, by));
  auto consequences = KHOCHUNG_TRY(consequences_of(revisions.back()));
  outcome.revisions = KHOCHUNG_TRY(rooms_.materials.adopt(history, by, std::move(consequences)));
  return outcome;
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

}  // namespace khochung::pipeline

#include "indexer/pipeline/garbage.hpp"

#include <algorithm>
#include <utility>

namespace khochung::pipeline {

Result<Garbage::Report> Garbage::collect(std::uint8_t slice, const Options& options) {
  Report report;
  const auto deleted_before = now() - options.grace;
  const auto known = KHOCHUNG_TRY(rooms_.catalogue.fixity_in(slice));
  const auto table = KHOCHUNG_TRY(rooms_.retention.table()).table;
  for (const auto& blob : known) {
    if (!KHOCHUNG_TRY(may_go(blob.sha256, deleted_before, table))) continue;
    if (!options.only_tells && !KHOCHUNG_TRY(remove(blob, deleted_before, options))) continue;
    ++report.removed;
    report.bytes += static_cast<std::int64_t>(blob.size_bytes);
  }
  KHOCHUNG_CHECK(rooms_.blobs.for_each_in(slice, [&](const storage::BlobInfo& blob) {
    if (!std::ranges::binary_search(known, blob.sha256, {}, &storage::FixityResult::sha256))
      ++report.orphans;
    return true;
  }));
  return report;
}

Result<bool> Garbage::may_go(const Digest& sha256, Instant deleted_before,
                             const RetentionTable& table) const {
  if (KHOCHUNG_TRY(rooms_.catalogue.is_kept(sha256, deleted_before))) return false;
  const auto keepers = KHOCHUNG_TRY(rooms_.catalogue.keepers(sha256));
  // Nobody names it: the catalogue may have forgotten, and a catalogue alone decides nothing.
  if (keepers.empty()) return false;
  for (const auto& id : keepers) {
    const auto record = KHOCHUNG_TRY(rooms_.records.newest(id.uuid()));
    const auto material = KHOCHUNG_TRY(material_from_json(record.body));
    const bool is_gone = material.state == State::deleted && material.deletion &&
                         material.deletion->at < deleted_before && !material.is_held();
    if (!is_gone || !KHOCHUNG_TRY(has_paper_trail(material, table))) return false;
  }
  return true;
}

/// What was erased has its own; what has no class needs none.
Result<bool> Garbage::has_paper_trail(const Material& material, const RetentionTable& table) const {
  if (material.erasure && material.erasure->is_approved()) return true;
  if (const auto& disposal = material.deletion->disposal)
    return rooms_.disposals.covers(*disposal, material.id);
  return !term_of(material, table);
}

/// The bytes go first: a process that dies then finds them missing and forgets them the next time.
Result<bool> Garbage::remove(const storage::FixityResult& blob, Instant deleted_before,
                             const Options& options) {
  const auto nobody_comes_in = rooms_.intake.hold_off();
  if (KHOCHUNG_TRY(rooms_.catalogue.is_kept(blob.sha256, deleted_before))) return false;
  storage::AuditEvent event;
  event.by = options.by;
  event.from = "cli";
  event.action = blob_destroyed;
  event.object = blob.sha256.hex();
  event.detail = {{"size_bytes", blob.size_bytes}};
  KHOCHUNG_CHECK(rooms_.audit.note(std::move(event)));
  const auto removed = rooms_.blobs.remove(blob.sha256);
  if (!removed && removed.error().code != ErrorCode::not_found) return fail(removed.error());
  KHOCHUNG_CHECK(rooms_.derivatives.remove_all(blob.sha256));
  KHOCHUNG_CHECK(rooms_.catalogue.forget_blob(blob.sha256));
  return true;
}

}  // namespace khochung::pipeline

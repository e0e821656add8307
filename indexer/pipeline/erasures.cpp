#include "indexer/pipeline/erasures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "indexer/pipeline/disposals.hpp"
#include "indexer/pipeline/garbage.hpp"

namespace khochung::pipeline {
namespace {

/// Upkeep remembers under this name which material is being erased.
constexpr std::string_view upkeep_name = "erasing";

/// What stays of a material. Words that a person wrote do not.
Material skeleton_of(const Material& material, const Erasure& erasure, const std::string& by) {
  Material skeleton;
  skeleton.id = material.id;
  skeleton.kind = material.kind;
  skeleton.retention = material.retention;
  skeleton.language = material.language;
  if (const int year = first_year_of(material.date); year != 0)
    skeleton.date = fmt::format("{:04}", year);
  skeleton.title = skeleton.notice = reason_of("erased");
  skeleton.unit = material.unit;
  skeleton.visibility = material.visibility;
  skeleton.sensitivity = material.sensitivity;
  skeleton.creator = material.creator;
  skeleton.part_of = material.part_of;
  skeleton.batch = material.batch;
  skeleton.created_at = material.created_at;
  skeleton.state = State::deleted;
  skeleton.deletion = Deletion{*erasure.approved_at, by, std::nullopt};
  skeleton.erasure = erasure;
  return skeleton;
}

}  // namespace

Result<void> Erasures::may_erase(const Material& material) const {
  if (material.erasure && material.erasure->is_approved())
    return fail(ErrorCode::conflict, "erased", "it is erased already");
  if (material.is_held()) return fail(ErrorCode::conflict, "held", "a hold keeps it");
  for (const auto& part : KHOCHUNG_TRY(rooms_.catalogue.parts_of(material.id))) {
    const auto entry = KHOCHUNG_TRY(rooms_.catalogue.material(part));
    if (!entry.material.erasure || !entry.material.erasure->is_approved())
      return fail(ErrorCode::conflict, "parts_remain", "its part " + part.text() + " remains");
  }
  return {};
}

Result<Material> Erasures::ask(MaterialId id, int expected, const std::string& ground,
                               MaterialId minutes, const Change& change) {
  if (minutes == id) return fail(ErrorCode::bad_input, "the minutes cannot be what is erased");
  KHOCHUNG_TRY(keep_as_evidence(rooms_.materials, minutes, id.uuid(), change));
  return rooms_.materials.revise(id, expected, change, [&](Material& material) -> Result<void> {
    KHOCHUNG_CHECK(may_erase(material));
    material.erasure = Erasure{ground, minutes, change.by, now(), "", std::nullopt, {}, {}};
    return {};
  });
}

Result<Erasures::Outcome> Erasures::approve(MaterialId id, int expected, const Change& change) {
  const std::scoped_lock one_at_a_time(one_at_a_time_);
  KHOCHUNG_CHECK(rooms_.catalogue.set_upkeep(upkeep_name, id.text()));
  auto skeleton =
      rooms_.materials.revise(id, expected, change, [&](Material& material) -> Result<void> {
        if (!material.erasure) return fail(ErrorCode::conflict, "not_asked", "nobody asked for it");
        KHOCHUNG_CHECK(may_erase(material));
        if (material.erasure->asked_by == change.by)
          return fail(ErrorCode::forbidden, "two_persons", "who asked does not approve");
        auto erasure = KHOCHUNG_TRY(all_of(material));
        erasure.approved_by = change.by;
        erasure.approved_at = now();
        material = skeleton_of(material, erasure, change.by);
        return {};
      });
  if (!skeleton) {
    KHOCHUNG_CHECK(rooms_.catalogue.set_upkeep(upkeep_name, ""));
    return fail(skeleton.error());
  }
  return carry_out(*std::move(skeleton));
}

/// Every revision and every file that any of them names.
Result<Erasure> Erasures::all_of(const Material& material) const {
  auto erasure = *material.erasure;
  std::set<Digest> known;
  const auto history = KHOCHUNG_TRY(rooms_.records.history(material.id.uuid()));
  if (std::cmp_not_equal(history.size(), material.revision))
    return fail(ErrorCode::unavailable, "a revision is still on its way to the record store");
  for (const auto& record : history) {
    erasure.revisions.push_back(Digest::of(to_canonical_json(record)));
    const auto revision = KHOCHUNG_TRY(material_from_json(record.body));
    for (auto& file : files_kept(revision)) {
      if (!known.insert(file.sha256).second) continue;
      file.name.clear();
      erasure.files.push_back(std::move(file));
    }
  }
  return erasure;
}

Result<Erasures::Outcome> Erasures::carry_out(Material skeleton) {
  // Nothing goes before the record that says so is in the store.
  KHOCHUNG_CHECK(rooms_.owed.settle());
  Outcome outcome;
  for (const auto& file : skeleton.erasure->files) {
    if (KHOCHUNG_TRY(erase_blob(skeleton, file.sha256))) {
      ++outcome.blobs;
    } else {
      outcome.kept.push_back(file.sha256);
    }
  }
  const auto first_left = static_cast<int>(skeleton.erasure->revisions.size()) + 1;
  // Noted first: a backup must hear of each, and hearing twice does no harm.
  for (const auto& seal : skeleton.erasure->revisions)
    KHOCHUNG_CHECK(note(skeleton, record_destroyed, seal));
  KHOCHUNG_TRY(rooms_.records.erase_below(skeleton.id.uuid(), first_left));
  outcome.records = first_left - 1;
  KHOCHUNG_CHECK(rooms_.catalogue.erase_traces(skeleton.id, first_left));
  KHOCHUNG_CHECK(remove_older_catalogues());
  KHOCHUNG_CHECK(rooms_.catalogue.set_upkeep(upkeep_name, ""));
  outcome.skeleton = std::move(skeleton);
  return outcome;
}

/// Whether the bytes went. Those that other materials hold stay, with what was derived from them.
Result<bool> Erasures::erase_blob(const Material& skeleton, const Digest& sha256) {
  const auto nobody_comes_in = rooms_.intake.hold_off();
  if (KHOCHUNG_TRY(is_kept_elsewhere(skeleton.id, sha256))) return false;
  KHOCHUNG_CHECK(note(skeleton, blob_destroyed, sha256));
  KHOCHUNG_CHECK(rooms_.derivatives.remove_all(sha256));
  const auto removed = rooms_.blobs.remove(sha256);
  if (!removed && removed.error().code != ErrorCode::not_found) return fail(removed.error());
  KHOCHUNG_CHECK(rooms_.catalogue.forget_blob(sha256));
  return true;
}

Result<bool> Erasures::is_kept_elsewhere(MaterialId id, const Digest& sha256) const {
  for (const auto& keeper : KHOCHUNG_TRY(rooms_.catalogue.keepers(sha256))) {
    if (keeper == id) continue;
    const auto other = KHOCHUNG_TRY(rooms_.catalogue.material(keeper)).material;
    if (!other.erasure || !other.erasure->is_approved()) return true;
  }
  return false;
}

Result<void> Erasures::note(const Material& skeleton, std::string_view action, const Digest& what) {
  storage::AuditEvent event;
  event.by = skeleton.erasure->approved_by;
  event.from = "api";
  event.action = action;
  event.object = what.hex();
  event.detail = {{"erasure_of", skeleton.id.text()}};
  return rooms_.audit.note(std::move(event));
}

/// They hold the titles of their day, and serve only to go back to an older program.
Result<void> Erasures::remove_older_catalogues() const {
  if (catalogue_file_.empty()) return {};
  const auto name = catalogue_file_.filename().native();
  std::error_code error;
  for (std::filesystem::directory_iterator entry(catalogue_file_.parent_path(), error), end;
       !error && entry != end; entry.increment(error)) {
    const auto other = entry->path().filename().native();
    if (other == name + ".old" || other.starts_with(name + ".version-"))
      std::filesystem::remove(entry->path(), error);
  }
  if (error) return fail(ErrorCode::unavailable, "an older catalogue remains: " + error.message());
  return {};
}

Result<void> Erasures::settle() {
  const auto begun = KHOCHUNG_TRY(rooms_.catalogue.upkeep(upkeep_name));
  if (begun.empty()) return {};
  const auto id = KHOCHUNG_TRY(MaterialId::parse(begun));
  auto material = KHOCHUNG_TRY(rooms_.catalogue.material(id)).material;
  if (!material.erasure || !material.erasure->is_approved())
    return rooms_.catalogue.set_upkeep(upkeep_name, "");
  return carry_out(std::move(material)).map([](const auto&) {});
}

}  // namespace khochung::pipeline

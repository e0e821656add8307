#include "server/api/history.hpp"

#include <algorithm>

#include "indexer/pipeline/page_map.hpp"
#include "schemas/access/review.hpp"
#include "schemas/json_reader.hpp"
#include "server/api/followers.hpp"

namespace khochung::api {
namespace {

using access::Action;

constexpr std::size_t longest_reason = 2'000;

/// Whether `viewer` may do this with a material in that state. Errors: forbidden.
Result<void> demand(const access::Viewer& viewer, Action action, const Material& material,
                    const UnitTree& tree) {
  const auto standing = KHOCHUNG_TRY(access::Standing::of(material, tree));
  if (access::may(viewer, action, standing, tree, now())) return {};
  return fail(ErrorCode::forbidden, "may not do this with " + material.id.text());
}

Result<Material> revise(const Services& services, const Readable& readable, const Deed& deed,
                        const std::function<Result<void>(Material&)>& edit,
                        pipeline::Consequences consequences = {}) {
  auto changed = KHOCHUNG_TRY(services.materials.revise(
      readable.entry->material.id, deed.expected, deed.change, edit, std::move(consequences)));
  services.index_bell.ring();
  tell_followers(services, changed);
  return changed;
}

}  // namespace

Result<void> check_reason(std::string_view reason) {
  if (reason.empty()) return fail(ErrorCode::bad_input, "reason_missing", "no reason was given");
  if (reason.size() > longest_reason) return fail(ErrorCode::bad_input, "the reason is too long");
  return {};
}

Result<std::vector<Record>> history_for(const Services& services, const Readable& readable,
                                        const access::Viewer& viewer) {
  auto records = KHOCHUNG_TRY(services.materials.history(readable.entry->material.id));
  if (demand(viewer, Action::edit, readable.entry->material, *readable.tree)) return records;
  const auto is_out = [](const Record& record) {
    const auto state = state_from(JsonReader(record.body).string("state"));
    return state && *state >= State::published;
  };
  const auto first_out = std::ranges::find_if(records, is_out);
  // A draft has readers, too: they have seen it all.
  if (first_out != records.end()) records.erase(records.begin(), first_out);
  return records;
}

Result<Record> revision_of(const Services& services, const Readable& readable,
                           const access::Viewer& viewer, int number) {
  KHOCHUNG_CHECK(demand(viewer, Action::edit, readable.entry->material, *readable.tree));
  const auto records = KHOCHUNG_TRY(services.materials.history(readable.entry->material.id));
  const auto found = std::ranges::find(records, number, &Record::revision);
  if (found == records.end())
    return fail(ErrorCode::not_found, "no revision " + std::to_string(number));
  const auto then = KHOCHUNG_TRY(material_from_json(found->body));
  KHOCHUNG_CHECK(demand(viewer, Action::edit, then, *readable.tree));
  return *found;
}

Result<void> demand_bytes(const Services& services, const Material& material) {
  for (const auto& file : material.files) {
    if (!services.blobs.contains(file.sha256))
      return fail(ErrorCode::conflict, "bytes_gone", "no bytes of " + file.name);
  }
  return {};
}

Result<void> demand_return(const Material& material) {
  if (material.erasure && material.erasure->is_approved())
    return fail(ErrorCode::conflict, "erased", "nothing of it is left");
  if (material.deletion && material.deletion->disposal)
    return fail(ErrorCode::conflict, "disposed", "it went with a disposal");
  return {};
}

Result<Material> restore_revision(const Services& services, const Readable& readable,
                                  const Deed& deed, int number) {
  const auto record = KHOCHUNG_TRY(revision_of(services, readable, deed.viewer, number));
  const auto then = KHOCHUNG_TRY(material_from_json(record.body));
  KHOCHUNG_CHECK(demand_bytes(services, then));
  const auto back = [&](Material& material) -> Result<void> {
    KHOCHUNG_CHECK(demand(deed.viewer, Action::publish, material, *readable.tree));
    KHOCHUNG_CHECK(demand(deed.viewer, Action::publish, then, *readable.tree));
    KHOCHUNG_CHECK(demand_return(material));
    // A hold is of now, and nobody gets out of quarantine by going back.
    const auto before = material;
    const auto hold = material.hold;
    const auto evidence_of = material.evidence_of;
    const auto erasure = material.erasure;
    const auto sensitivity = std::max(material.sensitivity, then.sensitivity);
    auto kit = std::exchange(material.kit, {});
    material = then;
    // What was published of a press kit stays published; its draft goes back.
    if (kit && then.kit) kit->draft = then.kit->draft;
    material.kit = std::move(kit);
    material.hold = hold;
    material.evidence_of = evidence_of;
    material.erasure = erasure;
    material.sensitivity = sensitivity;
    // What persons have agreed to is of now, too.
    material.consent = before.consent;
    material.consent_until = before.consent_until;
    material.licence_until = before.licence_until;
    // Nor does an approval come back.
    material.review.reset();
    if (material.state == State::approved) material.state = State::submitted;
    return access::check_release(before, material, deed.viewer, *readable.tree);
  };
  pipeline::Consequences consequences;
  consequences.page_count = pipeline::count_pages(then, services.derivatives).pages;
  return revise(services, readable, deed, back, std::move(consequences));
}

Result<Material> remove_material(const Services& services, const Readable& readable,
                                 const Deed& deed) {
  KHOCHUNG_CHECK(check_reason(deed.change.why));
  const auto bury = [&](Material& material) -> Result<void> {
    KHOCHUNG_CHECK(demand(deed.viewer, Action::publish, material, *readable.tree));
    if (material.state == State::deleted)
      return fail(ErrorCode::conflict, "deleted", "it is deleted already");
    if (material.is_held()) return fail(ErrorCode::conflict, "held", material.hold);
    material.state = State::deleted;
    material.notice = deed.change.why;
    material.deletion = Deletion{now(), deed.viewer.name, std::nullopt};
    return {};
  };
  return revise(services, readable, deed, bury);
}

Result<Material> hold_material(const Services& services, const Readable& readable, const Deed& deed,
                               const std::string& hold) {
  const auto keep = [&](Material& material) -> Result<void> {
    KHOCHUNG_CHECK(demand(deed.viewer, Action::administer, material, *readable.tree));
    if (material.state == State::deleted)
      return fail(ErrorCode::conflict, "deleted", "restore it first");
    material.hold = hold;
    return {};
  };
  return revise(services, readable, deed, keep);
}

}  // namespace khochung::api

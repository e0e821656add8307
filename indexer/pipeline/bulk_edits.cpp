#include "indexer/pipeline/bulk_edits.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <utility>

namespace khochung::pipeline {
namespace {

std::string reason_with(std::string_view key, const Uuid& id) {
  return reason_of(key) + " " + id.text();
}

Change named(const Change& change, std::string_view key, const Uuid& id) {
  return {change.by, change.from, reason_with(key, id)};
}

/// Why it was not done, as the list keeps it.
std::string outcome_of(const Error& error) {
  if (error.code == ErrorCode::not_found) return "unknown";
  if (error.code == ErrorCode::precondition_failed) return "revised";
  return std::string(error.reason.empty() ? face_of(error.code).name : error.reason);
}

/// Whether it is the disk's fault or ours, and not the material's.
bool is_trouble(const Error& error) {
  switch (error.code) {
    case ErrorCode::corrupt:
    case ErrorCode::locked:
    case ErrorCode::unavailable:
    case ErrorCode::disk_full:
    case ErrorCode::internal: return true;
    default: return false;
  }
}

tl::unexpected<Error> nothing_to_do(const Material& material) {
  return fail(ErrorCode::conflict, "unchanged", material.id.text() + " is so already");
}

/// As `material` would be, changed. Errors: those of the hand; precondition_failed; conflict,
/// reason "unchanged" or "erased".
Result<void> change_one(Material& material, int seen, const boost::json::object& changes,
                        const BulkEdits::Hand& hand) {
  KHOCHUNG_CHECK(hand.sees(material));
  if (material.revision != seen)
    return fail(ErrorCode::precondition_failed, material.id.text() + " was revised");
  if (material.erasure && material.erasure->is_approved())
    return fail(ErrorCode::conflict, "erased", material.id.text() + " is a skeleton");
  const auto was = material;
  KHOCHUNG_CHECK(hand.changes(material, changes));
  if (material == was) return nothing_to_do(material);
  return {};
}

const Record* at_revision(const std::vector<Record>& history, int revision) {
  const auto found = std::ranges::find(history, revision, &Record::revision);
  return found == history.end() ? nullptr : &*found;
}

/// The revision after `revision`, when it was made by `by` for that reason; else 0.
int made_after(const std::vector<Record>& history, int revision, const std::string& why,
               const std::string& by) {
  const auto* record = at_revision(history, revision + 1);
  return record != nullptr && record->why == why && (by.empty() || record->by == by)
             ? record->revision
             : 0;
}

/// What `former` said of the fields that `changes` names, as a PATCH.
boost::json::object former_values(const Record& former, const boost::json::object& changes) {
  boost::json::object values;
  const auto* body = former.body.if_object();
  for (const auto& [name, value] : changes) {
    const auto* was = body == nullptr ? nullptr : body->if_contains(name);
    values[name] = was == nullptr ? boost::json::value(nullptr) : *was;
  }
  return values;
}

}  // namespace

/// Nobody else in this process works on the edit meanwhile.
class BulkEdits::Turn {
 public:
  Turn(Guarded<std::set<Uuid>>& running, const Uuid& id) : running_(running), id_(id) {
    is_ours_ = running_.with([&](auto& ids) { return ids.insert(id_).second; });
  }
  ~Turn() {
    if (is_ours_) running_.with([&](auto& ids) { ids.erase(id_); });
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool is_ours() const { return is_ours_; }

 private:
  Guarded<std::set<Uuid>>& running_;
  Uuid id_;
  bool is_ours_ = false;
};

bool BulkEdits::is_running(const Uuid& id) const {
  return running_.with([&](const auto& ids) { return ids.contains(id); });
}

Result<std::vector<BulkEdits::Look>> BulkEdits::preview(const std::vector<BulkItem>& items,
                                                        const boost::json::object& changes,
                                                        const Hand& hand) const {
  std::vector<MaterialId> ids;
  for (const auto& item : items) ids.push_back(item.material);
  std::map<MaterialId, Material> newest;
  for (auto& entry : KHOCHUNG_TRY(catalogue_.materials(ids))) {
    const auto id = entry.material.id;
    newest.emplace(id, std::move(entry.material));
  }
  std::vector<Look> looks;
  for (const auto& item : items) {
    Look look{item, {}, {}};
    const auto found = newest.find(item.material);
    if (found == newest.end() || !hand.sees(found->second)) {
      look.item.outcome = "unknown";
      looks.push_back(std::move(look));
      continue;
    }
    look.was = found->second;
    if (item.before == 0) look.item.before = look.was->revision;
    auto changed = found->second;
    const auto outcome = change_one(changed, look.item.before, changes, hand);
    if (!outcome && is_trouble(outcome.error())) return fail(outcome.error());
    look.item.outcome = outcome ? "changed" : outcome_of(outcome.error());
    if (outcome) look.would_be = std::move(changed);
    looks.push_back(std::move(look));
  }
  return looks;
}

Result<BulkEdits::Kept> BulkEdits::write(BulkEdit edit, int expected, const Change& change,
                                         std::string_view action) {
  const auto record = KHOCHUNG_TRY(
      writer_.put(RecordKind::bulk_edit, edit.id, expected, change, to_json(edit), action));
  return Kept{std::move(edit), record.revision};
}

/// Leaves the outcome empty where the disk failed: the histories will tell.
Result<void> BulkEdits::apply_to(BulkItem& item, const BulkEdit& edit, const Change& change,
                                 const Hand& hand) {
  // Looked at before the material's turn is taken: what is hidden must look like what is not there.
  const auto entry = catalogue_.material(item.material);
  auto done = entry ? hand.sees(entry->material) : Result<void>(fail(entry.error()));
  if (done) {
    const auto made = materials_.revise(
        item.material, std::nullopt, named(change, "bulk_edited", edit.id),
        [&](Material& material) { return change_one(material, item.before, edit.changes, hand); });
    if (made) {
      item.made = made->revision;
      hand.changed(*made);
    } else {
      done = fail(made.error());
    }
  }
  if (!done && is_trouble(done.error())) return done;
  item.outcome = done ? "changed" : outcome_of(done.error());
  return {};
}

Result<BulkEdits::Kept> BulkEdits::apply(BulkEdit edit, const Change& change, const Hand& hand) {
  edit.id = Uuid::make();
  edit.state = BulkState::applying;
  edit.at = now();
  edit.by = change.by;
  const Turn turn(running_, edit.id);
  auto begun = KHOCHUNG_TRY(write(std::move(edit), 0, change, "bulk_edit.begin"));
  for (auto& item : begun.edit.items) KHOCHUNG_CHECK(apply_to(item, begun.edit, change, hand));
  begun.edit.state = BulkState::applied;
  return write(std::move(begun.edit), begun.revision, change, "bulk_edit.end");
}

Result<void> BulkEdits::undo_one(BulkItem& item, const BulkEdit& edit, const Change& change,
                                 const Hand& hand) {
  const auto entry = catalogue_.material(item.material);
  auto done = entry ? hand.sees(entry->material) : Result<void>(fail(entry.error()));
  if (done) {
    const auto history = KHOCHUNG_TRY(materials_.history(item.material));
    const auto* former = at_revision(history, item.before);
    const auto back = [&](Material& material) -> Result<void> {
      if (former == nullptr) return fail(ErrorCode::conflict, "erased", "nothing is left of it");
      return change_one(material, item.made, former_values(*former, edit.changes), hand);
    };
    const auto made = materials_.revise(item.material, std::nullopt,
                                        named(change, "bulk_edit_undone", edit.id), back);
    if (made) {
      item.undone = made->revision;
      hand.changed(*made);
    } else {
      done = fail(made.error());
    }
  }
  if (!done && is_trouble(done.error())) return done;
  item.undo_outcome = done ? "undone" : outcome_of(done.error());
  return {};
}

Result<BulkEdits::Kept> BulkEdits::undo(const Uuid& id, const Change& change, const Hand& hand) {
  const Turn turn(running_, id);
  if (!turn.is_ours())
    return fail(ErrorCode::conflict, "bulk_running", id.text() + " is being worked on");
  auto [edit, revision] = KHOCHUNG_TRY(kept(id));
  if (edit.state == BulkState::undone)
    return fail(ErrorCode::conflict, "bulk_undone", id.text() + " was undone");
  const bool was_cut_off = edit.state == BulkState::undoing;
  settle(edit);
  edit.state = BulkState::undoing;
  Kept begun{std::move(edit), revision};
  if (!was_cut_off)
    begun = KHOCHUNG_TRY(write(std::move(begun.edit), revision, change, "bulk_edit.undo"));
  for (auto& item : begun.edit.items) {
    if (item.made > 0 && item.undo_outcome.empty())
      KHOCHUNG_CHECK(undo_one(item, begun.edit, change, hand));
  }
  begun.edit.state = BulkState::undone;
  return write(std::move(begun.edit), begun.revision, change, "bulk_edit.undone");
}

/// What a process that died did without being able to say so.
void BulkEdits::settle(BulkEdit& edit) const {
  const bool is_applying = edit.state == BulkState::applying;
  if (!is_applying && edit.state != BulkState::undoing) return;
  for (auto& item : edit.items) {
    const bool is_open = is_applying ? item.outcome.empty() : item.made > 0 && item.undone == 0;
    if (!is_open) continue;
    const auto history = materials_.history(item.material);
    if (is_applying) {
      item.made =
          history ? made_after(*history, item.before, reason_with("bulk_edited", edit.id), edit.by)
                  : 0;
      item.outcome = item.made > 0 ? "changed" : "not_reached";
    } else if (history) {
      item.undone = made_after(*history, item.made, reason_with("bulk_edit_undone", edit.id), {});
      if (item.undone > 0) item.undo_outcome = "undone";
    }
  }
  if (is_applying) edit.state = BulkState::applied;
}

Result<BulkEdits::Kept> BulkEdits::kept(const Uuid& id) const {
  const auto record = KHOCHUNG_TRY(writer_.newest(id));
  if (!record || record->kind != RecordKind::bulk_edit)
    return fail(ErrorCode::not_found, "no bulk edit " + id.text());
  return Kept{KHOCHUNG_TRY(bulk_edit_from_json(record->body)), record->revision};
}

Result<BulkEdits::Kept> BulkEdits::find(const Uuid& id) const {
  const bool is_worked_on = is_running(id);
  auto found = KHOCHUNG_TRY(kept(id));
  if (!is_worked_on) settle(found.edit);
  return found;
}

}  // namespace khochung::pipeline

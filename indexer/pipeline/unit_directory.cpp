#include "indexer/pipeline/unit_directory.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "indexer/pipeline/audit_trail.hpp"
#include "schemas/record.hpp"

namespace khochung::pipeline {
namespace {

using SharedUnits = std::vector<UnitTree::SharedUnit>;

/// Up to here the records' files are there before the answer is.
constexpr std::size_t few_units = 16;

Unit confederation() {
  Unit unit;
  unit.code = "tld";
  unit.name_vi = "Tổng Liên đoàn Lao động Việt Nam";
  unit.name_en = "Vietnam General Confederation of Labour";
  unit.level = "confederation";
  return unit;
}

std::string today() {
  return to_text(day_of(now()));
}

/// The midnight in Vietnam after `instant`.
Instant end_of_day(Instant instant) {
  return Instant(std::chrono::sys_days(day_of(instant)) + std::chrono::days(1)) -
         std::chrono::hours(7);
}

/// Puts `unit` in its place among those sorted by number.
void put_into(SharedUnits& units, const Unit& unit) {
  auto shared = std::make_shared<const Unit>(unit);
  const auto place = std::ranges::lower_bound(
      units, unit.number, {}, [](const UnitTree::SharedUnit& one) { return one->number; });
  if (place != units.end() && (*place)->number == unit.number) {
    *place = std::move(shared);
  } else {
    units.insert(place, std::move(shared));
  }
}

std::string_view name_of(UnitChange::Action action) {
  switch (action) {
    case UnitChange::Action::merge: return "unit.merge";
    case UnitChange::Action::split: return "unit.split";
    case UnitChange::Action::move: return "unit.move";
    case UnitChange::Action::close: return "unit.close";
  }
  return "unit.revise";
}

storage::Catalogue::NewUnit entry_of(const Unit& unit, const Record& record,
                                     std::string_view action, std::string_view by,
                                     std::string_view from) {
  const auto text = to_canonical_json(record);
  storage::AuditEvent event;
  event.at = now();
  event.by = by;
  event.from = from;
  event.action = action;
  event.object = record.id.text();
  event.detail = {{"revision", record.revision}, {"sha256", Digest::of(text).hex()}};
  return {unit, record.revision, text, owed_form(event)};
}

}  // namespace

Result<std::unique_ptr<UnitDirectory>> UnitDirectory::open(storage::Catalogue& catalogue,
                                                           storage::RecordStore& records,
                                                           OwedRecords& owed,
                                                           FirstUnit first_unit) {
  std::unique_ptr<UnitDirectory> directory(new UnitDirectory(catalogue, records, owed));
  auto units = KHOCHUNG_TRY(catalogue.units());
  const bool is_empty = units.empty();
  directory->show(KHOCHUNG_TRY(UnitTree::make(std::move(units), today())));
  if (is_empty && first_unit == FirstUnit::is_made)
    KHOCHUNG_CHECK(directory->put({confederation()}, {"local", "cli", {}}));
  return directory;
}

std::shared_ptr<const UnitTree> UnitDirectory::tree() const {
  const auto present = present_.with([](const Present& current) { return current; });
  if (now() < present.until) return present.tree;
  const std::lock_guard one_writer(writing_);
  return tree_of_today();
}

/// The caller is the one writer. Whoever comes first after midnight draws the new day's tree.
std::shared_ptr<const UnitTree> UnitDirectory::tree_of_today() const {
  const auto present = present_.with([](const Present& current) { return current; });
  if (now() < present.until) return present.tree;
  auto drawn = UnitTree::make(present.tree->shared_units(), today());
  if (drawn) return show(*std::move(drawn));
  spdlog::error("the units stay as they were yesterday: {}", drawn.error().message);
  present_.with([](Present& current) { current.until = end_of_day(now()); });
  return present.tree;
}

std::shared_ptr<const UnitTree> UnitDirectory::show(UnitTree tree) const {
  auto shared = std::make_shared<const UnitTree>(std::move(tree));
  present_.with([&](Present& present) { present = {shared, end_of_day(now())}; });
  return shared;
}

Result<std::vector<Unit>> UnitDirectory::put(std::vector<Unit> units, const Change& change) {
  const std::lock_guard one_writer(writing_);
  const auto before = tree_of_today();
  const auto& known_units = before->shared_units();
  UnitNumber next_number = known_units.empty() ? 1 : known_units.back()->number + 1;
  for (auto& unit : units) {
    const Unit* known = unit.id.is_set() ? before->find(unit.id) : before->find(unit.code);
    if (!unit.id.is_set()) unit.id = known != nullptr ? known->id : UnitId::make();
    unit.number = known != nullptr ? known->number : next_number++;
    if (!unit.parent && before->root() != nullptr && before->root()->id != unit.id)
      return fail(ErrorCode::bad_input, "unknown_unit", "a unit needs a parent: " + unit.code);
  }
  KHOCHUNG_CHECK(replace(units, change, {}));
  return units;
}

Result<std::vector<Unit>> UnitDirectory::carry_out(const UnitChange& decision,
                                                   const Change& change) {
  const std::lock_guard one_writer(writing_);
  auto changed = KHOCHUNG_TRY(changed_by(*tree_of_today(), decision));
  KHOCHUNG_CHECK(replace(changed, change, name_of(decision.action)));
  return changed;
}

Result<void> UnitDirectory::replace(const std::vector<Unit>& changed, const Change& change,
                                    std::string_view action) {
  const auto before = tree_of_today();
  auto units = before->shared_units();
  for (const auto& unit : changed) put_into(units, unit);
  auto after = KHOCHUNG_TRY(UnitTree::make(std::move(units), today()));
  KHOCHUNG_CHECK(owed_.settle());
  std::vector<storage::Catalogue::NewUnit> entries;
  for (const auto& unit : changed)
    entries.push_back(
        KHOCHUNG_TRY(next_revision(unit, before->find(unit.id) == nullptr, change, action)));
  KHOCHUNG_CHECK(catalogue_.put_units(entries));
  if (entries.size() > few_units) {
    owed_.write_soon();
  } else {
    for (const auto& entry : entries) owed_.write(KHOCHUNG_TRY(record_from_json(entry.record)));
  }
  show(std::move(after));
  return {};
}

/// The catalogue takes the row and the record's bytes in one commit, then the record is written, as
/// in Materials.
Result<storage::Catalogue::NewUnit> UnitDirectory::next_revision(const Unit& unit, bool is_new,
                                                                 const Change& change,
                                                                 std::string_view action) {
  Record record;
  record.kind = RecordKind::unit;
  record.id = unit.id.uuid();
  record.at = now();
  record.by = change.by;
  record.from = change.from;
  record.why = change.why;
  record.body = to_json(unit);
  if (!is_new) {
    const auto before = KHOCHUNG_TRY(records_.newest(record.id));
    record.revision = before.revision + 1;
    record.previous = Digest::of(to_canonical_json(before));
  }
  const std::string_view written = is_new ? "unit.create" : "unit.revise";
  return entry_of(unit, record, action.empty() ? written : action, record.by, record.from);
}

Result<std::size_t> UnitDirectory::adopt(const storage::PackagedHistory& history,
                                         std::string_view by) {
  const std::lock_guard one_writer(writing_);
  const auto present = tree_of_today();
  KHOCHUNG_CHECK(owed_.settle());
  const auto known = KHOCHUNG_TRY(revisions_known(records_, history));
  const auto& revisions = history.revisions;
  auto units = present->shared_units();
  for (auto i = known; i < revisions.size(); ++i) {
    const auto unit = KHOCHUNG_TRY(unit_from_json(revisions[i].record.body));
    for (const Unit* other : {present->find(unit.code), present->find(unit.number),
                              unit.parent ? nullptr : present->root()}) {
      if (other != nullptr && other->id != unit.id) {
        return fail(ErrorCode::conflict,
                    "unit " + unit.code + " is another one here: " + other->id.text());
      }
    }
    put_into(units, unit);
    auto after = KHOCHUNG_TRY(UnitTree::make(units, today()));
    auto entry = entry_of(unit, revisions[i].record, "unit.import", by, "cli");
    KHOCHUNG_CHECK(catalogue_.put_units({std::move(entry)}));
    owed_.write(revisions[i].record);
    show(std::move(after));
  }
  return revisions.size() - known;
}

}  // namespace khochung::pipeline

#include "indexer/pipeline/unit_directory.hpp"

#include <algorithm>

#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/materials.hpp"
#include "schemas/record.hpp"

namespace khochung::pipeline {
namespace {

Unit confederation() {
  Unit unit;
  unit.code = "tld";
  unit.name_vi = "Tổng Liên đoàn Lao động Việt Nam";
  unit.name_en = "Vietnam General Confederation of Labour";
  unit.level = "confederation";
  return unit;
}

UnitNumber next_number(const UnitTree& tree) {
  UnitNumber highest = 0;
  for (const auto& unit : tree.units()) highest = std::max(highest, unit.number);
  return highest + 1;
}

}  // namespace

Result<std::unique_ptr<UnitDirectory>> UnitDirectory::open(storage::Catalogue& catalogue,
                                                           storage::RecordStore& records,
                                                           OwedRecords& owed,
                                                           FirstUnit first_unit) {
  std::unique_ptr<UnitDirectory> directory(new UnitDirectory(catalogue, records, owed));
  auto units = KHOCHUNG_TRY(catalogue.units());
  auto tree = KHOCHUNG_TRY(UnitTree::make(std::move(units)));
  const bool is_empty = tree.units().empty();
  directory->tree_.with(
      [&](auto& current) { current = std::make_shared<const UnitTree>(std::move(tree)); });
  if (is_empty && first_unit == FirstUnit::is_made)
    KHOCHUNG_CHECK(directory->put(confederation(), "local"));
  return directory;
}

std::shared_ptr<const UnitTree> UnitDirectory::tree() const {
  return tree_.with([](const auto& current) { return current; });
}

Result<Unit> UnitDirectory::put(Unit unit, std::string_view by) {
  const std::lock_guard one_writer(writing_);
  const auto before = tree();
  const Unit* known = before->find(unit.code);
  unit.id = known != nullptr ? known->id : UnitId::make();
  unit.number = known != nullptr ? known->number : next_number(*before);
  if (!unit.parent && before->root() != nullptr && before->root()->code != unit.code) {
    return fail(ErrorCode::bad_input, "unknown_unit", "a unit needs a parent: " + unit.code);
  }
  auto units = before->units();
  std::erase_if(units, [&](const Unit& other) { return other.id == unit.id; });
  units.push_back(unit);
  auto after = KHOCHUNG_TRY(UnitTree::make(std::move(units)));
  KHOCHUNG_CHECK(write(unit, known == nullptr, by));
  tree_.with([&](auto& current) { current = std::make_shared<const UnitTree>(std::move(after)); });
  return unit;
}

Result<std::size_t> UnitDirectory::adopt(const storage::PackagedHistory& history,
                                         std::string_view by) {
  const std::lock_guard one_writer(writing_);
  KHOCHUNG_CHECK(owed_.settle());
  const auto known = KHOCHUNG_TRY(revisions_known(records_, history));
  const auto& revisions = history.revisions;
  for (auto i = known; i < revisions.size(); ++i) {
    const auto unit = KHOCHUNG_TRY(unit_from_json(revisions[i].record.body));
    const auto before = tree();
    for (const Unit* other : {before->find(unit.code), before->find(unit.number),
                              unit.parent ? nullptr : before->root()}) {
      if (other != nullptr && other->id != unit.id) {
        return fail(ErrorCode::conflict,
                    "unit " + unit.code + " is another one here: " + other->id.text());
      }
    }
    auto units = before->units();
    std::erase_if(units, [&](const Unit& other) { return other.id == unit.id; });
    units.push_back(unit);
    auto after = KHOCHUNG_TRY(UnitTree::make(std::move(units)));
    storage::AuditEvent event;
    event.at = now();
    event.by = by;
    event.from = "cli";
    event.action = "unit.import";
    KHOCHUNG_CHECK(keep(unit, revisions[i].record, std::move(event)));
    tree_.with(
        [&](auto& current) { current = std::make_shared<const UnitTree>(std::move(after)); });
  }
  return revisions.size() - known;
}

/// The catalogue takes the row and the record's bytes in one commit, then the record is written, as
/// in Materials.
Result<void> UnitDirectory::write(const Unit& unit, bool is_new, std::string_view by) {
  Record record;
  record.kind = RecordKind::unit;
  record.id = unit.id.uuid();
  record.at = now();
  record.by = by;
  record.from = "cli";
  record.body = to_json(unit);
  if (!is_new) {
    KHOCHUNG_CHECK(owed_.settle());
    const auto before = KHOCHUNG_TRY(records_.newest(record.id));
    record.revision = before.revision + 1;
    record.previous = Digest::of(to_canonical_json(before));
  }
  storage::AuditEvent event;
  event.at = record.at;
  event.by = record.by;
  event.from = record.from;
  event.action = is_new ? "unit.create" : "unit.revise";
  return keep(unit, record, std::move(event));
}

Result<void> UnitDirectory::keep(const Unit& unit, const Record& record,
                                 storage::AuditEvent event) {
  const auto text = to_canonical_json(record);
  event.object = record.id.text();
  event.detail = {{"revision", record.revision}, {"sha256", Digest::of(text).hex()}};
  KHOCHUNG_CHECK(catalogue_.put_unit({unit, record.revision, text, owed_form(event)}));
  owed_.write(record);
  return {};
}

}  // namespace khochung::pipeline

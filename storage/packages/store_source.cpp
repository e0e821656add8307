#include "storage/packages/store_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "storage/durable_file.hpp"
#include "storage/packages/package_history.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t max_record_bytes = 64U << 20U;

/// The very bytes of a record file.
Result<std::string> bytes_of(const RecordStore::Found& found) {
  FileDescriptor file(::open(found.path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0) {
    return fail(error_of_errno(errno, "open " + found.path.string()));
  }
  const BlobReader reader(file.release(), static_cast<std::uint64_t>(info.st_size));
  auto bytes = KHOCHUNG_TRY(reader.read_all(max_record_bytes));
  if (Digest::of(bytes) != found.seal) {
    return fail(ErrorCode::corrupt,
                found.path.filename().string() + ": its bytes do not have its seal");
  }
  return bytes;
}

}  // namespace

StoreSource::StoreSource(const RecordStore& records, const BlobStore& blobs, const UnitTree& units,
                         PackageSelection selection, Events events)
    : records_(records),
      blobs_(blobs),
      units_(units),
      selection_(std::move(selection)),
      events_(std::move(events)) {}

Result<void> StoreSource::for_each_thing(const std::function<bool(const Uuid&)>& wanted,
                                         const Visited& visit) const {
  for (unsigned slice = 0; slice < 256; ++slice) {
    KHOCHUNG_CHECK(for_each_thing_in(static_cast<std::uint8_t>(slice), wanted, visit));
  }
  return {};
}

Result<void> StoreSource::for_each_thing_in(std::uint8_t slice,
                                            const std::function<bool(const Uuid&)>& wanted,
                                            const Visited& visit) const {
  struct Named {
    std::string order;
    RecordStore::Found found;
  };
  std::vector<Named> names;
  KHOCHUNG_CHECK(records_.for_each_in(slice, [&](const RecordStore::Found& found) {
    if (wanted(found.id)) names.push_back({package_order(found.id), found});
    return true;
  }));
  std::ranges::sort(names, [](const Named& a, const Named& b) {
    return std::tie(a.order, a.found.revision) < std::tie(b.order, b.found.revision);
  });
  for (std::size_t i = 0; i < names.size();) {
    const auto id = names[i].found.id;
    PackageItem item;
    for (; i < names.size() && names[i].found.id == id; ++i) {
      item.records.push_back(KHOCHUNG_TRY(bytes_of(names[i].found)));
    }
    KHOCHUNG_CHECK(visit(id, item));
  }
  return {};
}

/// By what the material is now.
Result<bool> StoreSource::is_selected(const PackageItem& item, const Unit* branch) const {
  const auto newest = KHOCHUNG_TRY(record_from_json(item.records.back()));
  // A unit that the tree does not know yet.
  if (newest.kind != RecordKind::material) return false;
  const auto material = KHOCHUNG_TRY(material_from_json(newest.body));
  const Unit* owner = units_.find(material.unit);
  if (owner == nullptr) {
    return fail(ErrorCode::conflict, "material " + material.id.text() +
                                         " belongs to a unit that the tree does not know");
  }
  if (selection_.may_leave && !selection_.may_leave(material)) return false;
  return branch == nullptr || units_.is_within(owner->number, branch->number);
}

/// The materials of the selection.
Result<void> StoreSource::for_each_selected(const Visited& visit) const {
  const auto is_wanted = [&](const Uuid& id) {
    return !is_unit(id) && (!selection_.material || id == selection_.material->uuid());
  };
  const Unit* branch = selection_.branch ? units_.find(*selection_.branch) : nullptr;
  if (selection_.branch && branch == nullptr) {
    return fail(ErrorCode::not_found, "no such unit: " + selection_.branch->text());
  }
  bool is_found = false;
  const auto visit_selected = [&](const Uuid& id, PackageItem& item) -> Result<void> {
    is_found = true;
    return KHOCHUNG_TRY(is_selected(item, branch)) ? visit(id, item) : Result<void>();
  };
  if (!selection_.material) return for_each_thing(is_wanted, visit_selected);
  // The last four digits but two are the slice in which the store keeps it.
  const auto text = selection_.material->text();
  const auto slice = static_cast<std::uint8_t>(std::stoul(text.substr(32, 2), nullptr, 16));
  KHOCHUNG_CHECK(for_each_thing_in(slice, is_wanted, visit_selected));
  if (is_found) return {};
  return fail(ErrorCode::not_found, "no such material: " + text);
}

/// The units that any revision of a selected material names, those of the branch, and every unit
/// that one of these has ever stood beneath.
Result<std::set<UnitId>> StoreSource::units_needed(const std::map<UnitId, PackageItem>& all) const {
  std::set<UnitId> needed;
  if (!selection_.branch && !selection_.material) {
    for (const auto& [id, item] : all) needed.insert(id);
    return needed;
  }
  std::vector<UnitId> open;
  const auto note = [&](const Uuid&, const PackageItem& item) -> Result<void> {
    const auto history = KHOCHUNG_TRY(history_of(item.records, RecordKind::material));
    for (const auto& state : KHOCHUNG_TRY(materials_of(history))) open.push_back(state.unit);
    return {};
  };
  KHOCHUNG_CHECK(for_each_selected(note));
  if (selection_.branch) {
    for (const auto number : units_.branch(units_.find(*selection_.branch)->number)) {
      open.push_back(units_.find(number)->id);
    }
  }
  while (!open.empty()) {
    const auto id = open.back();
    open.pop_back();
    const auto found = all.find(id);
    if (found == all.end() || !needed.insert(id).second) continue;
    const auto history = KHOCHUNG_TRY(history_of(found->second.records, RecordKind::unit));
    for (const auto& state : KHOCHUNG_TRY(units_of(history))) {
      if (state.parent) open.push_back(*state.parent);
    }
  }
  return needed;
}

Result<void> StoreSource::for_each_unit(const Visit& visit) {
  std::map<UnitId, PackageItem> all;
  KHOCHUNG_CHECK(for_each_thing([&](const Uuid& id) { return is_unit(id); },
                                [&](const Uuid& id, PackageItem& item) -> Result<void> {
                                  all.emplace(UnitId(id), std::move(item));
                                  return {};
                                }));
  const auto needed = KHOCHUNG_TRY(units_needed(all));
  std::vector<std::pair<std::size_t, UnitId>> by_depth;
  for (const auto& id : needed) {
    by_depth.emplace_back(units_.chain_above(units_.find(id)->number).size(), id);
  }
  std::ranges::sort(by_depth);
  for (const auto& [depth, id] : by_depth) KHOCHUNG_CHECK(visit(all.at(id)));
  return {};
}

Result<void> StoreSource::for_each_material(const Visit& visit) {
  return for_each_selected([&](const Uuid& id, PackageItem& item) -> Result<void> {
    if (events_) item.events = KHOCHUNG_TRY(events_(MaterialId(id)));
    return visit(item);
  });
}

}  // namespace khochung::storage

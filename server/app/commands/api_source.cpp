#include "server/app/commands/api_source.hpp"

#include <algorithm>
#include <charconv>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/interrupt.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/packages/package_metadata.hpp"

namespace khochung::app {
namespace {

using storage::PackageItem;

constexpr std::uint64_t step_bytes = std::uint64_t{8} << 20U;

Result<Answer> range_of(Client& client, const Digest& sha256, std::uint64_t offset,
                        std::uint64_t length) {
  auto call = get("/api/v1/blobs/" + sha256.hex());
  call.fields.set("Range",
                  "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + length - 1));
  return checked(client.send(call));
}

/// "bytes 0-99/1234": 1234. Errors: unavailable.
Result<std::uint64_t> size_from(const Answer& answer) {
  const auto field = answer.fields.get("Content-Range");
  const auto slash = field.find('/');
  std::uint64_t size = 0;
  if (answer.status != 206 || slash == std::string_view::npos ||
      std::from_chars(field.data() + slash + 1, field.data() + field.size(), size).ec !=
          std::errc()) {
    return fail(ErrorCode::unavailable, "the archive did not give a part of a file");
  }
  return size;
}

Result<PackageItem> item_of(const boost::json::value& value) {
  PackageItem item;
  item.records = JsonReader(value).strings("records");
  if (item.records.empty()) return fail(ErrorCode::unavailable, "a thing without records");
  return item;
}

}  // namespace

Result<void> ApiSource::for_each_page(
    const std::string& target, const std::function<Result<void>(const boost::json::value&)>& use) {
  std::string after;
  do {
    if (is_interrupted()) return fail(ErrorCode::unavailable, "interrupted");
    auto page_target = target;
    add_parameter(page_target, "after", after);
    const auto page = KHOCHUNG_TRY(json_of(client_, get(page_target)));
    KHOCHUNG_CHECK(use(page));
    after = JsonReader(page).string("next");
  } while (!after.empty());
  return {};
}

Result<void> ApiSource::for_each_item(const std::string& target, const Visit& visit) {
  return for_each_page(target, [&](const boost::json::value& page) -> Result<void> {
    const JsonReader read(page);
    held_back_ += read.integer("held_back");
    const auto* items = read.find("items");
    if (items == nullptr || !items->is_array())
      return fail(ErrorCode::unavailable, "a page without items");
    for (const auto& value : items->get_array()) {
      if (is_interrupted()) return fail(ErrorCode::unavailable, "interrupted");
      const auto item = KHOCHUNG_TRY(item_of(value));
      KHOCHUNG_CHECK(visit(item));
    }
    if (report_ && read.integer("slices") > 0) {
      report_(static_cast<std::uint64_t>(read.integer("slice") + 1),
              static_cast<std::uint64_t>(read.integer("slices")));
    }
    return {};
  });
}

std::string ApiSource::materials_target() const {
  std::string target = "/api/v1/export/materials";
  add_parameter(target, "unit", selection_.unit);
  add_parameter(target, "material", selection_.material);
  return target;
}

Result<void> ApiSource::for_each_unit(const Visit& visit) {
  const std::string target = "/api/v1/export/units";
  if (selection_.unit.empty() && selection_.material.empty()) return for_each_item(target, visit);
  std::map<UnitId, PackageItem> all;
  std::vector<UnitId> in_order;
  const auto keep = [&](const PackageItem& item) -> Result<void> {
    const auto history = KHOCHUNG_TRY(storage::history_of(item.records, RecordKind::unit));
    in_order.emplace_back(history.id);
    all.emplace(history.id, item);
    return {};
  };
  KHOCHUNG_CHECK(for_each_item(target, keep));
  const auto needed = KHOCHUNG_TRY(units_needed(all));
  for (const auto& id : in_order) {
    if (needed.contains(id)) KHOCHUNG_CHECK(visit(all.at(id)));
  }
  return {};
}

/// Those that any revision of a selected material names, the selected one itself, and all that
/// these have ever stood beneath.
Result<std::set<UnitId>> ApiSource::units_needed(const std::map<UnitId, PackageItem>& all) {
  std::vector<UnitId> open;
  const auto add_owners = [&](const PackageItem& item) -> Result<void> {
    const auto history = KHOCHUNG_TRY(storage::history_of(item.records, RecordKind::material));
    for (const auto& state : KHOCHUNG_TRY(storage::materials_of(history)))
      open.push_back(state.unit);
    return {};
  };
  KHOCHUNG_CHECK(for_each_item(materials_target(), add_owners));
  held_back_ = 0;  // they are counted when the materials are packed
  std::map<UnitId, std::vector<Unit>> states;
  for (const auto& [id, item] : all) {
    const auto history = KHOCHUNG_TRY(storage::history_of(item.records, RecordKind::unit));
    states[id] = KHOCHUNG_TRY(storage::units_of(history));
    const auto& now = states[id].back();
    if (now.code == selection_.unit || id.text() == selection_.unit) open.push_back(id);
  }
  std::set<UnitId> needed;
  while (!open.empty()) {
    const auto id = open.back();
    open.pop_back();
    if (!states.contains(id) || !needed.insert(id).second) continue;
    for (const auto& state : states.at(id)) {
      if (state.parent) open.push_back(*state.parent);
    }
  }
  return needed;
}

Result<void> ApiSource::for_each_material(const Visit& visit) {
  if (!has_events_) KHOCHUNG_CHECK(load_events());
  return for_each_item(materials_target(), [&](const PackageItem& item) -> Result<void> {
    auto whole = item;
    KHOCHUNG_CHECK(add_events(whole));
    return visit(whole);
  });
}

Result<void> ApiSource::load_events() {
  const auto keep = [&](const boost::json::value& page) -> Result<void> {
    auto events = KHOCHUNG_TRY(storage::events_from_lines(JsonReader(page).string("events")));
    for (auto& event : events) {
      if (event.file) events_.insert_or_assign(*event.file, std::move(event));
    }
    return {};
  };
  KHOCHUNG_CHECK(for_each_page("/api/v1/export/events", keep));
  has_events_ = true;
  return {};
}

Result<void> ApiSource::add_events(PackageItem& item) const {
  if (events_.empty()) return {};
  const auto history = KHOCHUNG_TRY(storage::history_of(item.records, RecordKind::material));
  for (const auto& placed :
       storage::placed_files(KHOCHUNG_TRY(storage::materials_of(history)), {})) {
    const auto found = events_.find(placed.file.sha256);
    if (found != events_.end()) item.events.push_back(found->second);
  }
  return {};
}

Result<storage::BlobReader> ApiSource::open_blob(const Digest& sha256) {
  const auto first = KHOCHUNG_TRY(range_of(client_, sha256, 0, 1));
  const auto size = KHOCHUNG_TRY(size_from(first));
  auto fill = [this, sha256](std::uint64_t offset, std::span<std::byte> into) -> Result<void> {
    while (!into.empty()) {
      const auto length = std::min<std::uint64_t>(step_bytes, into.size());
      const auto part = KHOCHUNG_TRY(range_of(client_, sha256, offset, length));
      if (part.status != 206 || part.body.size() != length)
        return fail(ErrorCode::unavailable, "the archive gave another part of a file");
      std::ranges::copy(std::as_bytes(std::span(part.body)), into.begin());
      into = into.subspan(length);
      offset += length;
    }
    return {};
  };
  return storage::BlobReader(std::move(fill), size, sha256);
}

}  // namespace khochung::app

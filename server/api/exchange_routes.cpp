#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <set>

#include "indexer/pipeline/garbage.hpp"
#include "schemas/json_reader.hpp"
#include "server/api/route_adder.hpp"
#include "server/api/routes.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/packages/package_metadata.hpp"

namespace khochung::api {
namespace {

using boost::json::array;
using boost::json::object;
using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

constexpr int slices = 256;
constexpr std::size_t most_items = 500;
constexpr std::size_t enough_bytes = std::size_t{4} << 20U;
constexpr std::size_t most_events = 1'000;
/// All records of one material, as JSON in JSON.
constexpr std::uint64_t longest_item_bytes = std::uint64_t{256} << 20U;

/// Errors: unauthenticated; forbidden for everyone but the local administrator.
Result<std::string> owner_of(const Services& services, const Request& request) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request));
  if (identity.viewer.kind != access::AccountKind::local_administrator)
    return fail(ErrorCode::forbidden, "this is for the owner of the data folder");
  return identity.viewer.name;
}

/// The bytes of every record of `id`, oldest first.
Result<std::vector<std::string>> records_of(const Services& services, const Uuid& id) {
  std::vector<std::string> records;
  for (const auto& record : KHOCHUNG_TRY(services.records.history(id)))
    records.push_back(to_canonical_json(record));
  return records;
}

/// A page of an export on its way; it ends where it has enough.
struct Page {
  array items;
  std::size_t bytes = 0;
  std::int64_t held_back = 0;
  std::string last;

  [[nodiscard]] bool is_full() const { return items.size() >= most_items || bytes >= enough_bytes; }
  void add(const std::vector<std::string>& records) {
    array texts;
    for (const auto& record : records) {
      texts.emplace_back(record);
      bytes += record.size();
    }
    items.push_back(object{{"records", std::move(texts)}});
  }
};

/// Units, each after the one above it; `after` is the last one's place in that order.
Result<Response> export_units(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(owner_of(services, request));
  const auto tree = services.units.tree();
  std::vector<std::pair<std::string, UnitId>> places;
  for (const auto& unit : tree->units()) {
    places.emplace_back(
        fmt::format("{:06}.{}", tree->chain_above(unit.number).size(), unit.id.text()), unit.id);
  }
  std::ranges::sort(places);
  const auto after = request.query_value("after");
  Page page;
  for (const auto& [place, id] : places) {
    if (place <= after) continue;
    if (page.is_full())
      return Response::json(200, boost::json::serialize(object{{"items", std::move(page.items)},
                                                               {"next", page.last}}));
    page.add(KHOCHUNG_TRY(records_of(services, id.uuid())));
    page.last = place;
  }
  return Response::json(
      200, boost::json::serialize(object{{"items", std::move(page.items)}, {"next", ""}}));
}

/// What of the archive is asked for. Errors: not_found; bad_input.
struct Selection {
  const Unit* branch = nullptr;
  std::optional<Uuid> material;

  static Result<Selection> of(const Request& request, const UnitTree& tree) {
    Selection selection;
    if (const auto unit = request.query_value("unit"); !unit.empty()) {
      selection.branch = tree.find(unit);
      if (selection.branch == nullptr) return fail(ErrorCode::not_found, "no such unit: " + unit);
    }
    if (const auto id = request.query_value("material"); !id.empty())
      selection.material = KHOCHUNG_TRY(Uuid::parse(id));
    return selection;
  }
};

/// Adds a thing of the store to the page when it is a material of the selection that may leave:
/// what is in quarantine stays where it is.
Result<void> add_material(const Services& services, const UnitTree& tree,
                          const Selection& selection, const Uuid& id, Page& page) {
  const auto newest = KHOCHUNG_TRY(services.records.newest(id));
  if (newest.kind != RecordKind::material) return {};
  const auto material = KHOCHUNG_TRY(material_from_json(newest.body));
  const Unit* owner = tree.find(material.unit);
  if (owner == nullptr) {
    return fail(ErrorCode::conflict,
                "material " + id.text() + " belongs to a unit that the tree does not know");
  }
  if (selection.branch != nullptr && !tree.is_within(owner->number, selection.branch->number))
    return {};
  if (material.sensitivity == Sensitivity::quarantined) {
    ++page.held_back;
    return {};
  }
  // An erasure that a crash cut may have left records that are to go.
  const bool is_erased = material.erasure && material.erasure->is_approved();
  page.add(is_erased ? std::vector{to_canonical_json(newest)}
                     : KHOCHUNG_TRY(records_of(services, id)));
  return {};
}

int slice_of(std::string_view place) {
  int slice = -1;
  std::from_chars(place.data(), place.data() + std::min<std::size_t>(2, place.size()), slice, 16);
  return slice;
}

/// The materials of one slice that come after `after`, in the order of packages.
Result<std::set<std::string>> places_in(const Services& services, int slice,
                                        std::string_view after) {
  std::set<std::string> places;
  KHOCHUNG_CHECK(services.records.for_each_in(
      static_cast<std::uint8_t>(slice), [&](const storage::RecordStore::Found& found) {
        if (auto place = storage::package_order(found.id); place > after)
          places.insert(std::move(place));
        return true;
      }));
  return places;
}

/// Materials in the order of packages, a part of a slice a request; `after` is a place in that
/// order, or the two hex digits of a slice that is done.
Result<Response> export_materials(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(owner_of(services, request));
  const auto tree = services.units.tree();
  const auto selection = KHOCHUNG_TRY(Selection::of(request, *tree));
  const auto after = std::string(request.query_value("after"));
  const bool ends_a_slice = after.size() == 2;
  int slice = after.empty() ? 0 : slice_of(after) + (ends_a_slice ? 1 : 0);
  if (slice < 0 || slice >= slices)
    return fail(ErrorCode::bad_input, "after is the `next` of the answer before");
  Page page;
  const auto answer = [&](const std::string& next, int done) {
    return Response::json(200, boost::json::serialize(object{{"items", std::move(page.items)},
                                                             {"held_back", page.held_back},
                                                             {"slice", done},
                                                             {"slices", slices},
                                                             {"next", next}}));
  };
  if (selection.material) {
    KHOCHUNG_CHECK(add_material(services, *tree, selection, *selection.material, page));
    return answer("", slices - 1);
  }
  for (const auto& place :
       KHOCHUNG_TRY(places_in(services, slice, ends_a_slice ? std::string() : after))) {
    if (page.is_full()) return answer(page.last, slice);
    const auto id = KHOCHUNG_TRY(Uuid::parse(std::string_view(place).substr(4)));
    KHOCHUNG_CHECK(add_material(services, *tree, selection, id, page));
    page.last = place;
  }
  return answer(slice + 1 == slices ? "" : fmt::format("{:02x}", slice), slice);
}

/// The event that an entry of the chain is to whoever keeps the material elsewhere, if it is one.
Result<std::optional<storage::PreservationEvent>> event_of(const storage::AuditEntry& entry) {
  const auto& event = entry.event;
  if (event.action == pipeline::imported_event_action) {
    auto told = KHOCHUNG_TRY(storage::events_from_lines(boost::json::serialize(event.detail)));
    if (told.size() != 1) return fail(ErrorCode::corrupt, "an imported event is none");
    return std::move(told.front());
  }
  if (event.action != pipeline::blob_destroyed) return std::nullopt;
  const auto sha256 = KHOCHUNG_TRY(Digest::parse(event.object));
  return storage::PreservationEvent{Digest::of(storage::line_of(entry)).hex(),
                                    "deletion",
                                    event.at,
                                    event.by,
                                    "",
                                    "success",
                                    sha256};
}

/// Whether the event tells of bytes that have come in again since.
bool is_undone(const Services& services, const storage::PreservationEvent& event) {
  return event.type == "deletion" && event.file && services.blobs.contains(*event.file);
}

/// What the audit chain tells of files beside their records, one line of JSON an event.
Result<Response> export_events(const Services& services, const Request& request) {
  KHOCHUNG_CHECK(owner_of(services, request));
  std::uint64_t after = 0;
  const auto text = request.query_value("after");
  std::from_chars(text.data(), text.data() + text.size(), after);
  const auto entries = KHOCHUNG_TRY(services.audit.entries(after + 1, most_events));
  std::vector<storage::PreservationEvent> events;
  for (const auto& entry : entries) {
    auto event = KHOCHUNG_TRY(event_of(entry));
    if (event && !is_undone(services, *event)) events.push_back(*std::move(event));
  }
  const bool is_last = entries.size() < most_events;
  return Response::json(
      200, boost::json::serialize(
               object{{"events", storage::lines_of_events(events)},
                      {"next", is_last ? "" : std::to_string(entries.back().event.seq)}}));
}

/// That an export begins is noted: it takes everything that it names out of the house.
Result<Response> begin_export(const Services& services, const Request& request) {
  const auto by = KHOCHUNG_TRY(owner_of(services, request));
  const auto tree = services.units.tree();
  KHOCHUNG_CHECK(Selection::of(request, *tree));
  storage::AuditEvent event;
  event.by = by;
  event.from = "cli";
  event.action = "archive.export";
  event.object = request.query_value("material");
  event.detail = {{"unit", request.query_value("unit")}, {"format", request.query_value("format")}};
  KHOCHUNG_CHECK(services.audit.note(std::move(event)));
  return Response::json(200, boost::json::serialize(object{{"units", tree->units().size()}}));
}

/// Takes one blob in; nothing is kept unless its bytes have the digest that the address names.
class BlobSink final : public http::BodySink {
 public:
  BlobSink(const Digest& sha256, std::unique_ptr<storage::BlobWriter> bytes)
      : sha256_(sha256), bytes_(std::move(bytes)) {}
  Result<void> write(std::span<const std::byte> bytes) override {
    hasher_.update(bytes);
    return bytes_->write(bytes);
  }
  Result<Response> finish() override {
    if (hasher_.finish() != sha256_)
      return fail(ErrorCode::bad_input, "the bytes do not have the digest " + sha256_.hex());
    const auto info = KHOCHUNG_TRY(bytes_->finish());
    return Response::json(
        info.was_known ? 200 : 201,
        boost::json::serialize(object{{"sha256", sha256_.hex()}, {"size_bytes", info.size_bytes}}));
  }

 private:
  Digest sha256_;
  Hasher hasher_;
  std::unique_ptr<storage::BlobWriter> bytes_;
};

Result<std::unique_ptr<http::BodySink>> import_blob(const Services& services,
                                                    const Request& request) {
  KHOCHUNG_CHECK(owner_of(services, request));
  const auto sha256 = KHOCHUNG_TRY(Digest::parse(request.parameter("sha256")));
  return std::make_unique<BlobSink>(sha256, KHOCHUNG_TRY(services.blobs.begin()));
}

/// One unit or material with its whole history.
class ItemSink final : public http::BodySink {
 public:
  using Take = std::function<Result<pipeline::Adoption::Outcome>(const storage::PackageItem&)>;
  explicit ItemSink(Take take) : take_(std::move(take)) {}
  Result<void> write(std::span<const std::byte> bytes) override {
    if (text_.size() + bytes.size() > longest_item_bytes)
      return fail(ErrorCode::too_large, "the records of one material are longer than any are");
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<Response> finish() override {
    boost::json::error_code error;
    const auto body = boost::json::parse(text_, error);
    if (error) return fail(ErrorCode::bad_input, "the body is no JSON");
    const JsonReader read(body);
    storage::PackageItem item;
    item.records = read.strings("records");
    item.events = KHOCHUNG_TRY(storage::events_from_lines(read.string("events")));
    const auto outcome = KHOCHUNG_TRY(take_(item));
    array missing;
    for (const auto& sha256 : outcome.missing) missing.emplace_back(sha256.hex());
    return Response::json(200, boost::json::serialize(object{{"revisions", outcome.revisions},
                                                             {"missing", std::move(missing)}}));
  }

 private:
  Take take_;
  std::string text_;
};

Result<std::unique_ptr<http::BodySink>> import_unit(const Services& services,
                                                    const Request& request) {
  const auto by = KHOCHUNG_TRY(owner_of(services, request));
  return std::make_unique<ItemSink>([&services, by](const storage::PackageItem& item) {
    return services.adoption.take_unit(item, by);
  });
}

Result<std::unique_ptr<http::BodySink>> import_material(const Services& services,
                                                        const Request& request) {
  const auto by = KHOCHUNG_TRY(owner_of(services, request));
  return std::make_unique<ItemSink>([&services, by](const storage::PackageItem& item) {
    auto outcome = services.adoption.take_material(item, by);
    services.index_bell.ring();
    services.jobs.ring();
    return outcome;
  });
}

}  // namespace

void add_exchange_routes(http::Router& router, const Services& services) {
  const RouteAdder add(router, services);
  const auto add_stream = [&](const char* pattern, auto handler) {
    const auto bound = [&services, handler](const Request& request) {
      return handler(services, request);
    };
    router.add({Method::post, pattern, BodyKind::stream, {}, bound, 0});
  };
  add(Method::post, "/api/v1/export", BodyKind::small, begin_export);
  add(Method::get, "/api/v1/export/units", BodyKind::none, export_units);
  add(Method::get, "/api/v1/export/materials", BodyKind::none, export_materials);
  add(Method::get, "/api/v1/export/events", BodyKind::none, export_events);
  add_stream("/api/v1/import/units", import_unit);
  add_stream("/api/v1/import/materials", import_material);
  add_stream("/api/v1/import/blobs/{sha256}", import_blob);
}

}  // namespace khochung::api

#include "storage/packages/package_writer.hpp"

#include <algorithm>
#include <set>

#include "storage/packages/bag_writer.hpp"
#include "storage/packages/metadata_table.hpp"
#include "storage/packages/ocfl_write.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/packages/package_metadata.hpp"

namespace khochung::storage {
namespace {

/// One material as both kinds of package need it.
struct PackagedMaterial {
  PackagedHistory history;
  std::vector<Material> revisions;
  std::vector<PlacedFile> files;
};

Result<PackagedMaterial> material_of(const PackageItem& item) {
  PackagedMaterial material;
  material.history = KHOCHUNG_TRY(history_of(item.records, RecordKind::material));
  material.revisions = KHOCHUNG_TRY(materials_of(material.history));
  material.files = placed_files(material.revisions, item.events);
  return material;
}

/// The bytes of a file that is to go into a package.
Result<BlobReader> bytes_of(PackageSource& source, const PlacedFile& file) {
  auto bytes = source.open_blob(file.file.sha256);
  if (!bytes && bytes.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::corrupt, "the bytes of " + file.file.name + " (" +
                                        file.file.sha256.hex() +
                                        ") are not there, and no event says why");
  }
  return bytes;
}

/// Refuses what a source gives twice or out of order.
class Order {
 public:
  Result<void> unit(const Uuid& id) {
    if (units_.insert(id).second) return {};
    return fail(ErrorCode::bad_input, "a unit comes twice: " + id.text());
  }
  Result<void> material(const Uuid& id) {
    auto order = package_order(id);
    if (!(last_ < order)) {
      return fail(ErrorCode::bad_input, "a material is out of order or comes twice: " + id.text());
    }
    last_ = std::move(order);
    return {};
  }

 private:
  std::set<Uuid> units_;
  std::string last_;
};

/// Writes the payload of a bag.
class BagPackage {
 public:
  BagPackage(PackageSource& source, BagWriter& bag) : source_(source), bag_(bag) {}

  Result<PackageTotals> run() {
    auto lines = KHOCHUNG_TRY(bag_.open("metadata.jsonl"));
    auto table = KHOCHUNG_TRY(bag_.open("metadata.csv"));
    KHOCHUNG_CHECK(table.write(metadata_csv_header(ByteOrderMark::utf8)));
    const auto describe = [&](const PackageItem& item) -> Result<void> {
      const auto newest = KHOCHUNG_TRY(material(item));
      KHOCHUNG_CHECK(lines.write(metadata_json_line(newest)));
      return table.write(metadata_csv_row(newest));
    };
    KHOCHUNG_CHECK(source_.for_each_unit([&](const PackageItem& item) { return unit(item); }));
    KHOCHUNG_CHECK(source_.for_each_material(describe));
    KHOCHUNG_CHECK(bag_.close("metadata.csv", table));
    KHOCHUNG_CHECK(bag_.close("metadata.jsonl", lines));
    return totals_;
  }

 private:
  Result<void> records(const std::string& folder, const PackagedHistory& history,
                       const PackageItem& item) {
    for (std::size_t i = 0; i < item.records.size(); ++i) {
      KHOCHUNG_TRY(
          bag_.add(folder + "/records/" + history.revisions[i].file_name, item.records[i]));
    }
    return {};
  }

  Result<void> unit(const PackageItem& item) {
    const auto history = KHOCHUNG_TRY(history_of(item.records, RecordKind::unit));
    KHOCHUNG_CHECK(order_.unit(history.id));
    ++totals_.units;
    return records("units/" + history.id.text(), history, item);
  }

  Result<Material> material(const PackageItem& item) {
    auto [history, revisions, files] = KHOCHUNG_TRY(material_of(item));
    KHOCHUNG_CHECK(order_.material(history.id));
    const auto folder = "materials/" + history.id.text();
    for (const auto& file : files) {
      if (file.is_gone) continue;
      const auto bytes = KHOCHUNG_TRY(bytes_of(source_, file));
      KHOCHUNG_CHECK(bag_.add(folder + "/files/" + file.name, bytes, file.file.sha256));
      ++totals_.files;
      totals_.size_bytes += bytes.size_bytes();
    }
    KHOCHUNG_TRY(bag_.add(folder + "/metadata/dc.xml", dublin_core_xml(revisions.back())));
    if (!item.events.empty()) {
      KHOCHUNG_TRY(bag_.add(folder + "/metadata/events.jsonl", lines_of_events(item.events)));
    }
    KHOCHUNG_TRY(bag_.add(folder + "/metadata/premis.xml",
                          premis_xml(history, revisions, files, item.events)));
    KHOCHUNG_CHECK(records(folder, history, item));
    ++totals_.materials;
    return std::move(revisions.back());
  }

  PackageSource& source_;
  BagWriter& bag_;
  Order order_;
  PackageTotals totals_;
};

/// An account as a URI; what a URI cannot hold is percent-encoded. Source: RFC 3986, 2.3.
std::string account_uri(std::string_view account) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "urn:khochung:account:";
  for (const char c : account) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      uri += c;
    } else {
      uri += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return uri;
}

OcflObjectWriter::VersionNote note_of(const Record& record) {
  const auto by = record.by.empty() ? std::string("unknown") : record.by;
  return {record.at, record.why, by, account_uri(by)};
}

/// The events of the time in which a revision was the newest.
std::vector<PreservationEvent> events_until(const PackageItem& item, const PackagedHistory& history,
                                            std::size_t revision) {
  auto events = item.events;
  if (revision + 1 < history.revisions.size()) {
    const auto end = history.revisions[revision + 1].record.at;
    std::erase_if(events, [&](const auto& event) { return event.at >= end; });
  }
  return events;
}

/// The material as it was with its first `count` revisions.
PackagedMaterial until(const PackagedMaterial& material, std::size_t count) {
  PackagedMaterial before{material.history, material.revisions, {}};
  before.history.revisions.resize(count);
  before.revisions.resize(count);
  std::set<Digest> held;
  for (const auto& revision : before.revisions) {
    for (const auto& file : files_kept(revision)) held.insert(file.sha256);
  }
  for (const auto& file : material.files) {
    if (held.contains(file.file.sha256)) before.files.push_back(file);
  }
  return before;
}

/// Writes the objects of a storage root.
class OcflPackage {
 public:
  OcflPackage(PackageSource& source, OcflRootWriter& root) : source_(source), root_(root) {}

  Result<PackageTotals> run() {
    KHOCHUNG_CHECK(source_.for_each_unit([&](const PackageItem& item) { return unit(item); }));
    KHOCHUNG_CHECK(
        source_.for_each_material([&](const PackageItem& item) { return material(item); }));
    return totals_;
  }

 private:
  Result<void> unit(const PackageItem& item) {
    const auto history = KHOCHUNG_TRY(history_of(item.records, RecordKind::unit));
    KHOCHUNG_CHECK(order_.unit(history.id));
    OcflObjectWriter object(root_, "urn:uuid:" + history.id.text());
    for (std::size_t i = 0; i < history.revisions.size(); ++i) {
      KHOCHUNG_CHECK(add_records(object, history, item, i));
      KHOCHUNG_CHECK(object.end_version(note_of(history.revisions[i].record)));
    }
    ++totals_.units;
    return object.finish();
  }

  Result<void> material(const PackageItem& item) {
    const auto material = KHOCHUNG_TRY(material_of(item));
    const auto& history = material.history;
    KHOCHUNG_CHECK(order_.material(history.id));
    OcflObjectWriter object(root_, "urn:uuid:" + history.id.text());
    for (std::size_t i = 0; i < history.revisions.size(); ++i) {
      KHOCHUNG_CHECK(add_files(object, material.revisions[i], material.files));
      KHOCHUNG_CHECK(add_metadata(object, until(material, i + 1), events_until(item, history, i)));
      KHOCHUNG_CHECK(add_records(object, history, item, i));
      KHOCHUNG_CHECK(object.end_version(note_of(history.revisions[i].record)));
    }
    ++totals_.materials;
    return object.finish();
  }

  /// The files that `material` has, named as in the whole package.
  Result<void> add_files(OcflObjectWriter& object, const Material& material,
                         const std::vector<PlacedFile>& files) {
    std::set<Digest> added;
    for (const auto& file : files_kept(material)) {
      const auto placed = std::ranges::find(files, file.sha256,
                                            [](const PlacedFile& one) { return one.file.sha256; });
      if (placed->is_gone || !added.insert(file.sha256).second) continue;
      const auto path = "files/" + placed->name;
      if (object.add_known(path, file.sha256)) continue;
      const auto bytes = KHOCHUNG_TRY(bytes_of(source_, *placed));
      KHOCHUNG_CHECK(object.add(path, bytes, file.sha256));
      ++totals_.files;
      totals_.size_bytes += bytes.size_bytes();
    }
    return {};
  }

  static Result<void> add_metadata(OcflObjectWriter& object, const PackagedMaterial& material,
                                   const std::vector<PreservationEvent>& events) {
    KHOCHUNG_CHECK(object.add("metadata/dc.xml", dublin_core_xml(material.revisions.back())));
    return object.add("metadata/premis.xml",
                      premis_xml(material.history, material.revisions, material.files, events));
  }

  static Result<void> add_records(OcflObjectWriter& object, const PackagedHistory& history,
                                  const PackageItem& item, std::size_t revision) {
    for (std::size_t i = 0; i <= revision; ++i) {
      const auto path = "records/" + history.revisions[i].file_name;
      if (object.add_known(path, history.revisions[i].seal)) continue;
      KHOCHUNG_CHECK(object.add(path, item.records[i]));
    }
    return {};
  }

  PackageSource& source_;
  OcflRootWriter& root_;
  Order order_;
  PackageTotals totals_;
};

}  // namespace

Result<PackageTotals> write_bag(PackageSource& source, const std::filesystem::path& target,
                                const PackageNote& note) {
  auto bag = KHOCHUNG_TRY(BagWriter::begin(target));
  const auto totals = KHOCHUNG_TRY(BagPackage(source, bag).run());
  BagInfo info;
  const auto say = [&](const char* label, const std::string& value) {
    if (!value.empty()) info.emplace_back(label, value);
  };
  say("Source-Organization", note.organization);
  say("External-Identifier", note.identifier);
  say("External-Description", note.description);
  say("Bagging-Date", to_rfc3339(note.at).substr(0, 10));
  say("Bag-Software-Agent", note.software);
  say("Khochung-Package", "archival/1");
  KHOCHUNG_CHECK(bag.finish(info));
  return totals;
}

Result<PackageTotals> write_ocfl(PackageSource& source, const std::filesystem::path& target) {
  auto root = KHOCHUNG_TRY(OcflRootWriter::begin(target));
  const auto totals = KHOCHUNG_TRY(OcflPackage(source, root).run());
  KHOCHUNG_CHECK(root.finish());
  return totals;
}

}  // namespace khochung::storage

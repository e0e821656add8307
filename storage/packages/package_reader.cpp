#include "storage/packages/package_reader.hpp"

#include <algorithm>
#include <set>

#include "storage/packages/package_history.hpp"
#include "storage/packages/package_metadata.hpp"
#include "storage/packages/path_set.hpp"

namespace khochung::storage {
namespace {

constexpr std::uint64_t max_record_bytes = 64U << 20U;
constexpr std::uint64_t max_records_bytes = 512U << 20U;
constexpr std::size_t max_lines_of_thing = 1'000'000;
constexpr std::string_view events_name = "/metadata/events.jsonl";

/// "data/materials/<id>", "records" and "<name>" of a path of our layout.
struct Place {
  std::string_view folder, part, name;
};

/// Nothing for a path that has no place in the layout.
std::optional<Place> place_of(std::string_view path) {
  for (const std::string_view prefix : {"data/units/", "data/materials/"}) {
    constexpr std::size_t id_length = 36;
    if (!path.starts_with(prefix) || path.size() < prefix.size() + id_length + 2) continue;
    const auto end = prefix.size() + id_length;
    if (!Uuid::parse(path.substr(prefix.size(), id_length)) || path[end] != '/') return {};
    const auto rest = path.substr(end + 1);
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return {};
    const Place place{path.substr(0, end), rest.substr(0, slash), rest.substr(slash + 1)};
    const bool is_known =
        place.part == "records" ||
        (prefix == "data/materials/" && (place.part == "files" || place.part == "metadata"));
    if (!is_known || place.name.empty() || place.name.find('/') != std::string_view::npos)
      return {};
    return place;
  }
  return {};
}

bool is_of_disk(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::disk_full;
}

}  // namespace

Result<PackageReader> PackageReader::open(const std::filesystem::path& folder) {
  return PackageReader(KHOCHUNG_TRY(BagReader::open(folder)));
}

/// Lines of one folder stand together in a manifest, whether it is in the order of packing or
/// sorted by path.
Result<void> PackageReader::for_each_thing(Kind kind,
                                           const std::function<Result<void>(Thing&)>& visit) const {
  const std::string_view prefix = kind == Kind::unit ? "data/units/" : "data/materials/";
  Thing thing;
  std::size_t lines = 0;
  const auto take = [&](const BagLine& line) -> Result<void> {
    const auto place = place_of(line.path);
    if (!place || !line.path.starts_with(prefix)) return {};
    if (place->folder != thing.folder) {
      if (!thing.folder.empty()) KHOCHUNG_CHECK(visit(thing));
      thing = Thing{std::string(place->folder), {}, {}, {}};
      lines = 0;
    }
    if (++lines > max_lines_of_thing) {
      return fail(ErrorCode::too_large, "too many files in " + thing.folder);
    }
    auto& list = place->part == "records" ? thing.records
                 : place->part == "files" ? thing.files
                                          : thing.metadata;
    list.push_back(line);
    return {};
  };
  KHOCHUNG_CHECK(bag_.for_each_file(take));
  return thing.folder.empty() ? Result<void>() : visit(thing);
}

/// The thing's records, by revision, each held against its name; and its events.
Result<PackageItem> PackageReader::item_of(const Thing& thing) const {
  PackageItem item;
  auto records = thing.records;
  // Their names begin alike and differ first in the number of the revision.
  std::ranges::sort(records, {}, &BagLine::path);
  std::uint64_t total = 0;
  for (const auto& line : records) {
    auto bytes = KHOCHUNG_TRY(bag_.folder().read_file(line.path, max_record_bytes));
    total += bytes.size();
    if (total > max_records_bytes) {
      return fail(ErrorCode::too_large, "too many records in " + thing.folder);
    }
    const auto seal = Digest::of(bytes);
    const auto name = std::string_view(line.path).substr(line.path.rfind('/') + 1);
    const auto record = record_from_json(bytes);
    if (!record || name != record_file_name(record->id, record->revision, seal) ||
        !thing.folder.ends_with("/" + record->id.text())) {
      return fail(ErrorCode::corrupt, line.path + ": not the record that its name says");
    }
    item.records.push_back(std::move(bytes));
  }
  for (const auto& line : thing.metadata) {
    if (!line.path.ends_with(events_name)) continue;
    const auto text = KHOCHUNG_TRY(bag_.folder().read_file(line.path, max_record_bytes));
    item.events = KHOCHUNG_TRY(events_from_lines(text));
  }
  return item;
}

Result<void> PackageReader::for_each_item(Kind kind, const Visit& visit) {
  return for_each_thing(kind, [&](Thing& thing) -> Result<void> {
    const auto item = KHOCHUNG_TRY(item_of(thing));
    KHOCHUNG_TRY(
        history_of(item.records, kind == Kind::unit ? RecordKind::unit : RecordKind::material));
    files_.clear();
    for (const auto& line : thing.files) {
      const auto digest = KHOCHUNG_TRY(Digest::parse(line.digest));
      files_.emplace(digest, line.path);
    }
    return visit(item);
  });
}

/// Units are few: they are gathered and given from the root of the tree down, whatever the order of
/// the manifest.
Result<void> PackageReader::for_each_unit(const Visit& visit) {
  struct Found {
    PackageItem item;
    std::optional<UnitId> parent;
  };
  std::map<UnitId, Found> units;
  const auto gather = [&](const PackageItem& item) -> Result<void> {
    const auto newest = KHOCHUNG_TRY(record_from_json(item.records.back()));
    const auto unit = KHOCHUNG_TRY(unit_from_json(newest.body));
    units[UnitId(newest.id)] = {item, unit.parent};
    return {};
  };
  KHOCHUNG_CHECK(for_each_item(Kind::unit, gather));
  std::vector<std::pair<std::size_t, UnitId>> by_depth;
  for (const auto& [id, unit] : units) {
    std::size_t depth = 0;
    for (auto above = unit.parent; above && units.contains(*above);
         above = units.at(*above).parent) {
      if (++depth > units.size()) {
        return fail(ErrorCode::corrupt, "a circle above unit " + id.text());
      }
    }
    by_depth.emplace_back(depth, id);
  }
  std::ranges::sort(by_depth);
  for (const auto& [depth, id] : by_depth) KHOCHUNG_CHECK(visit(units.at(id).item));
  return {};
}

Result<void> PackageReader::for_each_material(const Visit& visit) {
  return for_each_item(Kind::material, visit);
}

Result<BlobReader> PackageReader::open_blob(const Digest& sha256) {
  const auto found = files_.find(sha256);
  if (found == files_.end()) {
    return fail(ErrorCode::not_found, "this material has no file " + sha256.hex());
  }
  return bag_.folder().open_file(found->second);
}

/// What a sound bag has to be beside that.
class PackageReader::Check {
 public:
  Check(const PackageReader& reader, PackageReport& report) : reader_(reader), report_(report) {}

  Result<void> run() {
    KHOCHUNG_CHECK(look_at_paths());
    look_at_version();
    KHOCHUNG_CHECK(reader_.for_each_thing(Kind::unit, [&](Thing& thing) {
      ++report_.units;
      return judged(thing, unit(thing));
    }));
    KHOCHUNG_CHECK(reader_.for_each_thing(Kind::material, [&](Thing& thing) {
      ++report_.materials;
      return judged(thing, material(thing));
    }));
    seen_.sort();
    if (seen_.twice().size() > 0) {
      say("manifest-sha256.txt", "the files of one unit or material do not stand together");
    }
    for (const auto& [id, needed_by] : needed_units_) {
      if (!units_.contains(id)) say(needed_by, "its unit is not in the package: " + id.text());
    }
    return {};
  }

 private:
  void say(std::string_view where, std::string_view what) {
    ++report_.faults;
    if (report_.findings.size() < PackageReport::max_findings) {
      report_.findings.push_back({std::string(where), std::string(what)});
    }
  }

  /// What is wrong with one thing is a finding; the disk's errors end the check.
  Result<void> judged(const Thing& thing, const Result<void>& outcome) {
    seen_.add(thing.folder);
    if (outcome) return {};
    if (is_of_disk(outcome.error())) return outcome;
    say(thing.folder, outcome.error().message);
    return {};
  }

  Result<void> look_at_paths() {
    return reader_.bag_.for_each_file([&](const BagLine& line) -> Result<void> {
      const bool is_table = line.path == "data/metadata.csv" || line.path == "data/metadata.jsonl";
      if (!is_table && !place_of(line.path)) say(line.path, "it has no place in a package");
      return {};
    });
  }

  /// A bag that another tool has packed anew may have lost the label; another version it may not
  /// have.
  void look_at_version() {
    const auto info = reader_.bag_.info();
    if (!info) return;
    for (const auto& [label, value] : *info) {
      if (label == "Khochung-Package" && value != "archival/1") {
        say("bag-info.txt", "a version of archival packages that we do not know");
      }
    }
  }

  void needs(UnitId unit, const std::string& folder) {
    if (unit.is_set()) needed_units_.emplace(unit, folder);
  }

  Result<void> unit(const Thing& thing) {
    const auto item = KHOCHUNG_TRY(reader_.item_of(thing));
    const auto history = KHOCHUNG_TRY(history_of(item.records, RecordKind::unit));
    for (const auto& state : KHOCHUNG_TRY(units_of(history))) {
      if (state.parent) needs(*state.parent, thing.folder);
    }
    units_.insert(UnitId(history.id));
    return {};
  }

  Result<void> material(const Thing& thing) {
    const auto item = KHOCHUNG_TRY(reader_.item_of(thing));
    const auto history = KHOCHUNG_TRY(history_of(item.records, RecordKind::material));
    const auto revisions = KHOCHUNG_TRY(materials_of(history));
    for (const auto& state : revisions) needs(state.unit, thing.folder);
    std::set<std::string> held;
    for (const auto& line : thing.files) held.insert(line.digest);
    for (const auto& file : placed_files(revisions, item.events)) {
      const bool is_there = held.erase(file.file.sha256.hex()) > 0;
      if (!is_there && !file.is_gone) {
        say(thing.folder, "the bytes of " + file.file.name + " are missing, and no event says why");
      }
    }
    for (const auto& digest : held) {
      say(thing.folder, "no record of this material names the file " + digest);
    }
    return {};
  }

  const PackageReader& reader_;
  PackageReport& report_;
  PathSet seen_;
  std::set<UnitId> units_;
  std::map<UnitId, std::string> needed_units_;
};

Result<PackageReport> PackageReader::check() {
  PackageReport report;
  report.bag = KHOCHUNG_TRY(bag_.check());
  if (!report.bag.is_valid()) return report;
  const auto checked = Check(*this, report).run();
  if (!checked && checked.error().code == ErrorCode::not_found) {
    // A bag without SHA-256 can be sound; it is none of ours.
    ++report.faults;
    report.findings.push_back({"manifest-sha256.txt", "an archival package has this manifest"});
    return report;
  }
  if (!checked) return fail(checked.error());
  return report;
}

}  // namespace khochung::storage

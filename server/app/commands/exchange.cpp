#include "server/app/commands/exchange.hpp"

#include <fmt/format.h>

#include <vector>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"
#include "storage/packages/building_folder.hpp"
#include "storage/packages/metadata_table.hpp"
#include "storage/packages/ocfl_validate.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/packages/package_metadata.hpp"
#include "storage/packages/package_writer.hpp"

namespace khochung::app {
namespace {

namespace fs = std::filesystem;
using boost::json::array;
using boost::json::object;
using storage::PackageItem;
using storage::PackageTotals;

/// The newest revision of every unit, a line each; gives how many.
Result<std::uint64_t> write_units(ApiSource& source, storage::PackageFile& file, bool is_csv) {
  std::vector<Unit> units;
  const auto keep = [&](const PackageItem& item) -> Result<void> {
    const auto record = KHOCHUNG_TRY(record_from_json(item.records.back()));
    units.push_back(KHOCHUNG_TRY(unit_from_json(record.body)));
    return {};
  };
  KHOCHUNG_CHECK(source.for_each_unit(keep));
  if (is_csv) {
    KHOCHUNG_CHECK(file.write(storage::units_csv(units, storage::ByteOrderMark::utf8)));
  } else {
    for (const auto& unit : units) KHOCHUNG_CHECK(file.write(storage::metadata_json_line(unit)));
  }
  KHOCHUNG_CHECK(file.finish());
  return units.size();
}

/// The same for materials.
Result<std::uint64_t> write_materials(ApiSource& source, storage::PackageFile& file, bool is_csv) {
  std::uint64_t count = 0;
  if (is_csv)
    KHOCHUNG_CHECK(file.write(storage::metadata_csv_header(storage::ByteOrderMark::utf8)));
  const auto write = [&](const PackageItem& item) -> Result<void> {
    const auto record = KHOCHUNG_TRY(record_from_json(item.records.back()));
    const auto material = KHOCHUNG_TRY(material_from_json(record.body));
    ++count;
    return file.write(is_csv ? storage::metadata_csv_row(material)
                             : storage::metadata_json_line(material));
  };
  KHOCHUNG_CHECK(source.for_each_material(write));
  KHOCHUNG_CHECK(file.finish());
  return count;
}

Result<PackageTotals> write_tables(ApiSource& source, const ExportOptions& options) {
  using storage::BuildingFolder;
  const bool is_csv = options.format == "csv";
  auto folder = KHOCHUNG_TRY(BuildingFolder::begin(options.target, BuildingFolder::Earlier::goes));
  auto units = KHOCHUNG_TRY(folder.create("units." + options.format, {}));
  auto materials = KHOCHUNG_TRY(folder.create("materials." + options.format, {}));
  PackageTotals totals;
  totals.units = KHOCHUNG_TRY(write_units(source, units, is_csv));
  totals.materials = KHOCHUNG_TRY(write_materials(source, materials, is_csv));
  KHOCHUNG_CHECK(folder.finish());
  return totals;
}

Result<PackageTotals> write_package(ApiSource& source, const ExportOptions& options) {
  if (options.format == "ocfl") return storage::write_ocfl(source, options.target);
  if (options.format != "bagit") return write_tables(source, options);
  storage::PackageNote note;
  note.software = "Kho Chung";
  note.at = now();
  return storage::write_bag(source, options.target, note);
}

Result<object> export_all(Client& client, const ExportOptions& options) {
  std::string target = "/api/v1/export";
  add_parameter(target, "format", options.format);
  add_parameter(target, "unit", options.selection.unit);
  add_parameter(target, "material", options.selection.material);
  KHOCHUNG_CHECK(json_of(client, post(target, object())));
  ProgressBar bar("Xuất");
  ApiSource source(client, options.selection,
                   [&](std::uint64_t done, std::uint64_t all) { bar.show({done, all, 0, 0}); });
  const auto totals = KHOCHUNG_TRY(write_package(source, options));
  return object{{"path", fs::absolute(options.target).string()},
                {"format", options.format},
                {"units", totals.units},
                {"materials", totals.materials},
                {"files", totals.files},
                {"bytes", totals.size_bytes},
                {"held_back", source.held_back()}};
}

Call stream_of(const std::string& target, http::BodyPieces body) {
  Call call{http::Method::post, target, {}, std::move(body)};
  call.fields.set("Content-Type", "application/octet-stream");
  return call;
}

/// What became of an import.
struct ImportReport {
  std::int64_t units = 0, materials = 0, revisions = 0, known = 0, files = 0, bytes = 0;
  array conflicts;
};

/// Sends a package that was checked, thing by thing.
class Sender {
 public:
  Sender(Client& client, storage::PackageReader& package) : client_(client), package_(package) {}

  Result<void> send_unit(const PackageItem& item) {
    return note(item, send("/api/v1/import/units", item), report_.units);
  }
  Result<void> send_material(const PackageItem& item) {
    const std::string target = "/api/v1/import/materials";
    auto answer = send(target, item);
    if (answer) {
      const auto missing = JsonReader(*answer).strings("missing");
      for (const auto& hex : missing) {
        const auto sha256 = KHOCHUNG_TRY(Digest::parse(hex));
        KHOCHUNG_CHECK(send_blob(sha256));
      }
      if (!missing.empty()) answer = send(target, item);
    }
    return note(item, answer, report_.materials);
  }
  [[nodiscard]] ImportReport& report() { return report_; }

 private:
  Result<boost::json::value> send(const std::string& target, const PackageItem& item) {
    if (is_interrupted()) return fail(ErrorCode::unavailable, "interrupted");
    array records;
    for (const auto& record : item.records) records.emplace_back(record);
    const object body{{"records", std::move(records)},
                      {"events", storage::lines_of_events(item.events)}};
    return json_of(client_, stream_of(target, {boost::json::serialize(body)}));
  }

  Result<void> send_blob(const Digest& sha256) {
    auto packed = KHOCHUNG_TRY(package_.open_blob(sha256));
    const auto bytes = KHOCHUNG_TRY(storage::with_descriptor(std::move(packed)));
    KHOCHUNG_CHECK(
        json_of(client_, stream_of("/api/v1/import/blobs/" + sha256.hex(),
                                   {http::FilePiece{*bytes.descriptor(), 0, bytes.size_bytes()}})));
    ++report_.files;
    report_.bytes += static_cast<std::int64_t>(bytes.size_bytes());
    return {};
  }

  /// A conflict is told by name and stops nothing else.
  Result<void> note(const PackageItem& item, const Result<boost::json::value>& answer,
                    std::int64_t& taken) {
    if (!answer && answer.error().code == ErrorCode::conflict) {
      const auto record = KHOCHUNG_TRY(record_from_json(item.records.back()));
      report_.conflicts.emplace_back(record.id.text());
      return {};
    }
    if (!answer) return fail(answer.error());
    const auto revisions = JsonReader(*answer).integer("revisions");
    report_.revisions += revisions;
    ++(revisions > 0 ? taken : report_.known);
    return {};
  }

  Client& client_;
  storage::PackageReader& package_;
  ImportReport report_;
};

std::string first_fault_of(const storage::PackageReport& report) {
  const auto text = [](const auto& finding) { return finding.where + ": " + finding.what; };
  return report.bag.findings.empty() ? text(report.findings.front())
                                     : text(report.bag.findings.front());
}

Result<ImportReport> import_all(Client& client, SoundPackage& sound) {
  auto& package = sound.reader;
  Sender sender(client, package);
  ProgressBar bar("Nhập");
  // A unit that is another one here would leave those beneath it and its materials without an
  // owner.
  const auto& conflicts = sender.report().conflicts;
  const auto send_unit = [&](const PackageItem& item) -> Result<void> {
    return conflicts.empty() ? sender.send_unit(item) : Result<void>();
  };
  KHOCHUNG_CHECK(package.for_each_unit(send_unit));
  if (!conflicts.empty()) return std::move(sender.report());
  std::uint64_t done = 0;
  const auto send = [&](const PackageItem& item) -> Result<void> {
    KHOCHUNG_CHECK(sender.send_material(item));
    bar.show({++done, sound.materials, 0, static_cast<std::uint64_t>(sender.report().bytes)});
    return {};
  };
  KHOCHUNG_CHECK(package.for_each_material(send));
  return std::move(sender.report());
}

enum class PackageKind { bag, ocfl_root, ocfl_object };

/// By what stands in the folder; a bag where nothing tells.
PackageKind kind_of(const fs::path& folder) {
  auto kind = PackageKind::bag;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (name == "bagit.txt") return PackageKind::bag;
    if (name.starts_with("0=ocfl_object") || name.starts_with("inventory.json")) {
      kind = PackageKind::ocfl_object;
    } else if (name.starts_with("0=ocfl_")) {
      return PackageKind::ocfl_root;
    }
  }
  return kind;
}

/// What is wrong with a folder: {"kind", "valid", "faults", "findings": [{where, what}]}.
Result<object> verdict_of(const fs::path& folder) {
  array findings;
  const auto add = [&](const std::string& where, const std::string& what) {
    findings.push_back(object{{"where", where}, {"what", what}});
  };
  if (const auto kind = kind_of(folder); kind != PackageKind::bag) {
    const bool is_root = kind == PackageKind::ocfl_root;
    const auto report = KHOCHUNG_TRY(is_root ? storage::validate_ocfl_root(folder)
                                             : storage::validate_ocfl_object(folder));
    for (const auto& finding : report.findings())
      add(finding.where, finding.code + ": " + finding.what);
    return object{{"kind", is_root ? "ocfl" : "ocfl_object"},
                  {"valid", report.is_valid()},
                  {"faults", report.errors()},
                  {"findings", std::move(findings)}};
  }
  auto package = KHOCHUNG_TRY(storage::PackageReader::open(folder));
  const auto report = KHOCHUNG_TRY(package.check());
  for (const auto& finding : report.bag.findings)
    add(finding.where, std::string(storage::to_text(finding.fault)) + ": " + finding.what);
  for (const auto& finding : report.findings) add(finding.where, finding.what);
  return object{{"kind", "bagit"},
                {"valid", report.is_valid()},
                {"faults", report.bag.faults + report.faults},
                {"units", report.units},
                {"materials", report.materials},
                {"findings", std::move(findings)}};
}

void print_verdict(const object& verdict) {
  for (const auto& value : verdict.at("findings").as_array()) {
    const JsonReader finding(value);
    fmt::print("  {}: {}\n", finding.string("where"), finding.string("what"));
  }
  print_line(verdict.at("valid").as_bool() ? "Gói nguyên vẹn." : "Gói không nguyên vẹn.");
}

}  // namespace

int export_archive(Client& client, const ExportOptions& options) {
  const auto report = export_all(client, options);
  if (!report) return print_error(report.error(), options.prints_json);
  if (options.prints_json) {
    print_json(*report);
    return 0;
  }
  fmt::print("Đã xuất {} tư liệu ({} tệp, {}) vào {}.\n", report->at("materials").as_uint64(),
             report->at("files").as_uint64(), size_in_words(report->at("bytes").as_uint64()),
             report->at("path").as_string().c_str());
  if (const auto held = report->at("held_back").as_int64(); held > 0)
    fmt::print("{} tư liệu đang cách ly không được xuất.\n", held);
  return 0;
}

int check_package(const fs::path& folder, bool prints_json) {
  const auto verdict = verdict_of(folder);
  if (!verdict) return print_error(verdict.error(), prints_json);
  if (prints_json) {
    print_json(*verdict);
  } else {
    print_verdict(*verdict);
  }
  return verdict->at("valid").as_bool() ? 0 : face_of(ErrorCode::corrupt).exit_code;
}

Result<SoundPackage> open_sound_package(const fs::path& folder) {
  auto package = KHOCHUNG_TRY(storage::PackageReader::open(folder));
  const auto found = KHOCHUNG_TRY(package.check());
  if (!found.is_valid()) return fail(ErrorCode::corrupt, "bad_package", first_fault_of(found));
  return SoundPackage{std::move(package), found.materials};
}

int import_package(Client& client, SoundPackage& package, bool prints_json) {
  const auto done = import_all(client, package);
  if (!done) return print_error(done.error(), prints_json);
  const auto conflicts = done->conflicts.size();
  if (prints_json) {
    print_json(object{{"units", done->units},
                      {"materials", done->materials},
                      {"revisions", done->revisions},
                      {"known", done->known},
                      {"files", done->files},
                      {"bytes", done->bytes},
                      {"conflicts", done->conflicts}});
  } else {
    fmt::print("Đã nhập {} đơn vị, {} tư liệu ({} tệp, {}); {} đã có sẵn.\n", done->units,
               done->materials, done->files, size_in_words(static_cast<std::uint64_t>(done->bytes)),
               done->known);
    for (const auto& id : done->conflicts)
      fmt::print("  kho này đã có lịch sử khác: {}\n", id.as_string().c_str());
  }
  return conflicts == 0 ? 0 : face_of(ErrorCode::conflict).exit_code;
}

}  // namespace khochung::app

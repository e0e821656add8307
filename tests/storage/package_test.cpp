#include <boost/json.hpp>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <pugixml.hpp>

#include "schemas/canonical_json.hpp"
#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/memory_store.hpp"
#include "storage/packages/metadata_table.hpp"
#include "storage/packages/ocfl_validate.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/packages/package_metadata.hpp"
#include "storage/packages/package_reader.hpp"
#include "storage/packages/package_writer.hpp"
#include "storage/packages/store_source.hpp"
#include "tests/storage/package_files.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

const PackageNote sample_note{"urn:example:goi-1", "Toàn bộ kho", "Tổng LĐLĐ", "khochung 0.1.0",
                              instant_from_rfc3339("2026-11-27T08:00:00Z").value()};

std::unique_ptr<BlobStore> make_blobs(const fs::path& folder, SyncGroup& sync, DiskBlobStore*) {
  return done(DiskBlobStore::open(folder, sync, {.head_room_bytes = 0}));
}
std::unique_ptr<BlobStore> make_blobs(const fs::path&, SyncGroup&, MemoryBlobStore*) {
  return std::make_unique<MemoryBlobStore>();
}

/// Records and blobs, and what writes into them as the archive does.
template <typename Blobs>
struct Stores {
  TemporaryFolder folder;
  SyncGroup sync;
  RecordStore records{folder.path() / "records", sync};
  std::unique_ptr<BlobStore> blobs =
      make_blobs(folder.path() / "blobs", sync, static_cast<Blobs*>(nullptr));
  std::map<MaterialId, std::vector<PreservationEvent>> events;
  std::vector<Unit> units;

  UnitTree tree() const { return done(UnitTree::make(units)); }
  StoreSource source(const UnitTree& of, PackageSelection selection = {}) const {
    return {records, *blobs, of, selection, [this](MaterialId id) {
              const auto found = events.find(id);
              return Result<std::vector<PreservationEvent>>(
                  found == events.end() ? std::vector<PreservationEvent>() : found->second);
            }};
  }
};

/// An archive with a tree of four units and three materials.
template <typename Blobs>
class Sample : public Stores<Blobs> {
 public:
  Sample() {
    root = add_unit("tldld", "Tổng Liên đoàn Lao động Việt Nam", {});
    nghe_an = add_unit("ldld-nghe-an", "Liên đoàn Lao động tỉnh Nghệ An", root);
    grassroots = add_unit("cdcs-may-10", "Công đoàn cơ sở May 10", nghe_an);
    hue = add_unit("ldld-hue", "Liên đoàn Lao động thành phố Huế", root);

    plan = begin_material(nghe_an, "Kế hoạch tuyên truyền", {{"Kế hoạch.pdf", "bản một"}});
    revise(plan, "sửa lỗi", [&](Material& m) { m.files = {file("Kế hoạch.pdf", "bản hai")}; });
    revise(plan, "đổi tên tệp", [&](Material& m) {
      m.title = "=HYPERLINK(\"http://example.org\")";
      m.files.push_back(
          file("ke\xCC\x82\xCC\x81 hoa\xCC\xA3"
               "ch.pdf",
               "bản ba"));
    });
    photo = begin_material(grassroots, "Ảnh hội diễn",
                           {{"100% quyết tâm.jpg", "ảnh"}, {"trống.txt", ""}});
    notice = begin_material(hue, "Thông báo", {{"Thông báo.txt", "đã xoá theo luật"}});
    this->events[notice] = {{"kiểm-1", "fixity check", at(), "worker", "định kỳ", "pass",
                             Digest::of("đã xoá theo luật")}};
  }

  UnitId root, nghe_an, grassroots, hue;
  MaterialId plan, photo, notice;

  MaterialFile file(std::string name, std::string_view text) {
    done(put(*this->blobs, std::as_bytes(std::span(text))));
    return {std::move(name), "original", Digest::of(text), text.size(), "application/pdf"};
  }

  template <typename Change>
  void revise(MaterialId id, std::string_view why, Change change) {
    const auto newest = done(this->records.newest(id.uuid()));
    auto material = done(material_from_json(newest.body));
    change(material);
    material.revision = newest.revision + 1;
    append(RecordKind::material, id.uuid(), newest.revision + 1,
           Digest::of(to_canonical_json(newest)), to_json(material), why);
  }

  UnitId add_unit(std::string code, std::string name, std::optional<UnitId> parent) {
    Unit unit;
    unit.id = UnitId::make();
    unit.number = static_cast<UnitNumber>(this->units.size() + 1);
    unit.code = std::move(code);
    unit.name_vi = std::move(name);
    unit.parent = parent;
    append(RecordKind::unit, unit.id.uuid(), 1, {}, to_json(unit), "lập đơn vị");
    this->units.push_back(unit);
    return unit.id;
  }

 private:
  static Instant at() { return instant_from_rfc3339("2026-11-23T01:02:03.004Z").value(); }

  void append(RecordKind kind, Uuid id, int revision, std::optional<Digest> previous,
              boost::json::value body, std::string_view why) {
    Record record{
        kind,      id,    revision,         previous,       at() + std::chrono::hours(revision),
        "văn thư", "cli", std::string(why), std::move(body)};
    done(this->records.append(record));
  }

  MaterialId begin_material(UnitId unit, std::string title,
                            const std::vector<std::pair<std::string, std::string>>& files) {
    Material material;
    material.id = MaterialId::make();
    material.title = std::move(title);
    material.unit = unit;
    material.batch = BatchId::make();
    material.creator = "local";
    material.created_at = at();
    for (const auto& [name, text] : files) material.files.push_back(file(name, text));
    append(RecordKind::material, material.id.uuid(), 1, {}, to_json(material), "nộp");
    return material.id;
  }
};

/// Takes a package in as an importer does: units first, everything held against its seal.
template <typename Blobs>
void import(PackageReader& package, Stores<Blobs>& into) {
  const auto append = [&](const PackageItem& item) {
    for (const auto& bytes : item.records) {
      if (Digest::of(bytes) != done(into.records.append(done(record_from_json(bytes))))) {
        throw std::runtime_error("another seal");
      }
    }
    return done(record_from_json(item.records.back()));
  };
  done(package.for_each_unit([&](const PackageItem& item) -> Result<void> {
    into.units.push_back(done(unit_from_json(append(item).body)));
    return {};
  }));
  done(package.for_each_material([&](const PackageItem& item) -> Result<void> {
    into.events[MaterialId(append(item).id)] = item.events;
    const auto history = done(history_of(item.records, RecordKind::material));
    for (const auto& placed : placed_files(done(materials_of(history)), item.events)) {
      if (placed.is_gone) continue;
      const auto bytes = done(package.open_blob(placed.file.sha256));
      const auto text = done(bytes.read_all(1000));
      BOOST_TEST(
          (done(put(*into.blobs, std::as_bytes(std::span(text)))).sha256 == placed.file.sha256));
    }
    return {};
  }));
}

bool sha256sum_agrees(const fs::path& bag) {
  return std::system(("cd '" + bag.string() +
                      "' && sha256sum --check --strict --quiet manifest-sha256.txt "
                      "tagmanifest-sha256.txt")
                         .c_str()) == 0;
}

std::string listed(const PackageReport& report) {
  std::string text;
  for (const auto& finding : report.bag.findings) {
    text += std::string(to_text(finding.fault)) + " " + finding.where + ": " + finding.what + "\n";
  }
  for (const auto& finding : report.findings) text += finding.where + ": " + finding.what + "\n";
  return text;
}

PackageReport check(const fs::path& package) {
  return done(done(PackageReader::open(package)).check());
}

bool says(const PackageReport& report, std::string_view words) {
  return listed(report).find(words) != std::string::npos;
}

/// Makes the manifests fit whatever now lies in a package, as someone who forges one does.
void seal_again(const fs::path& bag) {
  std::string lines;
  std::size_t bytes = 0;
  const auto files = all_files(bag / "data");
  for (const auto& [path, text] : files) {
    lines += Digest::of(text).hex() + "  data/" + path + "\n";
    bytes += text.size();
  }
  set_text(bag / "manifest-sha256.txt", lines);
  const auto info = text_of(bag / "bag-info.txt");
  const auto label = info.find("Khochung-Package");
  set_text(bag / "bag-info.txt", "Payload-Oxum: " + std::to_string(bytes) + "." +
                                     std::to_string(files.size()) + "\n" +
                                     info.substr(label, info.find('\n', label) + 1 - label));
  fs::remove(bag / "tagmanifest-sha256.txt");
}

/// Changes a record and gives it the name that its new bytes deserve.
void rewrite(const fs::path& records, const std::string& what, const std::string& by) {
  const auto path = fs::directory_iterator(records)->path();
  auto text = text_of(path);
  BOOST_TEST_REQUIRE(text.find(what) != std::string::npos, text);
  text.replace(text.find(what), what.size(), by);
  fs::remove(path);
  set_text(records / (path.filename().string().substr(0, 45) + Digest::of(text).hex() + ".json"),
           text);
}

/// The first file of a folder, by name.
fs::path first_in(const fs::path& folder) {
  return folder / all_files(folder).begin()->first;
}

using BothStores = boost::mpl::list<DiskBlobStore, MemoryBlobStore>;

}  // namespace

BOOST_AUTO_TEST_SUITE(packages)

BOOST_AUTO_TEST_CASE_TEMPLATE(out_in_and_out_again_gives_the_same_bytes, Blobs, BothStores) {
  const Sample<Blobs> home;
  const TemporaryFolder folder;
  const auto first = folder.path() / "một";
  const auto tree = home.tree();
  auto source = home.source(tree);
  const auto totals = done(write_bag(source, first, sample_note));
  BOOST_TEST(totals.units == 4U);
  BOOST_TEST(totals.materials == 3U);
  BOOST_TEST(totals.files == 6U);
  BOOST_TEST(sha256sum_agrees(first));

  auto package = done(PackageReader::open(first));
  const auto report = done(package.check());
  BOOST_TEST(report.is_valid(), listed(report));
  BOOST_TEST(report.units == 4U);
  BOOST_TEST(report.materials == 3U);
  Stores<Blobs> other;
  import(package, other);

  const auto other_tree = other.tree();
  auto other_source = other.source(other_tree);
  done(write_bag(other_source, folder.path() / "hai", sample_note));
  BOOST_TEST((all_files(first) == all_files(folder.path() / "hai")));
  done(write_bag(package, folder.path() / "ba", sample_note));
  BOOST_TEST((all_files(first) == all_files(folder.path() / "ba")));
}

BOOST_AUTO_TEST_CASE(an_interrupted_package_goes_on_to_the_same_bytes) {
  Sample<DiskBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto source = home.source(tree);
  done(write_bag(source, folder.path() / "một", sample_note));
  // The bytes of the last material cannot be read: the package stops half way.
  const auto& blobs = dynamic_cast<DiskBlobStore&>(*home.blobs);
  const auto path = blobs.path_of(Digest::of("bản hai"));
  fs::rename(path, folder.path() / "giữ");
  BOOST_TEST(
      (write_bag(source, folder.path() / "hai", sample_note).error().code == ErrorCode::corrupt));
  BOOST_TEST(!fs::exists(folder.path() / "hai"));
  fs::rename(folder.path() / "giữ", path);
  done(write_bag(source, folder.path() / "hai", sample_note));
  BOOST_TEST((all_files(folder.path() / "một") == all_files(folder.path() / "hai")));
}

BOOST_AUTO_TEST_CASE(files_lie_under_their_names_and_every_revision_keeps_its_own) {
  const Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto source = home.source(tree);
  done(write_bag(source, folder.path() / "gói", sample_note));
  const auto files = folder.path() / "gói/data/materials" / home.plan.text() / "files";
  BOOST_TEST(text_of(files / "Kế hoạch.pdf") == "bản hai");
  BOOST_TEST(text_of(files / "kế hoạch (r3).pdf") == "bản ba");
  BOOST_TEST(text_of(files / "Kế hoạch (r1).pdf") == "bản một");
  const auto photos = folder.path() / "gói/data/materials" / home.photo.text() / "files";
  BOOST_TEST(text_of(photos / "100％ quyết tâm.jpg") == "ảnh");
}

BOOST_AUTO_TEST_CASE(deleted_bytes_stay_away_and_their_event_says_why) {
  Sample<DiskBlobStore> home;
  const TemporaryFolder folder;
  const auto gone = Digest::of("đã xoá theo luật");
  done(dynamic_cast<DiskBlobStore&>(*home.blobs).set_aside(gone));
  const auto tree = home.tree();
  auto source = home.source(tree);
  BOOST_TEST(
      (write_bag(source, folder.path() / "gói", sample_note).error().code == ErrorCode::corrupt));
  home.events[home.notice].push_back({"xoá-1", "deletion",
                                      instant_from_rfc3339("2026-11-25T00:00:00Z").value(),
                                      "luu-tru", "Luật 91/2025", "", gone});
  done(write_bag(source, folder.path() / "gói", sample_note));
  BOOST_TEST(!fs::exists(folder.path() / "gói/data/materials" / home.notice.text() / "files"));
  const auto report = check(folder.path() / "gói");
  BOOST_TEST(report.is_valid(), listed(report));
  done(write_ocfl(source, folder.path() / "kho"));
  BOOST_TEST(done(validate_ocfl_root(folder.path() / "kho")).findings().empty());
}

BOOST_AUTO_TEST_CASE(a_branch_comes_with_its_units_and_those_above_it) {
  const Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto branch = home.source(tree, {.branch = home.nghe_an, .material = {}, .may_leave = {}});
  auto totals = done(write_bag(branch, folder.path() / "nhánh", sample_note));
  BOOST_TEST(totals.units == 3U);
  BOOST_TEST(totals.materials == 2U);
  BOOST_TEST(check(folder.path() / "nhánh").is_valid());
  BOOST_TEST(!fs::exists(folder.path() / "nhánh/data/units" / home.hue.text()));

  auto one = home.source(tree, {.branch = {}, .material = home.photo, .may_leave = {}});
  totals = done(write_bag(one, folder.path() / "một", sample_note));
  BOOST_TEST(totals.units == 3U);
  BOOST_TEST(totals.materials == 1U);
  BOOST_TEST(check(folder.path() / "một").is_valid());

  auto some = home.source(
      tree, {.branch = home.root, .material = {}, .may_leave = [&](const Material& material) {
               return material.id != home.plan;
             }});
  totals = done(write_bag(some, folder.path() / "một ít", sample_note));
  BOOST_TEST(totals.units == 4U);
  BOOST_TEST(totals.materials == 2U);

  auto none = home.source(tree, {.branch = {}, .material = MaterialId::make(), .may_leave = {}});
  BOOST_TEST(
      (write_bag(none, folder.path() / "không", sample_note).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(a_unit_that_came_after_the_tree_was_taken_makes_no_half_package) {
  Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  const auto late = home.add_unit("cdcs-muon", "Công đoàn cơ sở lập sau", home.hue);
  auto source = home.source(tree);
  BOOST_TEST(done(write_bag(source, folder.path() / "gói", sample_note)).materials == 3U);
  home.revise(home.notice, "chuyển đơn vị", [&](Material& material) { material.unit = late; });
  BOOST_TEST((write_bag(source, folder.path() / "gói hai", sample_note).error().code ==
              ErrorCode::conflict));
  const auto newer = home.tree();
  auto again = home.source(newer);
  BOOST_TEST(done(write_bag(again, folder.path() / "gói hai", sample_note)).units == 5U);
  BOOST_TEST(check(folder.path() / "gói hai").is_valid());
}

BOOST_AUTO_TEST_CASE(units_come_before_materials_and_beneath_what_is_above_them) {
  const Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto source = home.source(tree);
  done(write_bag(source, folder.path() / "gói", sample_note));
  auto package = done(PackageReader::open(folder.path() / "gói"));
  std::set<UnitId> seen;
  done(package.for_each_unit([&](const PackageItem& item) -> Result<void> {
    const auto unit = done(unit_from_json(done(record_from_json(item.records.back())).body));
    BOOST_TEST((!unit.parent || seen.contains(*unit.parent)));
    seen.insert(unit.id);
    return {};
  }));
  BOOST_TEST(seen.size() == 4U);
}

BOOST_AUTO_TEST_CASE(an_ocfl_root_of_the_archive_gives_no_finding) {
  const Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto source = home.source(tree);
  const auto totals = done(write_ocfl(source, folder.path() / "kho"));
  BOOST_TEST(totals.files == 6U);
  const auto report = done(validate_ocfl_root(folder.path() / "kho"));
  for (const auto& finding : report.findings()) {
    BOOST_ERROR(finding.code + " " + finding.where + " " + finding.what);
  }
  done(write_ocfl(source, folder.path() / "kho hai"));
  BOOST_TEST((all_files(folder.path() / "kho") == all_files(folder.path() / "kho hai")));
}

BOOST_AUTO_TEST_CASE(a_forged_package_is_refused_with_its_reason) {
  const Sample<MemoryBlobStore> home;
  const auto tree = home.tree();
  using Forgery = std::pair<std::string, std::function<void(const fs::path&)>>;
  const auto material = "data/materials/" + home.photo.text();
  const auto plan = "data/materials/" + home.plan.text();
  const std::vector<Forgery> forgeries{
      {"not the record that its name says",
       [&](const fs::path& bag) {
         const auto path = first_in(bag / material / "records");
         set_text(path, text_of(path) + " ");
       }},
      {"revisions before it are missing",
       [&](const fs::path& bag) { fs::remove(first_in(bag / plan / "records")); }},
      {"names the file",
       [&](const fs::path& bag) { set_text(bag / material / "files/lạ.exe", "MZ"); }},
      {"are missing", [&](const fs::path& bag) { fs::remove(first_in(bag / material / "files")); }},
      {"its unit is not in the package",
       [&](const fs::path& bag) { fs::remove_all(bag / "data/units" / home.grassroots.text()); }},
      {"its unit is not in the package",
       [&](const fs::path& bag) { fs::remove_all(bag / "data/units" / home.root.text()); }},
      {"no place in a package", [&](const fs::path& bag) { set_text(bag / "data/lạ.txt", "x"); }},
      {"no place in a package",
       [&](const fs::path& bag) { set_text(bag / material / "files/a/b", "x"); }},
      {"not the record that its name says",
       [&](const fs::path& bag) {
         fs::rename(bag / material, bag / "data/materials" / MaterialId::make().text());
       }},
      {"a version of archival packages",
       [&](const fs::path& bag) {
         set_text(bag / "bag-info.txt", "Khochung-Package: archival/2\n");
       }},
      {"not the canonical form",
       [&](const fs::path& bag) {
         rewrite(bag / material / "records", "\"at\":", "\"x\":0.5,\"at\":");
       }},
      {"not the canonical form",
       [&](const fs::path& bag) {
         rewrite(bag / material / "records", "{\"batch\":", "{\"a\":0.5,\"batch\":");
       }},
      {"an event",
       [&](const fs::path& bag) { set_text(bag / material / "metadata/events.jsonl", "{}\n"); }}};
  const TemporaryFolder original;
  auto source = home.source(tree);
  done(write_bag(source, original.path() / "gói", sample_note));
  for (const auto& [words, forge] : forgeries) {
    const TemporaryFolder folder;
    const auto bag = folder.path() / "gói";
    fs::copy(original.path() / "gói", bag, fs::copy_options::recursive);
    forge(bag);
    BOOST_TEST(!check(bag).bag.is_valid());
    seal_again(bag);
    const auto report = check(bag);
    BOOST_TEST(report.bag.is_valid(), listed(report));
    BOOST_TEST(!report.is_valid());
    BOOST_TEST(says(report, words), words << " is not among\n" << listed(report));
  }
}

BOOST_AUTO_TEST_CASE(a_package_that_another_tool_has_sealed_is_taken) {
  const Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto source = home.source(tree);
  done(write_bag(source, folder.path() / "gói", sample_note));
  seal_again(folder.path() / "gói");
  fs::remove(folder.path() / "gói/bag-info.txt");
  auto package = done(PackageReader::open(folder.path() / "gói"));
  const auto report = done(package.check());
  BOOST_TEST(report.is_valid(), listed(report));
  Stores<MemoryBlobStore> other;
  import(package, other);
  BOOST_TEST(done(other.records.history(home.plan.uuid())).size() == 3U);
}

BOOST_AUTO_TEST_CASE(metadata_is_well_formed_and_names_every_file) {
  const Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto source = home.source(tree);
  done(write_bag(source, folder.path() / "gói", sample_note));
  const auto metadata = folder.path() / "gói/data/materials" / home.plan.text() / "metadata";
  pugi::xml_document premis;
  BOOST_TEST(static_cast<bool>(premis.load_string(text_of(metadata / "premis.xml").c_str())));
  const auto root = premis.child("premis:premis");
  const auto objects = root.children("premis:object");
  BOOST_TEST(std::distance(objects.begin(), objects.end()) == 4);
  const auto events = root.children("premis:event");
  std::vector<std::string> types;
  for (const auto& event : events) types.emplace_back(event.child_value("premis:eventType"));
  BOOST_TEST((types == std::vector<std::string>{"ingestion", "replacement", "replacement"}));
  pugi::xml_document dublin_core;
  BOOST_TEST(static_cast<bool>(dublin_core.load_string(text_of(metadata / "dc.xml").c_str())));
  BOOST_TEST(dublin_core.child("oai_dc:dc").child_value("dc:title") ==
             std::string("=HYPERLINK(\"http://example.org\")"));
}

BOOST_AUTO_TEST_CASE(letters_that_xml_cannot_hold_are_left_out) {
  Material material;
  material.title = "Chuông\a <b> & \xEF\xBF\xBF";
  pugi::xml_document document;
  const auto text = dublin_core_xml(material);
  BOOST_TEST(static_cast<bool>(document.load_string(text.c_str())));
  BOOST_TEST(document.child("oai_dc:dc").child_value("dc:title") == std::string("Chuông <b> & "));
}

BOOST_AUTO_TEST_CASE(tables_open_in_spreadsheets_and_run_nothing) {
  BOOST_TEST(csv_row({"a", "b c", "\"trích\"", "x,y", "hai\ndòng"}) ==
             "a,b c,\"\"\"trích\"\"\",\"x,y\",\"hai\ndòng\"\r\n");
  for (const std::string bad : {"=1+1", "+84", "-1", "@a", "\tx"}) {
    BOOST_TEST(csv_row({bad}) == "'" + bad + "\r\n");
  }
  BOOST_TEST(csv_row({"\r=1"}) == "\"'\r=1\"\r\n");
  BOOST_TEST(csv_row({""}) == "\r\n");
  BOOST_TEST(
      metadata_csv_header(ByteOrderMark::utf8).starts_with("\xEF\xBB\xBFid,revision,title,"));
  BOOST_TEST(metadata_csv_header(ByteOrderMark::none).starts_with("id,"));

  const Sample<MemoryBlobStore> home;
  const TemporaryFolder folder;
  const auto tree = home.tree();
  auto source = home.source(tree);
  done(write_bag(source, folder.path() / "gói", sample_note));
  const auto table = text_of(folder.path() / "gói/data/metadata.csv");
  BOOST_TEST(table.find("\"'=HYPERLINK(\"\"http://example.org\"\")\"") != std::string::npos, table);
  const auto lines = text_of(folder.path() / "gói/data/metadata.jsonl");
  BOOST_TEST(std::ranges::count(lines, '\n') == 3);
}

BOOST_AUTO_TEST_CASE(a_table_of_units_names_them_by_code) {
  Unit above;
  above.id = UnitId::make();
  above.code = "ldld-ha-noi";
  above.name_vi = "LĐLĐ Hà Nội";
  Unit below = above;
  below.id = UnitId::make();
  below.code = "cs";
  below.parent = above.id;
  const UnitId elsewhere = UnitId::make();
  below.successors = {above.id, elsewhere};
  const auto table = units_csv({above, below}, ByteOrderMark::none);
  BOOST_TEST(table == "id,code,name_vi,name_en,level,parent,valid_from,valid_to,successors\r\n" +
                          above.id.text() + ",ldld-ha-noi,LĐLĐ Hà Nội,,,,,,\r\n" + below.id.text() +
                          ",cs,LĐLĐ Hà Nội,,,ldld-ha-noi,,,ldld-ha-noi " + elsewhere.text() +
                          "\r\n");
}

BOOST_AUTO_TEST_CASE(an_erased_material_is_packed_from_its_skeleton_on) {
  Record record;
  record.id = Uuid::make();
  record.revision = 2;
  record.previous = Digest::of("bản đã xóa");
  record.at = Instant{};
  record.body = boost::json::object{};
  BOOST_TEST((history_of({to_canonical_json(record)}, RecordKind::material).error().code ==
              ErrorCode::corrupt));
  record.body =
      boost::json::object{{"erasure", {{"revisions", boost::json::array{record.previous->hex()}}}}};
  const auto history = history_of({to_canonical_json(record)}, RecordKind::material).value();
  BOOST_TEST_REQUIRE(history.revisions.size() == 1U);
  BOOST_TEST(history.revisions[0].file_name.find(".r000002.") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

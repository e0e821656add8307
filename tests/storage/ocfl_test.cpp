#include <sys/stat.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <functional>
#include <regex>
#include <set>

#include "storage/packages/digests.hpp"
#include "storage/packages/ocfl_validate.hpp"
#include "storage/packages/ocfl_write.hpp"
#include "tests/storage/package_files.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::set<std::string> codes_of(const OcflReport& report) {
  std::set<std::string> codes;
  for (const auto& finding : report.findings()) codes.insert(finding.code);
  return codes;
}

std::string listed(const OcflReport& report) {
  std::string text;
  for (const auto& finding : report.findings()) {
    text += finding.code + " " + finding.where + ": " + finding.what + "\n";
  }
  return text;
}

const std::string object_id = "urn:uuid:0193a5b0-0000-7000-8000-000000000001";

OcflObjectWriter::VersionNote note(std::string_view message) {
  return {instant_from_rfc3339("2026-11-27T08:00:00Z").value(), std::string(message), "Văn thư",
          "urn:khochung:account:van-thu"};
}

/// A storage root with one object of two versions, made by our own writer, to be broken.
class Archive {
 public:
  /// A copy of the one that was written: to make a hundred durable would wait for the disk.
  Archive() { fs::copy(original(), root(), fs::copy_options::recursive); }

  static Result<void> write(OcflRootWriter& writer, const std::string& id) {
    OcflObjectWriter object(writer, id);
    KHOCHUNG_CHECK(object.add("tệp/kế hoạch.txt", "Kế hoạch"));
    KHOCHUNG_CHECK(object.add("thông báo.txt", "Thông báo"));
    KHOCHUNG_CHECK(object.end_version(note("Nộp lần đầu")));
    KHOCHUNG_CHECK(object.add("tệp/kế hoạch.txt", "Kế hoạch, sửa"));
    KHOCHUNG_CHECK(object.add("thông báo.txt", "Thông báo"));
    KHOCHUNG_CHECK(object.end_version(note("Sửa")));
    return object.finish();
  }

  [[nodiscard]] fs::path root() const { return folder_.path() / "kho"; }
  [[nodiscard]] fs::path object() const { return root() / OcflRootWriter::path_of(object_id); }
  [[nodiscard]] fs::path file(const std::string& name) const { return object() / name; }

  /// Changes the newest inventory, in both of its places, with right sidecars.
  void edit(const std::function<void(json::object&)>& change) const {
    auto value = json::parse(text_of(file("inventory.json")));
    change(value.get_object());
    for (const auto* at : {"", "v2/"}) seal(at, json::serialize(value));
  }
  /// Changes the inventory of v1.
  void edit_older(const std::function<void(json::object&)>& change) const {
    auto value = json::parse(text_of(file("v1/inventory.json")));
    change(value.get_object());
    seal("v1/", json::serialize(value));
  }
  void seal(const std::string& at, const std::string& text) const {
    set_text(file(at + "inventory.json"), text);
    set_text(file(at + "inventory.json.sha512"), digest_of(text, "sha512") + " inventory.json\n");
  }
  /// Another way of naming versions, everywhere.
  void rename_versions(const std::string& first, const std::string& second) const {
    for (const auto* at : {"", "v1/", "v2/"}) {
      auto text = std::regex_replace(text_of(file(std::string(at) + "inventory.json")),
                                     std::regex("\"v1(?=[\"/])"), "\"" + first);
      seal(at, std::regex_replace(text, std::regex("\"v2(?=[\"/])"), "\"" + second));
    }
    if (first != "v1") fs::rename(file("v1"), file(first));
    if (second != "v2") fs::rename(file("v2"), file(second));
  }

 private:
  static fs::path original() {
    static const TemporaryFolder folder;
    static const bool is_written = [] {
      auto writer = done(OcflRootWriter::begin(folder.path() / "kho"));
      done(write(writer, object_id));
      done(writer.finish());
      return true;
    }();
    BOOST_TEST_REQUIRE(is_written);
    return folder.path() / "kho";
  }

  TemporaryFolder folder_;
};

json::object& version(json::object& inventory, std::string_view name = "v2") {
  return inventory["versions"].get_object()[name].get_object();
}
json::object& state(json::object& inventory, std::string_view name = "v2") {
  return version(inventory, name)["state"].get_object();
}
json::array& first_paths(json::object& block) {
  return block.begin()->value().get_array();
}
json::object& sha256_fixity(json::object& inventory) {
  return inventory["fixity"].get_object()["sha256"].get_object();
}
/// Gives the first digest of a block a twin in capitals.
void add_twin(json::object& block) {
  std::string twin(block.begin()->key());
  for (auto& c : twin) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto paths = block.begin()->value();
  block[twin] = paths;
}

struct Breakage {
  const char* code;
  std::function<void(const Archive&)> what;
};

std::function<void(const Archive&)> edited(std::function<void(json::object&)> change) {
  return [change = std::move(change)](const Archive& archive) { archive.edit(change); };
}

const std::vector<Breakage>& breakages_of_files() {
  static const std::vector<Breakage> all{
      {"E001", [](const Archive& a) { set_text(a.file("thừa.txt"), "x"); }},
      {"E003", [](const Archive& a) { fs::remove(a.file("0=ocfl_object_1.1")); }},
      {"E003",
       [](const Archive& a) { set_text(a.file("0=ocfl_object_1.0"), "ocfl_object_1.0\n"); }},
      {"E004",
       [](const Archive& a) { set_text(a.file("0=ocfl_object_9.9"), "ocfl_object_9.9\n"); }},
      {"E007", [](const Archive& a) { set_text(a.file("0=ocfl_object_1.1"), "ocfl_object_1.1"); }},
      {"E010", [](const Archive& a) { fs::remove_all(a.file("v1")); }},
      {"E011", [](const Archive& a) { a.rename_versions("v01", "v2"); }},
      {"E012", [](const Archive& a) { a.rename_versions("v1", "v02"); }},
      {"E013", [](const Archive& a) { a.rename_versions("v01", "v002"); }},
      {"E015", [](const Archive& a) { set_text(a.file("v1/thừa.txt"), "x"); }},
      {"E016", [](const Archive& a) { fs::remove_all(a.file("v2/content")); }},
      {"E023", [](const Archive& a) { set_text(a.file("v2/content/thừa.txt"), "x"); }},
      {"E024", [](const Archive& a) { fs::create_directory(a.file("v1/content/trống")); }},
      {"E033", [](const Archive& a) { a.seal("", "không phải JSON"); }},
      {"E033", [](const Archive& a) { a.seal("", std::string(100'000, '[')); }},
      {"E033",
       [](const Archive& a) {
         auto text = text_of(a.file("inventory.json"));
         a.seal("", text.insert(1, "\"head\":\"v2\","));
       }},
      {"E046", [](const Archive& a) { fs::create_directory(a.file("v3")); }},
      {"E058", [](const Archive& a) { fs::remove(a.file("inventory.json.sha512")); }},
      {"E060",
       [](const Archive& a) {
         set_text(a.file("inventory.json.sha512"), std::string(128, 'a') + " inventory.json\n");
       }},
      {"E061", [](const Archive& a) { set_text(a.file("inventory.json.sha512"), "abc\n"); }},
      {"E063", [](const Archive& a) { fs::remove(a.file("inventory.json")); }},
      {"E064", [](const Archive& a) { a.seal("", text_of(a.file("inventory.json")) + "\n"); }},
      {"E067", [](const Archive& a) { set_text(a.file("extensions/tệp"), "x"); }},
      {"E112", [](const Archive& a) { set_text(a.file("extensions/tệp"), "x"); }},
      {"E089", [](const Archive& a) { ::mkfifo(a.file("v1/content/ống").c_str(), 0600); }},
      {"E090", [](const Archive& a) { fs::create_symlink("/etc", a.file("logs")); }},
      {"E090",
       [](const Archive& a) {
         const auto content = a.file("v1/content/thông báo.txt");
         fs::rename(content, a.root() / "nơi khác");
         fs::create_symlink(a.root() / "nơi khác", content);
       }},
      {"E092", [](const Archive& a) { fs::remove(a.file("v1/content/thông báo.txt")); }},
      {"E092", [](const Archive& a) { set_text(a.file("v1/content/thông báo.txt"), "khác"); }},
      {"E093", [](const Archive& a) { set_text(a.file("v1/content/thông báo.txt"), "khác"); }},
      {"E104", [](const Archive& a) { fs::create_directory(a.file("3")); }},
      {"W001", [](const Archive& a) { a.rename_versions("v01", "v02"); }},
      {"W002", [](const Archive& a) { set_text(a.file("v1/khác/tệp"), "x"); }},
      {"W003",
       [](const Archive& a) {
         fs::remove_all(a.file("v2/content"));
         fs::create_directory(a.file("v2/content"));
       }},
      {"W010",
       [](const Archive& a) {
         fs::remove(a.file("v1/inventory.json"));
         fs::remove(a.file("v1/inventory.json.sha512"));
       }},
      {"W013", [](const Archive& a) { set_text(a.file("extensions/của-ta/tệp"), "x"); }}};
  return all;
}

const std::vector<Breakage>& breakages_of_inventories() {
  using Object = json::object;
  static const std::vector<Breakage> all{
      {"E008", edited([](Object& i) { i["versions"] = Object(); })},
      {"E009", edited([](Object& i) { i["versions"].get_object().erase("v1"); })},
      {"E017", edited([](Object& i) { i["contentDirectory"] = "a/b"; })},
      {"E018", edited([](Object& i) { i["contentDirectory"] = ".."; })},
      {"E019", edited([](Object& i) { i["contentDirectory"] = "khác"; })},
      {"E020", edited([](Object& i) { i["contentDirectory"] = "khác"; })},
      {"E025", edited([](Object& i) { i["digestAlgorithm"] = "md5"; })},
      {"E036", edited([](Object& i) { i.erase("id"); })},
      {"E036", edited([](Object& i) { i.erase("digestAlgorithm"); })},
      {"E037", edited([](Object& i) { i["id"] = 7; })},
      {"E038", edited([](Object& i) { i["type"] = "https://ocfl.io/1.0/spec/#inventory"; })},
      {"E038", edited([](Object& i) { i["type"] = "inventory"; })},
      {"E040", edited([](Object& i) { i["head"] = "v1"; })},
      {"E041", edited([](Object& i) { i.erase("manifest"); })},
      {"E042", edited([](Object& i) { first_paths(i["manifest"].get_object())[0] = "v1/a.txt"; })},
      {"E043", edited([](Object& i) { i.erase("versions"); })},
      {"E044", edited([](Object& i) { i["versions"] = "v1"; })},
      {"E047", edited([](Object& i) { i["versions"].get_object()["v1"] = "x"; })},
      {"E048", edited([](Object& i) { version(i).erase("state"); })},
      {"E048", edited([](Object& i) { version(i).erase("created"); })},
      {"E049", edited([](Object& i) { version(i)["created"] = "2026-11-27T08:00:00"; })},
      {"E049", edited([](Object& i) { version(i)["created"] = "27/11/2026"; })},
      {"E050", edited([](Object& i) { state(i)[std::string(128, 'a')] = json::array{"a"}; })},
      {"E050", edited([](Object& i) { version(i)["state"] = "x"; })},
      {"E051", edited([](Object& i) { first_paths(state(i))[0] = 7; })},
      {"E052", edited([](Object& i) { first_paths(state(i))[0] = "a/../../b"; })},
      {"E052", edited([](Object& i) { first_paths(state(i))[0] = "a//b"; })},
      {"E053", edited([](Object& i) { first_paths(state(i))[0] = "/etc/passwd"; })},
      {"E054", edited([](Object& i) { version(i)["user"] = "x"; })},
      {"E056", edited([](Object& i) { i["fixity"].get_object()["tự chế"] = Object(); })},
      {"E057", edited([](Object& i) { i["fixity"].get_object()["md5"] = json::array(); })},
      {"E066",
       [](const Archive& a) {
         a.edit_older([](Object& i) { first_paths(state(i, "v1"))[0] = "tên khác"; });
       }},
      {"E066",
       [](const Archive& a) {
         a.edit_older([](Object& i) { i["versions"].get_object()["v7"] = version(i, "v1"); });
       }},
      {"E092", edited([](Object& i) {
         first_paths(i["manifest"].get_object())[0] = "v1/content/../../../../etc/passwd";
       })},
      {"E093", edited([](Object& i) {
         i["fixity"].get_object()["md5"] =
             Object{{std::string(32, 'a'), json::array{"v1/content/thông báo.txt"}}};
       })},
      {"E094", edited([](Object& i) { version(i)["message"] = json::array(); })},
      {"E095", edited([](Object& i) { first_paths(state(i)) = json::array{"a", "a/b"}; })},
      {"E095", edited([](Object& i) { first_paths(state(i)) = json::array{"a", "a"}; })},
      {"E096", edited([](Object& i) { add_twin(i["manifest"].get_object()); })},
      {"E097", edited([](Object& i) { add_twin(sha256_fixity(i)); })},
      {"E099", edited([](Object& i) {
         first_paths(i["manifest"].get_object())[0] = "v1/content/../thông báo.txt";
       })},
      {"E100", edited([](Object& i) {
         first_paths(i["manifest"].get_object())[0] = "/v1/content/thông báo.txt";
       })},
      {"E101", edited([](Object& i) {
         first_paths(i["manifest"].get_object()) = json::array{"v1/content/a", "v1/content/a/b"};
       })},
      {"E102", edited([](Object& i) { i["tự thêm"] = 1; })},
      {"E102", edited([](Object& i) { version(i)["tự thêm"] = 1; })},
      {"E103",
       [](const Archive& a) {
         fs::rename(a.file("0=ocfl_object_1.1"), a.file("0=ocfl_object_1.0"));
         set_text(a.file("0=ocfl_object_1.0"), "ocfl_object_1.0\n");
         a.edit([](Object& i) { i["type"] = "https://ocfl.io/1.0/spec/#inventory"; });
       }},
      {"E105", edited([](Object& i) { i["versions"].get_object()["v0"] = version(i); })},
      {"E106", edited([](Object& i) { i["manifest"] = "x"; })},
      {"E107", edited([](Object& i) {
         i["manifest"].get_object()[std::string(128, 'b')] = json::array{"v1/content/b"};
       })},
      {"E108", edited([](Object& i) { i["contentDirectory"] = 7; })},
      {"E110",
       [](const Archive& a) { a.edit_older([](Object& i) { i["id"] = "urn:example:another"; }); }},
      {"E111", edited([](Object& i) { i["fixity"] = "x"; })},
      {"W004",
       [](const Archive& a) { a.edit_older([](Object& i) { i["digestAlgorithm"] = "sha256"; }); }},
      {"W005", edited([](Object& i) { i["id"] = "số 7"; })},
      {"W007", edited([](Object& i) { version(i).erase("message"); })},
      {"W008", edited([](Object& i) { version(i)["user"].get_object().erase("address"); })},
      {"W009", edited([](Object& i) { version(i)["user"].get_object()["address"] = "phố Huế"; })},
      {"W011", edited([](Object& i) { version(i, "v1")["message"] = "nói khác"; })}};
  return all;
}

const std::vector<Breakage>& breakages_of_roots() {
  static const std::vector<Breakage> all{
      {"E037",
       [](const Archive& a) {
         fs::copy(a.object(), a.object().parent_path() / "bản sao", fs::copy_options::recursive);
       }},
      {"E069", [](const Archive& a) { fs::remove(a.root() / "0=ocfl_1.1"); }},
      {"E070", [](const Archive& a) { set_text(a.root() / "ocfl_layout.json", "{}"); }},
      {"E072", [](const Archive& a) { set_text(a.object().parent_path() / "tệp lạ", "x"); }},
      {"E073", [](const Archive& a) { fs::create_directory(a.root() / "trống"); }},
      {"E076", [](const Archive& a) { set_text(a.root() / "0=ocfl_1.0", "ocfl_1.0\n"); }},
      {"E077", [](const Archive& a) { set_text(a.root() / "0=ocfl_7", "ocfl_7\n"); }},
      {"E080", [](const Archive& a) { set_text(a.root() / "0=ocfl_1.1", "x"); }},
      {"E081",
       [](const Archive& a) {
         fs::remove(a.root() / "0=ocfl_1.1");
         set_text(a.root() / "0=ocfl_1.0", "ocfl_1.0\n");
       }},
      {"E084", [](const Archive& a) { set_text(a.object().parent_path() / "tệp lạ", "x"); }},
      {"E085", [](const Archive& a) { set_text(a.root() / "không" / "tệp", "x"); }},
      {"E090", [](const Archive& a) { fs::create_symlink("/", a.root() / "lối tắt"); }},
      {"E092", [](const Archive& a) { set_text(a.file("v1/content/thông báo.txt"), "khác"); }},
      {"W015",
       [](const Archive& a) {
         fs::copy(a.object(), a.root() / "bản sao", fs::copy_options::recursive);
       }},
      {"W016", [](const Archive& a) { set_text(a.root() / "extensions/của-ta/tệp", "x"); }}};
  return all;
}

/// E049 and E050 of "E049_E050_bad_values".
std::set<std::string> codes_in(const std::string& name) {
  static const std::regex code("[EW][0-9]{3}(?=_)");
  std::set<std::string> codes;
  for (std::sregex_iterator at(name.begin(), name.end(), code), end; at != end; ++at) {
    codes.insert(at->str());
  }
  return codes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ocfl)

BOOST_AUTO_TEST_CASE(what_we_write_gives_no_finding) {
  const Archive archive;
  const auto object = validate_ocfl_object(archive.object()).value();
  BOOST_TEST(object.findings().empty(), listed(object));
  const auto root = validate_ocfl_root(archive.root()).value();
  BOOST_TEST(root.findings().empty(), listed(root));
}

/// The example of the extension's own text.
BOOST_AUTO_TEST_CASE(objects_lie_where_extension_0004_says) {
  BOOST_TEST(OcflRootWriter::path_of("object-01") ==
             "3c0/ff4/240/3c0ff4240c1e116dba14c7627f2319b58aa3d77606d0d90dfc6161608ac987d4");
}

BOOST_AUTO_TEST_CASE(content_that_stays_is_kept_once) {
  const Archive archive;
  BOOST_TEST(fs::exists(archive.file("v1/content/thông báo.txt")));
  BOOST_TEST(!fs::exists(archive.file("v2/content/thông báo.txt")));
  const auto inventory = json::parse(text_of(archive.file("inventory.json"))).get_object();
  BOOST_TEST(inventory.at("head").get_string() == "v2");
  BOOST_TEST(inventory.at("versions").at("v1").at("message").get_string() == "Nộp lần đầu");
  BOOST_TEST(inventory.at("manifest").get_object().size() == 3U);
  BOOST_TEST(inventory.at("versions").at("v2").at("state").get_object().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_root_has_its_name_only_when_it_is_whole) {
  const TemporaryFolder folder;
  const auto target = folder.path() / "kho";
  {
    auto writer = done(OcflRootWriter::begin(target));
    done(Archive::write(writer, object_id));
    BOOST_TEST(!fs::exists(target));
    BOOST_TEST((OcflRootWriter::begin(target).error().code == ErrorCode::locked));
  }
  // What the first attempt left is gone.
  auto writer = done(OcflRootWriter::begin(target));
  done(Archive::write(writer, "urn:example:another"));
  done(writer.finish());
  BOOST_TEST(!fs::exists(target / OcflRootWriter::path_of(object_id)));
  const auto report = validate_ocfl_root(target).value();
  BOOST_TEST(report.findings().empty(), listed(report));
  BOOST_TEST((OcflRootWriter::begin(target).error().code == ErrorCode::conflict));
}

BOOST_AUTO_TEST_CASE(each_broken_rule_gives_its_code) {
  for (const auto* breakages : {&breakages_of_files(), &breakages_of_inventories()}) {
    for (const auto& [code, what] : *breakages) {
      const Archive archive;
      what(archive);
      const auto report = validate_ocfl_object(archive.object()).value();
      BOOST_TEST(codes_of(report).contains(code), code << " is not among\n" << listed(report));
      BOOST_TEST((*code == 'W' || !report.is_valid()), code << ":\n" << listed(report));
    }
  }
}

BOOST_AUTO_TEST_CASE(each_broken_rule_of_a_root_gives_its_code) {
  for (const auto& [code, what] : breakages_of_roots()) {
    const Archive archive;
    what(archive);
    const auto report = validate_ocfl_root(archive.root()).value();
    BOOST_TEST(codes_of(report).contains(code), code << " is not among\n" << listed(report));
  }
}

BOOST_AUTO_TEST_CASE(a_million_faults_do_not_fill_the_memory) {
  const Archive archive;
  archive.edit([](json::object& inventory) {
    auto& manifest = inventory["manifest"].get_object();
    for (int i = 0; i < 20'000; ++i)
      manifest[std::to_string(i)] = json::array{"../" + std::to_string(i)};
  });
  const auto report = validate_ocfl_object(archive.object()).value();
  BOOST_TEST(report.findings().size() == OcflReport::max_findings);
  BOOST_TEST(report.errors() > 40'000U);
}

BOOST_AUTO_TEST_CASE(what_is_no_folder_is_an_error) {
  const TemporaryFolder folder;
  BOOST_TEST(
      (validate_ocfl_object(folder.path() / "không có").error().code == ErrorCode::not_found));
  set_text(folder.path() / "tệp", "x");
  BOOST_TEST((validate_ocfl_object(folder.path() / "tệp").error().code == ErrorCode::bad_input));
}

/// https://github.com/OCFL/fixtures, the folder 1.1.
BOOST_AUTO_TEST_CASE(the_public_fixtures_are_judged_as_their_names_say) {
  const char* home = std::getenv("KHOCHUNG_OCFL_FIXTURES");
  if (home == nullptr) {
    BOOST_TEST_MESSAGE("KHOCHUNG_OCFL_FIXTURES names no folder: not run");
    return;
  }
  for (const std::string kind : {"good-objects", "warn-objects", "bad-objects"}) {
    std::size_t exact = 0;
    std::size_t all = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(home) / kind)) {
      const auto name = entry.path().filename().string();
      const auto report = validate_ocfl_object(entry.path()).value();
      const auto found = codes_of(report);
      const auto expected = codes_in(name);
      ++all;
      exact += found == expected ? 1 : 0;
      const bool is_right = kind == "bad-objects"
                                ? !report.is_valid() && std::ranges::includes(found, expected)
                                : found == expected;
      BOOST_TEST(is_right, name << " gives\n" << listed(report));
    }
    BOOST_TEST_MESSAGE(kind << ": " << all << " judged, " << exact << " with just their codes");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "fixture.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::workers {
namespace {

using boost::unit_test::data::make;

struct ArchiveWorkshop : Workshop {
  Result<void> open_up(const char* name) {
    const UnpackSink sink{
        [this](const ArchiveEntry& entry) -> Result<void> {
          current = entry.name;
          files[current].clear();
          return {};
        },
        [this](std::string_view bytes) -> Result<void> {
          files[current].append(bytes);
          return {};
        },
        []() -> Result<void> { return {}; },
        [this](const SkippedEntry& entry) -> Result<void> {
          skipped[entry.name] = entry.why;
          return {};
        },
    };
    return unpack(host(), sample(name).number(), sink);
  }

  std::string current;
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> skipped;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(archive_worker, ArchiveWorkshop)

BOOST_DATA_TEST_CASE(files_come_out_as_they_went_in,
                     make({"bo.zip", "bo.tar", "bo.tar.gz", "bo.7z"}), name) {
  BOOST_REQUIRE(open_up(name).has_value());
  std::ifstream original(folder_of("KHOCHUNG_SOURCE_DIR") / "tests/corpus/thong-bao.txt");
  const std::string text(std::istreambuf_iterator<char>(original), {});
  const auto found = std::ranges::find_if(
      files, [](const auto& file) { return file.first.ends_with("Thông báo tháng 4.txt"); });
  BOOST_REQUIRE((found != files.end()));
  BOOST_TEST(found->second == text);
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(links_and_pipes_are_passed_over_and_named) {
  BOOST_REQUIRE(open_up("bo.tar").has_value());
  BOOST_TEST(skipped.at("./lien-ket") == "link");
  BOOST_TEST(skipped.at("./danh-sach.csv") == "link");
  BOOST_TEST(skipped.at("./ong") == "device");
  BOOST_TEST(files.size() == 2U);
}

BOOST_AUTO_TEST_CASE(names_are_data_whatever_they_say) {
  BOOST_REQUIRE(open_up("bo-ten-xau.zip").has_value());
  BOOST_TEST(files.contains("../../etc/ra-ngoai.txt"));
  BOOST_TEST(files.contains("/tuyet-doi.txt"));
  BOOST_TEST(files.size() == 7U);
  BOOST_TEST(!std::filesystem::exists("/tuyet-doi.txt"));
}

BOOST_AUTO_TEST_CASE(a_locked_archive_is_named) {
  const auto done = open_up("bo-khoa.zip");
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(done.error().reason == "encrypted_archive");
  BOOST_TEST(skipped.at("thong-bao.txt") == "encrypted");
}

BOOST_AUTO_TEST_CASE(what_unpacks_without_measure_is_stopped) {
  const auto done = open_up("bom.tar.bz2");
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == ErrorCode::too_large));
  BOOST_TEST(done.error().reason == "too_many_parts");
  BOOST_TEST(files["zero.bin"].size() < 101'000'000U);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_taker_ends_the_run_and_comes_back) {
  const auto full = [](const ArchiveEntry&) -> Result<void> {
    return fail(ErrorCode::disk_full, "no room");
  };
  const auto done = unpack(host(), sample("bo.zip").number(), {full, {}, {}, {}});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == ErrorCode::disk_full));
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(what_is_no_archive_is_named) {
  for (const auto* name : {"thong-bao.pdf", "anh.png"}) {
    const auto done = open_up(name);
    BOOST_REQUIRE(!done.has_value());
    BOOST_TEST(done.error().reason == "damaged_file");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

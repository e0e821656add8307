#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "fixture.hpp"
#include "indexer/workers/readers.hpp"

namespace khochung::workers {
namespace {

using boost::unit_test::data::make;

struct LayoutWorkshop : Workshop {
  [[nodiscard]] Result<PdfText> lay_out(int input, const std::string& extension) const {
    return layout(host(), input, extension).and_then([&](const std::string& pdf) {
      return read_pdf(host(), made("laid-out.pdf", pdf).number());
    });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(layout_worker, LayoutWorkshop)

BOOST_DATA_TEST_CASE(office_files_become_pages, make({"thong-bao.docx", "thong-bao.doc"}), name) {
  const auto extension = std::filesystem::path(name).extension().string().substr(1);
  const auto document = lay_out(sample(name).number(), extension).value();
  BOOST_REQUIRE(document.pages.size() == 1U);
  BOOST_TEST(holds(document.pages[0].text.text, "Người phát ngôn của công đoàn"));
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(an_old_spreadsheet_becomes_pages) {
  const auto document = lay_out(sample("danh-sach.xls").number(), "xls").value();
  BOOST_TEST(holds(document.pages.at(0).text.text, "Tổ cơ điện"));
}

BOOST_AUTO_TEST_CASE(old_slides_out_of_an_archive_become_pages) {
  std::string bytes;
  const auto nothing = [](const auto&...) -> Result<void> { return {}; };
  const auto take = [&](std::string_view part) -> Result<void> {
    bytes.append(part);
    return {};
  };
  BOOST_REQUIRE(
      unpack(host(), sample("trinh-bay-ppt.zip").number(), {nothing, take, nothing, nothing})
          .has_value());
  const auto document = lay_out(made("trinh-bay.ppt", bytes).number(), "ppt").value();
  BOOST_REQUIRE(document.pages.size() == 2U);
  BOOST_TEST(holds(document.pages[1].text.text, "An toàn vệ sinh lao động"));
}

BOOST_AUTO_TEST_CASE(what_libreoffice_cannot_read_is_named_and_leaves_nothing) {
  const auto pdf = layout(host(), made("x.docx", "no office file").number(), "docx");
  if (!pdf) BOOST_TEST(pdf.error().reason == "damaged_file");
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(no_other_kind_of_file_reaches_libreoffice) {
  const auto pdf = layout(host(), sample("thong-bao.html").number(), "html");
  BOOST_REQUIRE(!pdf.has_value());
  BOOST_TEST(pdf.error().reason == "worker_unusable");
}

BOOST_AUTO_TEST_CASE(libreoffice_is_ended_with_all_that_it_started_when_time_is_up) {
  const auto input = sample("thong-bao.docx");
  const Run run{
      "layout", {{"extension", "docx"}}, input.number(), {}, std::chrono::milliseconds(700)};
  const auto done = host().run(run, [](Frame&&) -> Result<void> { return {}; });
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(done.error().reason == "worker_stopped");
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::workers

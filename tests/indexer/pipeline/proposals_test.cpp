#include "indexer/pipeline/proposals.hpp"

#include <boost/test/unit_test.hpp>

namespace khochung::pipeline {

BOOST_AUTO_TEST_SUITE(proposals)

BOOST_AUTO_TEST_CASE(an_issuer_without_its_marks_is_known_from_the_units) {
  Unit whole;
  whole.id = UnitId::make();
  whole.number = 1;
  whole.code = "tld";
  whole.name_vi = "Tổng Liên đoàn Lao động Việt Nam";
  Unit province = whole;
  province.id = UnitId::make();
  province.number = 2;
  province.code = "ldld-hai-duong";
  province.name_vi = "Liên đoàn Lao động tỉnh Hải Dương";
  province.parent = whole.id;
  Unit other = province;
  other.id = UnitId::make();
  other.number = 3;
  other.code = "ldld-nghe-an";
  other.name_vi = "Liên đoàn Lao động tỉnh Nghệ An";
  const auto tree = UnitTree::make({whole, province, other}).value();

  BOOST_TEST(issuer_as_known("Lien Đoan Lao Đọng Tĩnh Hai Dương", tree, province.id) ==
             province.name_vi);
  BOOST_TEST(issuer_as_known("TONG LIÊN ĐOÀN LAO ĐỘNG VIET NAM", tree, province.id) ==
             whole.name_vi);
  // Who sends in another's paper is not its issuer.
  BOOST_TEST(issuer_as_known("Lien Đoan Lao Đọng Tĩnh Nghe An", tree, province.id) ==
             "Lien Đoan Lao Đọng Tĩnh Nghe An");
  BOOST_TEST(issuer_as_known("", tree, province.id).empty());
  BOOST_TEST(issuer_as_known("Sở Y tế", tree, UnitId::make()) == "Sở Y tế");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::pipeline

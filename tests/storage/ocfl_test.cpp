#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <iostream>
#include <regex>
#include <set>

#include "storage/packages/ocfl_validate.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

std::set<std::string> codes_of(const OcflReport& report) {
  std::set<std::string> codes;
  for (const auto& finding : report.findings()) codes.insert(finding.code);
  return codes;
}

std::string listed(const std::set<std::string>& codes) {
  std::string text;
  for (const auto& code : codes) text += code + " ";
  return text;
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

BOOST_AUTO_TEST_CASE(the_public_fixtures_are_judged_as_their_names_say) {
  const char* home = std::getenv("KHOCHUNG_OCFL_FIXTURES");
  if (home == nullptr) {
    BOOST_TEST_MESSAGE("KHOCHUNG_OCFL_FIXTURES names no folder: not run");
    BOOST_TEST(true);
    return;
  }
  for (const auto* kind : {"good-objects", "warn-objects", "bad-objects"}) {
    std::size_t right = 0;
    std::size_t exact = 0;
    std::size_t all = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(home) / kind)) {
      const auto name = entry.path().filename().string();
      const auto report = validate_ocfl_object(entry.path()).value();
      const auto found = codes_of(report);
      const auto expected = codes_in(name);
      ++all;
      const bool is_exact = found == expected;
      const bool holds = std::ranges::includes(found, expected) &&
                         (kind == std::string_view("bad-objects") ? !report.is_valid() : is_exact);
      right += holds ? 1 : 0;
      exact += is_exact ? 1 : 0;
      BOOST_TEST(holds, name << " gives " << listed(found));
      if (!is_exact) std::cout << name << " gives " << listed(found) << "\n";
    }
    std::cout << kind << ": " << right << " of " << all << " right, " << exact << " exactly\n";
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include <boost/test/unit_test.hpp>

#include "server/http/router.hpp"

namespace khochung::http {
namespace {

Router sample() {
  Router router;
  const auto add = [&](Method method, const char* pattern) {
    router.add({method, pattern, BodyKind::none, {}, {}});
  };
  add(Method::get, "/");
  add(Method::get, "/m/{id}");
  add(Method::get, "/m/new");
  add(Method::post, "/m/{id}");
  add(Method::get, "/kits/{id}");
  add(Method::get, "/kits/{id}.zip");
  add(Method::get, "/assets/{path...}");
  add(Method::delete_, "/api/v1/materials/{id}/files/{name}");
  return router;
}

std::string pattern_of(const Router& router, Method method, const char* path) {
  const auto match = router.match(method, path);
  return match ? match->route->pattern : std::string(face_of(match.error().code).name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routes)

BOOST_AUTO_TEST_CASE(the_more_literal_pattern_wins) {
  const auto router = sample();
  BOOST_TEST(pattern_of(router, Method::get, "/") == "/");
  BOOST_TEST(pattern_of(router, Method::get, "/m/1") == "/m/{id}");
  BOOST_TEST(pattern_of(router, Method::get, "/m/new") == "/m/new");
  BOOST_TEST(pattern_of(router, Method::get, "/kits/a") == "/kits/{id}");
  BOOST_TEST(pattern_of(router, Method::get, "/kits/a.zip") == "/kits/{id}.zip");
  BOOST_TEST(pattern_of(router, Method::get, "/kits/.zip") == "/kits/{id}");
  BOOST_TEST(pattern_of(router, Method::get, "/assets/") == "/assets/{path...}");
  BOOST_TEST(pattern_of(router, Method::get, "/m/") == "not_found");
  BOOST_TEST(pattern_of(router, Method::get, "/m/1/2") == "not_found");
  BOOST_TEST(pattern_of(router, Method::get, "//m/1") == "not_found");
}

BOOST_AUTO_TEST_CASE(parameters_are_cut_out) {
  const auto router = sample();
  auto parameters = router.match(Method::get, "/kits/năm.2026.zip").value().parameters;
  BOOST_TEST(parameters["id"] == "năm.2026");
  parameters = router.match(Method::get, "/assets/css/a.css").value().parameters;
  BOOST_TEST(parameters["path"] == "css/a.css");
  parameters =
      router.match(Method::delete_, "/api/v1/materials/7/files/Kế hoạch.pdf").value().parameters;
  BOOST_TEST(parameters["id"] == "7");
  BOOST_TEST(parameters["name"] == "Kế hoạch.pdf");
}

BOOST_AUTO_TEST_CASE(head_finds_get_and_other_methods_are_told) {
  const auto router = sample();
  BOOST_TEST(pattern_of(router, Method::head, "/m/1") == "/m/{id}");
  const auto match = router.match(Method::put, "/m/1");
  BOOST_TEST((match.error().reason == "method_not_allowed"));
  const std::vector<Method> expected{Method::get, Method::head, Method::post};
  BOOST_TEST((router.methods_of("/m/1") == expected));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http

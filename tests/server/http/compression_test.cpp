#include "server/http/compression.hpp"

#include <libdeflate.h>

#include <boost/test/unit_test.hpp>
#include <memory>

namespace khochung::http {
namespace {

std::string unpacked(const std::string& packed) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> reader(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  std::string plain(1U << 20U, '\0');
  std::size_t size = 0;
  const auto result = libdeflate_gzip_decompress(reader.get(), packed.data(), packed.size(),
                                                 plain.data(), plain.size(), &size);
  BOOST_REQUIRE(result == LIBDEFLATE_SUCCESS);
  plain.resize(size);
  return plain;
}

std::string long_page() {
  std::string page;
  for (int i = 0; i < 200; ++i) page += "<li>Kế hoạch số " + std::to_string(i) + "</li>";
  return page;
}

Response answered(std::string accept_encoding, std::string body) {
  Request request;
  request.fields.set("Accept-Encoding", std::move(accept_encoding));
  auto response = Response::text(200, "text/html; charset=utf-8", std::move(body));
  compress_for(request, response);
  return response;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(compression)

BOOST_AUTO_TEST_CASE(gzip_is_used_where_the_client_takes_it) {
  for (const auto* field : {"gzip", "br, gzip", "deflate,GZIP;q=0.5", "*", "gzip;q=1.0, *;q=0"}) {
    BOOST_TEST(takes_gzip(field), field);
  }
  for (const auto* field : {"", "br", "gzip;q=0", "gzip; q=0.000", "x-gzipped", "*;q=0"}) {
    BOOST_TEST(!takes_gzip(field), field);
  }
}

BOOST_AUTO_TEST_CASE(a_page_comes_smaller_and_is_the_same_when_unpacked) {
  const auto response = answered("gzip, deflate, br", long_page());
  BOOST_TEST(response.fields.get("content-encoding") == "gzip");
  BOOST_TEST(response.fields.get("vary") == "Accept-Encoding");
  const auto& packed = std::get<std::string>(response.body.front());
  BOOST_TEST(packed.size() < long_page().size() / 4);
  BOOST_TEST(unpacked(packed) == long_page());
}

BOOST_AUTO_TEST_CASE(who_takes_no_gzip_gets_the_page_as_it_is_and_caches_know) {
  const auto response = answered("br", long_page());
  BOOST_TEST(!response.fields.has("content-encoding"));
  BOOST_TEST(response.fields.get("vary") == "Accept-Encoding");
  BOOST_TEST(std::get<std::string>(response.body.front()) == long_page());
}

BOOST_AUTO_TEST_CASE(short_answers_are_left_alone) {
  BOOST_TEST(!answered("gzip", "Xong.").fields.has("content-encoding"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http

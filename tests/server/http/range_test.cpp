#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "server/http/byte_range.hpp"
#include "server/http/file_answer.hpp"

namespace khochung::http {
namespace {

using Kind = RangeSelection::Kind;

struct Case {
  const char* field;
  std::uint64_t size;
  Kind kind;
  std::vector<ByteRange> ranges;
};

const std::vector<Case> cases{
    {"", 100, Kind::whole, {}},
    {"bytes=0-0", 100, Kind::partial, {{0, 1}}},
    {"bytes=0-99", 100, Kind::partial, {{0, 100}}},
    {"bytes=0-100", 100, Kind::partial, {{0, 100}}},
    {"bytes=10-", 100, Kind::partial, {{10, 90}}},
    {"bytes=-10", 100, Kind::partial, {{90, 10}}},
    {"bytes=-200", 100, Kind::partial, {{0, 100}}},
    {"BYTES=5-6", 100, Kind::partial, {{5, 2}}},
    {"bytes= 5-6 , 8-9 ", 100, Kind::partial, {{5, 2}, {8, 2}}},
    {"bytes=99-", 100, Kind::partial, {{99, 1}}},
    {"bytes=100-", 100, Kind::unsatisfiable, {}},
    {"bytes=100-200", 100, Kind::unsatisfiable, {}},
    {"bytes=-0", 100, Kind::unsatisfiable, {}},
    {"bytes=0-", 0, Kind::unsatisfiable, {}},
    {"bytes=-5", 0, Kind::whole, {}},
    {"bytes=-0", 0, Kind::unsatisfiable, {}},
    {"bytes=0-1,200-300", 100, Kind::partial, {{0, 2}}},
    {"bytes=20-29,0-9", 100, Kind::partial, {{0, 10}, {20, 10}}},
    {"bytes=0-9,10-19", 100, Kind::partial, {{0, 20}}},
    {"bytes=0-50,25-75,60-99", 100, Kind::partial, {{0, 100}}},
    {"bytes=0-0,2-2,4-4,6-6", 100, Kind::partial, {{0, 1}, {2, 1}, {4, 1}, {6, 1}}},
    {"bytes=0-0,2-2,4-4,6-6,8-8", 100, Kind::whole, {}},
    {"bytes=0-0,,2-2", 100, Kind::partial, {{0, 1}, {2, 1}}},
    {"bytes=9-5", 100, Kind::whole, {}},
    {"bytes=-", 100, Kind::whole, {}},
    {"bytes=", 100, Kind::whole, {}},
    {"bytes=a-b", 100, Kind::whole, {}},
    {"bytes=1-2-3", 100, Kind::whole, {}},
    {"bytes=0x1-5", 100, Kind::whole, {}},
    {"bytes=--5", 100, Kind::whole, {}},
    {"pages=1-2", 100, Kind::whole, {}},
    {"bytes", 100, Kind::whole, {}},
    {"bytes=0-18446744073709551615", 100, Kind::partial, {{0, 100}}},
    {"bytes=0-99999999999999999999999", 100, Kind::partial, {{0, 100}}},
    {"bytes=99999999999999999999999-", 100, Kind::unsatisfiable, {}},
    {"bytes=-99999999999999999999999", 100, Kind::partial, {{0, 100}}},
};

Request get(const std::vector<std::pair<std::string, std::string>>& fields) {
  Request request;
  for (const auto& [name, value] : fields) request.fields.add(name, value);
  return request;
}

FileToSend ten_digits() {
  FileToSend file;
  file.content = {std::string("01234"), std::string("56789")};
  file.validators.etag = ETag{"v1"};
  file.validators.last_modified = instant_from_rfc3339("2026-11-23T00:00:00.700Z").value();
  file.media_type = "application/pdf";
  file.name = "Báo cáo.pdf";
  return file;
}

std::string text_of(const Response& response) {
  std::string text;
  for (const auto& segment : response.body) text += std::get<std::string>(segment);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ranges)

BOOST_AUTO_TEST_CASE(the_table_of_range_fields_holds) {
  for (const auto& row : cases) {
    const auto selection = select_ranges(row.field, row.size);
    BOOST_TEST((selection.kind == row.kind), row.field << " of " << row.size);
    BOOST_TEST((selection.ranges == row.ranges), row.field << " of " << row.size);
  }
}

BOOST_AUTO_TEST_CASE(one_range_is_cut_across_segments) {
  const auto response = file_answer(get({{"Range", "bytes=3-6"}}), ten_digits());
  BOOST_TEST(response.status == 206);
  BOOST_TEST(text_of(response) == "3456");
  BOOST_TEST(response.fields.get("Content-Range") == "bytes 3-6/10");
  BOOST_TEST(response.fields.get("Accept-Ranges") == "bytes");
}

BOOST_AUTO_TEST_CASE(several_ranges_come_as_parts) {
  const auto response = file_answer(get({{"Range", "bytes=0-1,8-9"}}), ten_digits());
  BOOST_TEST(response.status == 206);
  const std::string type(response.fields.get("Content-Type"));
  BOOST_TEST(type.starts_with("multipart/byteranges; boundary="));
  const auto boundary = type.substr(type.find('=') + 1);
  const auto part = [&](const std::string& range, const std::string& bytes) {
    return "\r\n--" + boundary + "\r\nContent-Type: application/pdf\r\nContent-Range: bytes " +
           range + "/10\r\n\r\n" + bytes;
  };
  BOOST_TEST(text_of(response) ==
             part("0-1", "01") + part("8-9", "89") + "\r\n--" + boundary + "--\r\n");
  BOOST_TEST(response.content_length() == text_of(response).size());
}

BOOST_AUTO_TEST_CASE(a_range_outside_the_file_gets_416_with_its_size) {
  const auto response = file_answer(get({{"Range", "bytes=10-"}}), ten_digits());
  BOOST_TEST(response.status == 416);
  BOOST_TEST(response.fields.get("Content-Range") == "bytes */10");
}

BOOST_AUTO_TEST_CASE(if_range_must_name_the_present_state) {
  const auto status = [](const char* if_range) {
    return file_answer(get({{"Range", "bytes=0-1"}, {"If-Range", if_range}}), ten_digits()).status;
  };
  BOOST_TEST(status("\"v1\"") == 206);
  BOOST_TEST(status("\"v0\"") == 200);
  BOOST_TEST(status("W/\"v1\"") == 200);
  BOOST_TEST(status("Mon, 23 Nov 2026 00:00:00 GMT") == 206);
  BOOST_TEST(status("Mon, 23 Nov 2026 00:00:01 GMT") == 200);
  BOOST_TEST(status("nonsense") == 200);
}

BOOST_AUTO_TEST_CASE(head_ignores_ranges) {
  auto request = get({{"Range", "bytes=0-1"}});
  request.method = Method::head;
  BOOST_TEST(file_answer(request, ten_digits()).status == 200);
}

BOOST_AUTO_TEST_CASE(conditions_are_asked_in_their_order) {
  const auto status = [](std::vector<std::pair<std::string, std::string>> fields) {
    return file_answer(get(fields), ten_digits()).status;
  };
  BOOST_TEST(status({{"If-None-Match", "\"v1\""}}) == 304);
  BOOST_TEST(status({{"If-None-Match", "W/\"v1\""}}) == 304);
  BOOST_TEST(status({{"If-None-Match", "\"a,b\", \"v1\""}}) == 304);
  BOOST_TEST(status({{"If-None-Match", "*"}}) == 304);
  BOOST_TEST(status({{"If-None-Match", "\"v0\""}}) == 200);
  BOOST_TEST(status({{"If-Match", "\"v1\""}}) == 200);
  BOOST_TEST(status({{"If-Match", "W/\"v1\""}}) == 412);
  BOOST_TEST(status({{"If-Match", "\"v0\""}}) == 412);
  BOOST_TEST(status({{"If-Match", "*"}}) == 200);
  BOOST_TEST(status({{"If-Modified-Since", "Mon, 23 Nov 2026 00:00:00 GMT"}}) == 304);
  BOOST_TEST(status({{"If-Modified-Since", "Sun, 22 Nov 2026 23:59:59 GMT"}}) == 200);
  BOOST_TEST(status({{"If-Modified-Since", "yesterday"}}) == 200);
  BOOST_TEST(status({{"If-Unmodified-Since", "Sun, 22 Nov 2026 23:59:59 GMT"}}) == 412);
  BOOST_TEST(status({{"If-Unmodified-Since", "Mon, 23 Nov 2026 00:00:00 GMT"}}) == 200);
  // If-None-Match overrules If-Modified-Since.
  BOOST_TEST(status({{"If-None-Match", "\"v0\""},
                     {"If-Modified-Since", "Mon, 23 Nov 2026 00:00:00 GMT"}}) == 200);
}

BOOST_AUTO_TEST_CASE(what_could_run_scripts_is_never_shown) {
  auto page = ten_digits();
  page.media_type = "image/svg+xml";
  page.disposition = Disposition::in_page;
  const auto response = file_answer(get({}), std::move(page));
  BOOST_TEST(response.fields.get("Content-Disposition").starts_with("attachment"));
  BOOST_TEST(response.fields.get("Content-Security-Policy").starts_with("sandbox"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http

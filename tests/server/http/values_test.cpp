#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "server/http/content_disposition.hpp"
#include "server/http/cookies.hpp"
#include "server/http/encoding.hpp"
#include "server/http/etag.hpp"
#include "server/http/form.hpp"
#include "server/http/http_date.hpp"
#include "server/http/problem.hpp"
#include "server/http/target.hpp"

namespace khochung::http {

BOOST_AUTO_TEST_SUITE(http_values)

BOOST_AUTO_TEST_CASE(targets_are_decoded_once) {
  const auto target =
      parse_target("/m/ph%C3%A1t%20ng%C3%B4n%2520?q=lao+%C4%91%E1%BB%99ng&q=2&e=&n", "a").value();
  BOOST_TEST(target.path == "/m/phát ngôn%20");
  BOOST_TEST(target.query.find("q")->second == "lao động");
  BOOST_TEST(target.query.count("q") == 2U);
  BOOST_TEST(target.query.find("e")->second.empty());
  BOOST_TEST(target.query.count("n") == 1U);
  BOOST_TEST(parse_target("/tìm?q=phát", "a").value().path == "/tìm");
  // The decomposed form stays as it was sent: normalising is the search's matter.
  BOOST_TEST(parse_target("/?q=o%CC%82", "a").value().query.begin()->second == "o\xCC\x82");
}

BOOST_AUTO_TEST_CASE(targets_that_no_honest_client_sends_are_refused) {
  for (const auto* target :
       {"",        "m/1",        "*",           "/%",        "/%4",          "/%zz",
        "/%00",    "/a%2fb",     "/a%2Fb",      "/a%5cb",    "/a\\b",        "/..",
        "/../etc", "/a/../b",    "/a/%2e%2e/b", "/a/.",      "/./a",         "/%ff",
        "/%C0%AF", "/%ED%A0%80", "/a%0d%0aX",   "/a%7f",     "/a#b",         "/?q=%",
        "/?q=%ff", "/?q=%00",    "ftp://a/",    "http://b/", "http://a:81/", "https//a/"}) {
    BOOST_TEST(!parse_target(target, "a").has_value(), target);
  }
}

BOOST_AUTO_TEST_CASE(an_absolute_target_must_name_the_host) {
  BOOST_TEST(parse_target("http://A:80/x?y=1", "a:80").value().path == "/x");
  BOOST_TEST(parse_target("http://a", "a").value().path == "/");
  BOOST_TEST(parse_target("http://a?q=1", "a").value().query.size() == 1U);
}

BOOST_AUTO_TEST_CASE(forms_are_read_as_browsers_send_them) {
  Request request;
  request.fields.add("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
  request.body = "title=C%C3%B4ng+%C4%91o%C3%A0n%0D%0A1&unit=7";
  const auto values = form_values(request).value();
  BOOST_TEST(values.find("title")->second == "Công đoàn\r\n1");
  request.fields.set("Content-Type", "text/plain");
  BOOST_TEST((form_values(request).error().code == ErrorCode::unsupported));
}

BOOST_AUTO_TEST_CASE(file_names_reach_every_browser) {
  BOOST_TEST(content_disposition(Disposition::attachment, "a b.pdf") ==
             "attachment; filename=\"a b.pdf\"");
  BOOST_TEST(content_disposition(Disposition::in_page, "Đẩy mạnh.pdf") ==
             "inline; filename=\"Day manh.pdf\"; "
             "filename*=UTF-8''%C4%90%E1%BA%A9y%20m%E1%BA%A1nh.pdf");
  // The same name decomposed (as macOS sends it).
  BOOST_TEST(ascii_file_name("Qu\x79\xC3\xAA\xCC\x81t \xC4\x91i\xCC\xA3nh.pdf") ==
             "Quyet dinh.pdf");
  BOOST_TEST(ascii_file_name("Thông báo ƯỚC ƠN ỹ.doc") == "Thong bao UOC ON y.doc");
  BOOST_TEST(ascii_file_name("日本.txt") == "__.txt");
  BOOST_TEST(content_disposition(Disposition::attachment, "a\"b\r\nX: y/../c\\d.txt") ==
             "attachment; filename=\"a_b__X_ y_.._c_d.txt\"; "
             "filename*=UTF-8''a%22b__X%3A%20y_.._c_d.txt");
  BOOST_TEST(content_disposition(Disposition::attachment, "\xFF\xFE") ==
             "attachment; filename=\"file\"");
  BOOST_TEST(content_disposition(Disposition::attachment, "") == "attachment");
}

BOOST_AUTO_TEST_CASE(etags_are_read_and_compared) {
  BOOST_TEST(ETag::parse("\"r1\"")->opaque == "r1");
  BOOST_TEST(ETag::parse("W/\"r1\"")->is_weak);
  BOOST_TEST(ETag::parse("W/\"r1\"")->text() == "W/\"r1\"");
  for (const auto* text : {"", "r1", "\"r1", "w/\"r1\"", "\"a\"b\"", "\"a b\""}) {
    BOOST_TEST(!ETag::parse(text).has_value(), text);
  }
  BOOST_TEST(equal_weakly({"a", true}, {"a", false}));
  BOOST_TEST(!equal_strongly({"a", true}, {"a", true}));
  BOOST_TEST(equal_strongly({"a", false}, {"a", false}));
}

BOOST_AUTO_TEST_CASE(a_failed_condition_of_a_change_is_412) {
  Request request;
  request.method = Method::patch;
  request.fields.add("If-Match", "\"r1\"");
  BOOST_TEST((status_by_conditions(request, {ETag{"r2"}, {}}) == 412));
  BOOST_TEST((!status_by_conditions(request, {ETag{"r1"}, {}}).has_value()));
  BOOST_TEST((status_by_conditions(request, {}) == 412));
  Request creation;
  creation.method = Method::put;
  creation.fields.add("If-None-Match", "*");
  BOOST_TEST((status_by_conditions(creation, {ETag{"r1"}, {}}) == 412));
}

BOOST_AUTO_TEST_CASE(dates_are_those_of_http) {
  const auto instant = instant_from_rfc3339("1994-11-06T08:49:37Z").value();
  BOOST_TEST(to_http_date(instant) == "Sun, 06 Nov 1994 08:49:37 GMT");
  BOOST_TEST((instant_from_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == instant));
  for (const auto* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 UTC"}) {
    BOOST_TEST(!instant_from_http_date(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(cookies_are_found_among_others) {
  Request request;
  request.fields.add("Cookie", "a=1; session=abc=; b=2");
  BOOST_TEST(cookie(request, "session") == "abc=");
  BOOST_TEST(cookie(request, "b") == "2");
  BOOST_TEST(cookie(request, "c").empty());
  BOOST_TEST(to_field({"s", "v", std::chrono::seconds(60), true}) ==
             "s=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
}

BOOST_AUTO_TEST_CASE(problems_speak_vietnamese_unless_english_is_preferred) {
  const auto language = [](const char* field) {
    Request request;
    request.fields.add("Accept-Language", field);
    return preferred_language(request);
  };
  BOOST_TEST((language("") == Language::vietnamese));
  BOOST_TEST((language("en-GB,en;q=0.9") == Language::english));
  BOOST_TEST((language("vi,en;q=0.9") == Language::vietnamese));
  BOOST_TEST((language("vi;q=0.5, en;q=0.9") == Language::english));
  BOOST_TEST((language("fr") == Language::vietnamese));
  BOOST_TEST((language("en;q=0") == Language::vietnamese));
}

BOOST_AUTO_TEST_CASE(a_problem_tells_people_and_programs) {
  Request request;
  request.id = "abc-7";
  const Error error{ErrorCode::bad_input, "secret path /data", "empty_file"};
  const auto response = problem(request, error);
  BOOST_TEST(response.status == 400);
  BOOST_TEST(response.fields.get("Content-Type") == "application/problem+json");
  const auto& text = std::get<std::string>(response.body.front());
  BOOST_TEST(text.find("secret") == std::string::npos);
  const auto body = boost::json::parse(text);
  BOOST_TEST(body.at("reason").as_string() == "empty_file");
  BOOST_TEST(body.at("code").as_string() == "bad_input");
  BOOST_TEST(body.at("request").as_string() == "abc-7");
  BOOST_TEST(body.at("status").as_int64() == 400);
  BOOST_TEST(body.at("detail").as_string() ==
             std::string(sentence("empty_file", Language::vietnamese)));
}

BOOST_AUTO_TEST_CASE(utf_8_is_judged_as_rfc_3629_says) {
  BOOST_TEST(is_utf8("Đẩy mạnh 😀"));
  for (const auto* text : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80",
                           "\xC3", "\xE1\xBA", "\xF5\x80\x80\x80"}) {
    BOOST_TEST(!is_utf8(text), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http

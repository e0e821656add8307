#include <sys/resource.h>

#include <atomic>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <thread>
#include <vector>

#include "raw_client.hpp"
#include "test_site.hpp"

namespace khochung::test {
namespace {

/// The fields of an answer that do not change from request to request.
std::vector<std::pair<std::string, std::string>> steady_fields(const RawAnswer& answer) {
  auto fields = answer.fields.all();
  std::erase_if(fields, [](const auto& field) {
    return field.first == "Date" || field.first == "X-Request-Id";
  });
  return fields;
}

long peak_memory_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server)

BOOST_AUTO_TEST_CASE(a_route_is_served_and_the_connection_stays) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /hello?q=b%E1%BA%A1n HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.receive();
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == "xin chào bạn");
    BOOST_TEST(answer.fields.get("X-Content-Type-Options") == "nosniff");
    BOOST_TEST(answer.fields.has("Date"));
    BOOST_TEST(answer.fields.has("X-Request-Id"));
  }
}

BOOST_AUTO_TEST_CASE(requests_sent_ahead_are_answered_in_order) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /m/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) BOOST_TEST(client.receive().body == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(bodies_arrive_small_and_streamed) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
  BOOST_TEST(client.receive().body == "abcde");
  client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n");
  client.send(std::string(600'000, 'x'));
  const auto answer = client.receive();
  BOOST_TEST(answer.status == 201);
  BOOST_TEST(answer.body == "600000");
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(client.receive().status == 200);
}

BOOST_AUTO_TEST_CASE(blobs_and_texts_are_sent_as_one_body) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  const auto blob = sample_blob(100'000)->read_all(200'000).value();
  client.send("GET /mixed HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST((client.receive().body ==
              "head " + blob.substr(10, 70'000) + std::string(50'000, 'x') + blob.substr(0, 5)));
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto large = sample_blob(std::uint64_t{24} << 20U)->read_all(std::uint64_t{1} << 30U);
  BOOST_TEST((client.receive().body == large.value()));
}

BOOST_AUTO_TEST_CASE(blobs_without_a_descriptor_are_sent_whole_and_in_parts) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  const auto blob = sample_blob(100'000)->read_all(200'000).value();
  client.send("GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST((client.receive().body == blob));
  client.send("GET /mixed-elsewhere HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST((client.receive().body == "head " + blob.substr(10, 70'000)));
  client.send("GET /elsewhere HTTP/1.1\r\nHost: a\r\nRange: bytes=99990-\r\n\r\n");
  const auto part = client.receive();
  BOOST_TEST(part.status == 206);
  BOOST_TEST((part.body == blob.substr(99'990)));
}

BOOST_AUTO_TEST_CASE(a_blob_that_is_not_what_its_name_says_never_arrives_whole) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("GET /damaged-elsewhere HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(client.receive_rest(2'000'000).size() < 1'000'000U);
  BOOST_TEST(client.is_closed());
  BOOST_TEST(!site.wait_for_log(1).front().is_whole);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_made_as_it_is_sent_arrives_whole_and_in_parts) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  const auto whole = "head " + sample_blob(100'000)->read_all(200'000).value() + " tail";
  for (const std::string path : {"/pieces", "/pieces-elsewhere"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST((client.receive().body == whole), path);
    for (const auto& [first, last] : {std::pair(0, 0), std::pair(2, 7), std::pair(4, 100'006),
                                      std::pair(6, 100), std::pair(100'000, 100'009)}) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nRange: bytes=" + std::to_string(first) +
                  "-" + std::to_string(last) + "\r\n\r\n");
      const auto part = client.receive();
      BOOST_TEST(part.status == 206);
      BOOST_TEST((part.body == whole.substr(static_cast<std::size_t>(first),
                                            static_cast<std::size_t>(last - first + 1))),
                 path << " " << first);
    }
  }
  client.send("HEAD /pieces HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(client.receive(true).fields.get("Content-Length") == std::to_string(whole.size()));
}

BOOST_AUTO_TEST_CASE(a_body_of_which_a_piece_cannot_be_made_never_arrives_whole) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("GET /pieces-failing HTTP/1.1\r\nHost: a\r\n\r\n");
  client.receive_rest(2'000'000);
  BOOST_TEST(client.is_closed());
  BOOST_TEST(!site.wait_for_log(1).front().is_whole);
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_stays_inside) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.receive();
  BOOST_TEST(answer.status == 500);
  BOOST_TEST(answer.body.find("secret") == std::string::npos);
  client.send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(!client.receive().fields.has("Set-Cookie"));
}

BOOST_AUTO_TEST_CASE(what_can_be_answered_at_once_waits_for_no_handler) {
  TestSite site;
  std::latch started(1);
  std::latch released(1);
  site.on_wait = [&] {
    started.count_down();
    released.wait();
  };
  net::ServerConfig config;
  config.handler_threads = 1;
  const auto server = site.serve(config);
  RawClient slow(server->port());
  slow.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  started.wait();
  RawClient client(server->port());
  client.send("GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(client.receive().body == "at once");
  released.count_down();
  for (const std::string query : {"wait=1", "throw=1"}) {
    client.send("GET /at-once?" + query + " HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(client.receive().body == "by the pool", query);
  }
}

BOOST_AUTO_TEST_CASE(head_and_get_give_the_same_headers_on_every_route) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  // Numbers of requests stand in error answers: from here on they are equally long.
  for (int i = 0; i < 10; ++i) {
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    client.receive();
  }
  for (const auto& route : site.router.routes()) {
    if (route.method != http::Method::get) continue;
    const auto target = route.pattern == "/m/{id}" ? std::string("/m/1") : route.pattern;
    client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto get = client.receive();
    client.send("HEAD " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto head = client.receive(true);
    BOOST_TEST(head.status == get.status, target);
    BOOST_TEST((steady_fields(head) == steady_fields(get)), target);
  }
}

BOOST_AUTO_TEST_CASE(continue_is_said_only_where_the_body_is_wanted) {
  TestSite site;
  const auto server = site.serve();
  const std::string fields =
      " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  for (const std::string target : {"/stream", "/small"}) {
    RawClient client(server->port());
    client.send("POST " + target + fields);
    BOOST_TEST(client.receive().status == 100);
    client.send("abc");
    BOOST_TEST(client.receive().status < 300);
  }
  for (const std::string target : {"/stream-refused", "/none", "/nowhere"}) {
    RawClient client(server->port());
    client.send("POST " + target + fields);
    BOOST_TEST(client.receive().status >= 400);
    BOOST_TEST(client.is_closed());
  }
}

BOOST_AUTO_TEST_CASE(http_1_0_stays_only_when_asked_to) {
  TestSite site;
  const auto server = site.serve();
  RawClient asks(server->port());
  for (int i = 0; i < 2; ++i) {
    asks.send("GET /hello HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    BOOST_TEST(asks.receive().fields.get("Connection") == "keep-alive");
  }
  RawClient does_not(server->port());
  does_not.send("GET /hello HTTP/1.0\r\nHost: a\r\n\r\n");
  BOOST_TEST(does_not.receive().status == 200);
  BOOST_TEST(does_not.is_closed());
}

BOOST_AUTO_TEST_CASE(a_path_with_other_methods_tells_them) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.receive();
  BOOST_TEST(answer.status == 405);
  BOOST_TEST(answer.fields.get("Allow") == "GET, HEAD");
}

BOOST_AUTO_TEST_CASE(ranges_and_conditions_reach_the_wire) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  const auto blob = sample_blob(300'000)->read_all(300'000).value();
  client.send("GET /blob HTTP/1.1\r\nHost: a\r\nRange: bytes=1000-200999\r\n\r\n");
  auto answer = client.receive();
  BOOST_TEST(answer.status == 206);
  BOOST_TEST((answer.body == blob.substr(1'000, 200'000)));
  client.send("GET /blob HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"v1\"\r\n\r\n");
  answer = client.receive();
  BOOST_TEST(answer.status == 304);
  BOOST_TEST(!answer.fields.has("Content-Length"));
  client.send("GET /blob HTTP/1.1\r\nHost: a\r\nRange: bytes=300000-\r\n\r\n");
  BOOST_TEST(client.receive().status == 416);
}

BOOST_AUTO_TEST_CASE(the_log_says_what_was_asked_but_not_what_was_searched) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  client.send("GET /hello?q=secret HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.receive();
  const auto line = site.wait_for_log(1).front();
  BOOST_TEST(line.method == "GET");
  BOOST_TEST(line.path == "/hello");
  BOOST_TEST(line.status == 200);
  BOOST_TEST(line.bytes == answer.body.size());
  BOOST_TEST(line.client == "127.0.0.1");
  BOOST_TEST(line.request_id == answer.fields.get("X-Request-Id"));
  BOOST_TEST(net::to_json(line).find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_line_of_the_log_is_one_json_object_whatever_was_asked) {
  net::AccessLogLine line;
  line.request_id = "ab-1";
  line.client = "192.0.2.7";
  line.method = "GET";
  line.path = "/m/\"ngo\u1eb7c\"\\\n\x01";
  line.status = 404;
  line.bytes = 12;
  line.duration = std::chrono::microseconds(1'207'005);
  line.error = "kh\u00f4ng c\u00f3";
  const auto text = net::to_json(line);
  BOOST_TEST(text.find('\n') == std::string::npos);
  const auto read = boost::json::parse(text).as_object();
  BOOST_TEST(read.at("path").as_string() == line.path);
  BOOST_TEST(read.at("error").as_string() == line.error);
  BOOST_TEST(read.at("status").as_int64() == 404);
  BOOST_TEST(read.at("bytes").as_int64() == 12);
  BOOST_TEST(read.at("ms").as_double() == 1207.005);
  BOOST_TEST(read.at("whole").as_bool());
  BOOST_TEST(instant_from_rfc3339(read.at("time").as_string()).has_value());
}

BOOST_AUTO_TEST_CASE(sixty_four_clients_at_once_get_their_own_answers) {
  TestSite site;
  const auto server = site.serve();
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      RawClient client(server->port());
      for (int k = 0; k < 20; ++k) {
        const auto id = std::to_string(i * 100 + k);
        client.send("GET /m/" + id + " HTTP/1.1\r\nHost: a\r\n\r\n");
        if (client.receive().body == id) ++right;
        client.send("GET /blob HTTP/1.1\r\nHost: a\r\n\r\n");
        if (client.receive().body.size() == 300'000) ++right;
      }
    });
  }
  threads.clear();
  BOOST_TEST(right == 64 * 40);
}

BOOST_AUTO_TEST_CASE(a_large_upload_streams_through_in_little_memory) {
  TestSite site;
  const auto server = site.serve();
  RawClient client(server->port());
  const std::string piece(std::size_t{1} << 20U, 'x');
  const auto before = peak_memory_kib();
  client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 209715200\r\n\r\n");
  for (int i = 0; i < 200; ++i) client.send(piece);
  BOOST_TEST(client.receive().body == "209715200");
  BOOST_TEST(peak_memory_kib() - before < 16 * 1024);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::test

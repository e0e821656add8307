#include "framing_vectors.hpp"

namespace khochung::test {
namespace {

const std::string host = "Host: a\r\n";

std::string get(const std::string& fields) {
  return "GET /hello HTTP/1.1\r\n" + fields + "\r\n";
}

std::string post(const std::string& fields, const std::string& body = "") {
  return "POST /small HTTP/1.1\r\n" + host + fields + "\r\n" + body;
}

std::string line(const std::string& request_line) {
  return request_line + "\r\n" + host + "\r\n";
}

std::vector<Vector> transfer_encodings() {
  const std::string chunked = "5\r\nabcde\r\n0\r\n\r\n";
  const auto te = [&](const std::string& value) {
    return post("Transfer-Encoding: " + value + "\r\n", chunked);
  };
  return {
      {"chunked", te("chunked"), 411},
      {"chunked in capitals", te("CHUNKED"), 411},
      {"chunked with spaces", te("  chunked \t"), 411},
      {"xchunked", te("xchunked"), 400},
      {"identity", te("identity"), 400},
      {"gzip, chunked", te("gzip, chunked"), 400},
      {"chunked, gzip", te("chunked, gzip"), 400},
      {"chunked, chunked", te("chunked, chunked"), 400},
      {"chunked with a parameter", te("chunked;a=b"), 400},
      {"quoted chunked", te("\"chunked\""), 400},
      {"empty transfer encoding", te(""), 400},
      {"vertical tab before chunked",
       te("\x0b"
          "chunked"),
       400},
      {"two transfer encodings",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked), 400},
      {"two transfer encodings, one unknown",
       post("Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\n", chunked), 400},
      {"folded transfer encoding", post("Transfer-Encoding:\r\n chunked\r\n", chunked), 400},
      {"space before the colon", post("Transfer-Encoding : chunked\r\n", chunked), 400},
      {"length, then chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunked),
       411},
      {"chunked, then length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunked),
       411},
      {"gzip, then length", post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "abcde"), 400},
      {"chunked on HTTP/1.0",
       "POST /small HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n" + chunked, 400},
      {"chunked on GET", get(host + "Transfer-Encoding: chunked\r\n") + chunked, 411},
      {"a name that only looks like it", post("Transfer_Encoding: chunked\r\n"), 200},
      {"TE is another field", post("TE: trailers\r\nConnection: TE\r\n"), 200},
  };
}

std::vector<Vector> content_lengths() {
  const auto length = [](const std::string& value) {
    return post("Content-Length: " + value + "\r\n", "abcde");
  };
  return {
      {"length", length("5"), 200},
      {"length with leading zeros", length("0005"), 200},
      {"length with spaces", length("  5\t "), 200},
      {"negative length", length("-5"), 400},
      {"length with plus", length("+5"), 400},
      {"hexadecimal length", length("0x5"), 400},
      {"empty length", length(""), 400},
      {"fractional length", length("5.0"), 400},
      {"length with a letter", length("5a"), 400},
      {"length with inner space", length("5 5"), 400},
      {"list of equal lengths", length("5, 5"), 400},
      {"list of differing lengths", length("5, 6"), 400},
      {"length beyond 64 bits", length("18446744073709551621"), 400},
      {"length that overflows when signed", length("9223372036854775808"), 400},
      {"length larger than the route takes", length("1048577"), 413},
      {"repeated equal length", post("Content-Length: 5\r\nContent-Length: 5\r\n", "abcde"), 400},
      {"repeated differing length", post("Content-Length: 5\r\nContent-length: 6\r\n", "abcdef"),
       400},
      {"folded length", post("Content-Length:\r\n 5\r\n", "abcde"), 400},
      {"space before the colon of length", post("Content-Length : 5\r\n", "abcde"), 400},
  };
}

std::vector<Vector> hosts() {
  const auto with = [](const std::string& value) { return get("Host: " + value + "\r\n"); };
  return {
      {"no Host", get(""), 400},
      {"no Host on HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n", 400},
      {"two equal Hosts", get(host + host), 400},
      {"two differing Hosts", get(host + "host: b\r\n"), 400},
      {"empty Host", with(""), 400},
      {"Host with a space", with("a b"), 400},
      {"Host with a path", with("a/b"), 400},
      {"Host with a user", with("user@a"), 400},
      {"list of Hosts", with("a, b"), 400},
      {"Host with an empty port", with("a:"), 400},
      {"Host with a word as port", with("a:http"), 400},
      {"Host with a port too high", with("a:65536"), 400},
      {"Host with two ports", with("a:1:2"), 400},
      {"Host with a broken literal", with("[::1"), 400},
      {"Host with a letter outside ASCII", with("\xC4\x91"), 400},
      {"Host with a port", with("khochung.example:8080"), 200},
      {"Host that is an address", with("[::1]:8080"), 200},
      {"target and Host differ", line("GET http://b/hello HTTP/1.1"), 400},
      {"target and Host agree", line("GET http://a/hello HTTP/1.1"), 200},
  };
}

std::vector<Vector> field_shapes() {
  return {
      {"folded field", get(host + "X: a\r\n b\r\n"), 400},
      {"folded with a tab", get(host + "X: a\r\n\tb\r\n"), 400},
      {"folded first field", "GET /hello HTTP/1.1\r\n X: a\r\n" + host + "\r\n", 400},
      {"line feed alone", "GET /hello HTTP/1.1\nHost: a\n\n", 400},
      {"line feed alone inside", "GET /hello HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
      {"carriage return alone", get(host + "X: a\rb\r\n"), 400},
      {"NUL in a value", get(host + std::string("X: a\0b\r\n", 8)), 400},
      {"NUL in a name", get(host + std::string("X\0Y: a\r\n", 8)), 400},
      {"DEL in a value", get(host + "X: a\x7F\r\n"), 400},
      {"no colon", get(host + "X\r\n"), 400},
      {"no name", get(host + ": x\r\n"), 400},
      {"name with a space", get(host + "X Y: a\r\n"), 400},
      {"name with a bracket", get(host + "X(: a\r\n"), 400},
      {"name outside ASCII", get(host + "\xC4\x91: a\r\n"), 400},
      {"value outside ASCII", get(host + "X: \xC4\x91\r\n"), 200},
      {"empty value", get(host + "X:\r\n"), 200},
      {"coded body", post("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "abcde"), 415},
      {"coded body without length", post("Content-Encoding: identity\r\n"), 415},
      {"unknown expectation", post("Expect: a\r\nContent-Length: 5\r\n", "abcde"), 417},
  };
}

std::vector<Vector> request_lines() {
  return {
      {"TRACE", line("TRACE /hello HTTP/1.1"), 405},
      {"CONNECT", line("CONNECT a:80 HTTP/1.1"), 405},
      {"unknown method", line("BREW /hello HTTP/1.1"), 501},
      {"method in small letters", line("get /hello HTTP/1.1"), 501},
      {"method that the route lacks", line("DELETE /hello HTTP/1.1"), 405},
      {"method with a bracket", line("GE(T /hello HTTP/1.1"), 400},
      {"HTTP/0.9", "GET /hello\r\n\r\n", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/1.2", line("GET /hello HTTP/1.2"), 505},
      {"version in small letters", line("GET /hello http/1.1"), 400},
      {"version with two digits", line("GET /hello HTTP/1.10"), 400},
      {"two spaces", line("GET  /hello HTTP/1.1"), 400},
      {"a space in the target", line("GET /hel lo HTTP/1.1"), 400},
      {"a tab for a space", line("GET\t/hello HTTP/1.1"), 400},
      {"a space at the end", line("GET /hello HTTP/1.1 "), 400},
      {"an empty line first", "\r\n" + line("GET /hello HTTP/1.1"), 400},
      {"dots", line("GET /../hello HTTP/1.1"), 400},
      {"encoded slash", line("GET /m/a%2fb HTTP/1.1"), 400},
      {"encoded NUL", line("GET /m/a%00 HTTP/1.1"), 400},
      {"broken UTF-8", line("GET /m/%ff HTTP/1.1"), 400},
      {"fragment", line("GET /hello#a HTTP/1.1"), 400},
      {"asterisk", line("GET * HTTP/1.1"), 400},
      {"TLS to a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
  };
}

std::vector<Vector> bodies() {
  const std::string five = "Content-Length: 5\r\n";
  return {
      {"body on GET", get(host + five) + "abcde", 400},
      {"empty body on GET", get(host + "Content-Length: 0\r\n"), 200},
      {"body on HEAD", "HEAD /hello HTTP/1.1\r\n" + host + five + "\r\nabcde", 400},
      {"body on a route that takes none", "POST /none HTTP/1.1\r\n" + host + five + "\r\nabcde",
       400},
      {"body where nothing is", "POST /nowhere HTTP/1.1\r\n" + host + five + "\r\nabcde", 404},
      {"body on HTTP/1.0 with keep-alive",
       "POST /small HTTP/1.0\r\n" + host + "Connection: keep-alive\r\n" + five + "\r\nabcde", 400},
      {"body on HTTP/1.0", "POST /small HTTP/1.0\r\n" + host + five + "\r\nabcde", 200},
      {"body that the stream refuses",
       "POST /stream-refused HTTP/1.1\r\n" + host + five + "\r\nabcde", 403},
      {"upgrade is ignored",
       get(host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
       200},
  };
}

std::vector<Vector> sizes() {
  std::string fields;
  for (int i = 0; i < 99; ++i) fields += "X: a\r\n";
  return {
      {"a hundred fields", get(host + fields), 200},
      {"a hundred and one fields", get(host + fields + "X: a\r\n"), 431},
      {"a head of nine KiB", get(host + "X: " + std::string(9'000, 'a') + "\r\n"), 431},
      {"a target of four KiB", line("GET /hello?q=" + std::string(4'083, 'a') + " HTTP/1.1"), 200},
      {"a target over four KiB", line("GET /hello?q=" + std::string(4'150, 'a') + " HTTP/1.1"),
       414},
      {"a target over the head", line("GET /hello?q=" + std::string(9'000, 'a') + " HTTP/1.1"),
       414},
  };
}

}  // namespace

std::vector<Vector> framing_vectors() {
  std::vector<Vector> all;
  for (const auto& group : {transfer_encodings(), content_lengths(), hosts(), field_shapes(),
                            request_lines(), bodies(), sizes()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace khochung::test

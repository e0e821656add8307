#include "server/http/framing.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "server/http/encoding.hpp"
#include "server/http/message.hpp"

namespace khochung::http {
namespace {

/// What the fields of a head say about its framing.
struct Seen {
  std::size_t fields = 0;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t transfer_encodings = 0;
  bool transfer_is_plain_chunked = false;
  bool has_content_encoding = false;
  bool keeps_alive = false;
  bool has_unknown_expectation = false;
  std::uint64_t content_length = 0;
};

struct RequestLine {
  std::string_view method;
  std::string_view target;
  std::string_view version;
};

tl::unexpected<Error> bad(const char* what) {
  return fail(ErrorCode::bad_input, "bad_framing", what);
}

bool is_target_character(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
}

bool is_value_character(char c) {
  return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : c == '\t';
}

Result<RequestLine> read_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return bad("no request line");
  const RequestLine read{line.substr(0, first), line.substr(first + 1, second - first - 1),
                         line.substr(second + 1)};
  if (!is_token(read.method)) return bad("the method is not a token");
  if (read.target.empty() || !std::ranges::all_of(read.target, is_target_character)) {
    return bad("the target is not one");
  }
  return read;
}

Result<void> check_version(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool looks_right = version.size() == 8 && version.starts_with("HTTP/") &&
                           is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!looks_right) return bad("the version is not one");
  return fail(ErrorCode::unsupported, "version_unknown", "HTTP/1.0 and HTTP/1.1 alone are spoken");
}

Result<void> check_method(std::string_view method) {
  if (method_from(method)) return {};
  if (method == "TRACE" || method == "CONNECT") {
    return fail(ErrorCode::unsupported, "method_not_allowed", "TRACE and CONNECT are never served");
  }
  return fail(ErrorCode::unsupported, "method_unknown", "no such method");
}

/// "1".."65535".
bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  return problem == std::errc() && end == text.data() + text.size() && text.size() <= 5 &&
         port <= 65535;
}

bool is_ipv6_literal(std::string_view text) {
  return text.size() >= 4 && text.front() == '[' && text.back() == ']' &&
         text.find_first_not_of("0123456789abcdefABCDEF:.", 1) == text.size() - 1;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_host(std::string_view value) {
  const auto bracket = value.find(']');
  const auto colon = value.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto name = value.substr(0, colon);
  if (colon != std::string_view::npos && !is_port(value.substr(colon + 1))) return false;
  return is_ipv6_literal(name) || is_host_name(name);
}

/// 18 digits are enough for an exabyte and never overflow.
std::optional<std::uint64_t> content_length_from(std::string_view value) {
  std::uint64_t length = 0;
  const auto* end = value.data() + value.size();
  const auto [stop, problem] = std::from_chars(value.data(), end, length);
  if (problem != std::errc() || stop != end || value.size() > 18) return std::nullopt;
  return length;
}

bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    if (equal_without_case(trim(item), token)) return true;
  }
  return false;
}

Result<void> note_field(Seen& seen, std::string_view name, std::string_view value) {
  if (equal_without_case(name, "Content-Length")) {
    const auto length = content_length_from(value);
    if (!length || ++seen.lengths > 1) return bad("Content-Length is not one number");
    seen.content_length = *length;
  } else if (equal_without_case(name, "Transfer-Encoding")) {
    ++seen.transfer_encodings;
    seen.transfer_is_plain_chunked = equal_without_case(value, "chunked");
  } else if (equal_without_case(name, "Host")) {
    if (++seen.hosts > 1 || !is_host(value)) return bad("Host is not one host");
  } else if (equal_without_case(name, "Content-Encoding")) {
    seen.has_content_encoding = true;
  } else if (equal_without_case(name, "Connection")) {
    seen.keeps_alive = seen.keeps_alive || lists_token(value, "keep-alive");
  } else if (equal_without_case(name, "Expect")) {
    seen.has_unknown_expectation = !equal_without_case(value, "100-continue");
  }
  return {};
}

Result<void> read_field(Seen& seen, std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return bad("a folded field");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return bad("a field name is not a token");
  }
  const auto value = line.substr(colon + 1);
  if (!std::ranges::all_of(value, is_value_character)) return bad("a control character");
  return note_field(seen, line.substr(0, colon), trim(value));
}

Result<Seen> read_fields(std::string_view lines, const FramingLimits& limits) {
  Seen seen;
  while (lines != "\r\n") {
    const auto end = lines.find("\r\n");
    if (end == std::string_view::npos || end == 0) return bad("no end of the head");
    if (++seen.fields > limits.max_fields) {
      return fail(ErrorCode::too_large, "head_too_large", "too many fields");
    }
    KHOCHUNG_CHECK(read_field(seen, lines.substr(0, end)));
    lines.remove_prefix(end + 2);
  }
  return seen;
}

/// Bodies come with Content-Length or not at all.
Result<void> check_transfer(const Seen& seen, bool is_http_1_1) {
  if (seen.transfer_encodings == 0) return {};
  if (seen.transfer_encodings == 1 && seen.transfer_is_plain_chunked && is_http_1_1) {
    return fail(ErrorCode::bad_input, "length_required", "a chunked body");
  }
  return bad("Transfer-Encoding");
}

Result<void> check_body(const Seen& seen, const RequestLine& line) {
  KHOCHUNG_CHECK(check_transfer(seen, line.version == "HTTP/1.1"));
  if (seen.has_content_encoding) {
    return fail(ErrorCode::unsupported, "encoded_body", "Content-Encoding on a request");
  }
  if (seen.content_length == 0) return {};
  if (line.method == "GET" || line.method == "HEAD") {
    return fail(ErrorCode::bad_input, "unexpected_body", "a body on GET or HEAD");
  }
  if (line.version == "HTTP/1.0" && seen.keeps_alive) {
    return bad("a body on HTTP/1.0 with keep-alive");
  }
  return {};
}

/// Why a head that grew beyond its limit is refused.
Error too_long(std::string_view received, const FramingLimits& limits) {
  if (received.substr(0, limits.max_target_bytes).find('\n') == std::string_view::npos) {
    return {ErrorCode::too_large, "the request line is too long", "target_too_long"};
  }
  return {ErrorCode::too_large, "the head is too long", "head_too_large"};
}

}  // namespace

Result<std::size_t> find_head_end(std::string_view received, std::size_t looked_at,
                                  const FramingLimits& limits) {
  const auto end = std::min(received.size(), limits.max_head_bytes);
  for (std::size_t at = looked_at; at < end; ++at) {
    const char c = received[at];
    const bool after_return = at > 0 && received[at - 1] == '\r';
    if ((c == '\n') != after_return) return bad("a carriage return or line feed alone");
    if (c == '\n' && at >= 3 && received[at - 2] == '\n') return at + 1;
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (is_control && c != '\r' && c != '\n' && c != '\t') return bad("a control character");
  }
  if (received.size() >= limits.max_head_bytes) return fail(too_long(received, limits));
  return 0;
}

Result<Framing> check_framing(std::string_view head, const FramingLimits& limits) {
  const auto line_end = head.find("\r\n");
  if (line_end == std::string_view::npos) return bad("no request line");
  const auto line = KHOCHUNG_TRY(read_request_line(head.substr(0, line_end)));
  KHOCHUNG_CHECK(check_version(line.version));
  if (line.target.size() > limits.max_target_bytes) {
    return fail(ErrorCode::too_large, "target_too_long", "the target is too long");
  }
  const auto seen = KHOCHUNG_TRY(read_fields(head.substr(line_end + 2), limits));
  if (seen.hosts != 1) return bad("no Host");
  KHOCHUNG_CHECK(check_method(line.method));
  KHOCHUNG_CHECK(check_body(seen, line));
  if (seen.has_unknown_expectation) {
    return fail(ErrorCode::bad_input, "expectation_unknown", "an Expect other than 100-continue");
  }
  return Framing{seen.content_length, seen.lengths > 0};
}

}  // namespace khochung::http

#include "server/http/multipart.hpp"

#include <algorithm>
#include <optional>

#include "server/http/encoding.hpp"
#include "server/http/form.hpp"

namespace khochung::http {
namespace {

constexpr std::size_t max_field_bytes = std::size_t{64} * 1024;
constexpr std::size_t max_head_bytes = std::size_t{8} * 1024;
constexpr std::size_t max_parts = 20'000;
constexpr std::size_t max_boundary_bytes = 70;  // RFC 2046, 5.1.1

tl::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::bad_input, std::string("multipart: ") + what);
}

/// The value of the field `name` in a part's head.
std::optional<std::string_view> head_field(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (equal_without_case(line.substr(0, colon), name)) return trim(line.substr(colon + 1));
  }
  return std::nullopt;
}

/// Undoes the escapes that browsers put into names; '%' itself is never escaped by them.
std::string unescaped(std::string_view name) {
  std::string result;
  while (!name.empty()) {
    const auto escape = lower_case(name.substr(0, 3));
    const bool is_known = escape == "%22" || escape == "%0d" || escape == "%0a";
    const auto decoded = is_known ? percent_decode(escape) : std::nullopt;
    result += decoded ? decoded->front() : name.front();
    name.remove_prefix(decoded ? 3 : 1);
  }
  return result;
}

bool is_plain_text(std::string_view text) {
  return is_utf8(text) && !has_control(text);
}

}  // namespace

MultipartReader::MultipartReader(std::string boundary, FormEvents events)
    : delimiter_("\r\n--" + std::move(boundary)), events_(std::move(events)) {}

Result<MultipartReader> MultipartReader::begin(std::string_view content_type, FormEvents events) {
  if (media_type_of(content_type) != "multipart/form-data") {
    return fail(ErrorCode::unsupported, "the body is not multipart/form-data");
  }
  auto boundary = field_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > max_boundary_bytes ||
      has_control(*boundary)) {
    return malformed("no boundary");
  }
  return MultipartReader(*std::move(boundary), std::move(events));
}

Result<void> MultipartReader::write(std::span<const std::byte> bytes) {
  pending_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (true) {
    const bool goes_on = KHOCHUNG_TRY(step());
    if (!goes_on) break;
  }
  pending_.erase(0, at_);
  at_ = 0;
  return {};
}

Result<void> MultipartReader::finish() {
  if (state_ != State::done) return malformed("cut off");
  return {};
}

/// Does what the bytes at hand allow; false when more are needed.
Result<bool> MultipartReader::step() {
  switch (state_) {
    case State::preamble: return skip_preamble();
    case State::after_boundary: return read_after_boundary();
    case State::head: return read_head();
    case State::field:
    case State::file: return read_body();
    case State::done: consume(rest().size()); return false;
  }
  return false;
}

Result<bool> MultipartReader::skip_preamble() {
  const auto bytes = rest();
  const auto found = bytes.find(delimiter_);
  if (found == std::string_view::npos) {
    if (bytes.size() >= delimiter_.size()) consume(bytes.size() - delimiter_.size() + 1);
    return false;
  }
  consume(found + delimiter_.size());
  state_ = State::after_boundary;
  return true;
}

/// Behind a boundary: "--" ends the form, a line break begins a part.
Result<bool> MultipartReader::read_after_boundary() {
  const auto bytes = rest();
  const auto text = bytes.find_first_not_of(" \t");
  if (text > max_boundary_bytes && bytes.size() > max_boundary_bytes) {
    return malformed("a boundary line does not end");
  }
  if (text == std::string_view::npos || bytes.size() - text < 2) return false;
  const auto next = bytes.substr(text, 2);
  if (next == "--" && text == 0) {
    state_ = State::done;
    return true;
  }
  if (next != "\r\n") return malformed("a boundary is followed by other text");
  // The line break stays: the head that follows may be empty.
  consume(text);
  state_ = State::head;
  return true;
}

Result<bool> MultipartReader::read_head() {
  const auto bytes = rest();
  const auto end = bytes.find("\r\n\r\n");
  if (end > max_head_bytes) {  // or not there
    if (bytes.size() > max_head_bytes) {
      return fail(ErrorCode::too_large, "multipart: the head of a part is too long");
    }
    return false;
  }
  const std::string head(bytes.substr(0, end));
  consume(end + 4);
  KHOCHUNG_CHECK(begin_part(head));
  return true;
}

Result<void> MultipartReader::begin_part(std::string_view head) {
  if (++parts_ > max_parts) return fail(ErrorCode::too_large, "multipart: too many parts");
  const auto disposition = head_field(head, "Content-Disposition").value_or("");
  if (!equal_without_case(trim(disposition.substr(0, disposition.find(';'))), "form-data")) {
    return malformed("a part is not form-data");
  }
  const auto name = field_parameter(disposition, "name");
  if (!name || !is_plain_text(*name)) return malformed("a part has no proper name");
  const auto file_name = field_parameter(disposition, "filename");
  if (!file_name) {
    state_ = State::field;
    field_name_ = unescaped(*name);
    field_value_.clear();
    return {};
  }
  const auto plain_name = unescaped(*file_name);
  if (!is_plain_text(plain_name)) {
    return fail(ErrorCode::bad_input, "bad_name", "multipart: a file name is not plain text");
  }
  state_ = State::file;
  const auto media_type = head_field(head, "Content-Type").value_or("application/octet-stream");
  sink_ = KHOCHUNG_TRY(events_.on_file(unescaped(*name), plain_name, media_type_of(media_type)));
  return {};
}

Result<bool> MultipartReader::read_body() {
  const auto bytes = rest();
  const auto found = bytes.find(delimiter_);
  if (found == std::string_view::npos) {
    // What may be the beginning of a delimiter waits for more.
    if (bytes.size() < delimiter_.size()) return false;
    const auto sure = bytes.size() - delimiter_.size() + 1;
    KHOCHUNG_CHECK(take(bytes.substr(0, sure)));
    consume(sure);
    return false;
  }
  KHOCHUNG_CHECK(take(bytes.substr(0, found)));
  consume(found + delimiter_.size());
  KHOCHUNG_CHECK(end_part());
  state_ = State::after_boundary;
  return true;
}

Result<void> MultipartReader::take(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (state_ == State::file) {
    if (!sink_) return {};
    return sink_->write(std::as_bytes(std::span(bytes)));
  }
  if (field_value_.size() + bytes.size() > max_field_bytes) {
    return fail(ErrorCode::too_large, "multipart: a field is too long");
  }
  field_value_ += bytes;
  return {};
}

Result<void> MultipartReader::end_part() {
  if (state_ == State::file) {
    if (sink_) KHOCHUNG_CHECK(sink_->finish());
    sink_.reset();
    return {};
  }
  if (!is_utf8(field_value_)) return malformed("a field is not UTF-8");
  return events_.on_field(std::move(field_name_), std::move(field_value_));
}

}  // namespace khochung::http

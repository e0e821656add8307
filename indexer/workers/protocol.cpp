#include "indexer/workers/protocol.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <utility>

#include "schemas/json_reader.hpp"
#include "schemas/little_endian.hpp"

namespace khochung::workers {
namespace {

constexpr std::size_t greeting_bytes = protocol_magic.size() + sizeof(std::uint32_t);
constexpr std::size_t lengths_bytes = sizeof(std::uint32_t) + sizeof(std::uint64_t);

constexpr std::array<std::pair<Outcome, std::string_view>, 3> outcome_names{
    {{Outcome::ok, "ok"}, {Outcome::bad_file, "bad_file"}, {Outcome::unusable, "unusable"}}};

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(1);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

tl::unexpected<Error> bad_output(const char* what) {
  return fail(ErrorCode::bad_input, what);
}

}  // namespace

FrameWriter::FrameWriter(int descriptor) : descriptor_(descriptor) {}

void FrameWriter::write(const boost::json::object& header, std::string_view body) {
  const auto text = boost::json::serialize(header);
  std::string head;
  if (!has_begun_) {
    head.append(protocol_magic);
    append_little_endian(head, protocol_version);
    has_begun_ = true;
  }
  append_little_endian(head, static_cast<std::uint32_t>(text.size()));
  append_little_endian(head, static_cast<std::uint64_t>(body.size()));
  head.append(text);
  if (body.size() <= std::size_t{64} * 1024) {
    head.append(body);
    body = {};
  }
  write_all(descriptor_, head);
  write_all(descriptor_, body);
}

void FrameWriter::end(const Ending& ending) {
  boost::json::object header{{"kind", "end"}};
  for (const auto& [outcome, name] : outcome_names) {
    if (outcome == ending.outcome) header["outcome"] = name;
  }
  if (!ending.reason.empty()) header["reason"] = ending.reason;
  if (!ending.message.empty()) header["message"] = ending.message.substr(0, 1000);
  write(header);
}

FrameParser::FrameParser(FrameLimits limits, Visitor visit)
    : limits_(limits), visit_(std::move(visit)) {}

std::uint64_t FrameParser::wanted() const {
  switch (part_) {
    case Part::greeting: return greeting_bytes;
    case Part::lengths: return lengths_bytes;
    case Part::header: return header_bytes_;
    case Part::body: return body_bytes_;
  }
  return 0;
}

Result<void> FrameParser::feed(std::string_view bytes) {
  total_bytes_ += bytes.size();
  if (total_bytes_ > limits_.total_bytes) return bad_output("more output than allowed");
  while (!bytes.empty()) {
    if (ending_) return bad_output("bytes after the end frame");
    auto& target = part_ == Part::body ? frame_.body : pending_;
    const auto take = std::min<std::uint64_t>(bytes.size(), wanted() - target.size());
    target.append(bytes.substr(0, take));
    bytes.remove_prefix(take);
    if (target.size() == wanted()) KHOCHUNG_CHECK(take_part());
  }
  return {};
}

Result<void> FrameParser::take_part() {
  switch (part_) {
    case Part::greeting:
      if (!pending_.starts_with(protocol_magic)) return bad_output("no greeting");
      if (little_endian_at<std::uint32_t>(pending_, protocol_magic.size()) != protocol_version) {
        return bad_output("another version of the protocol");
      }
      pending_.clear();
      part_ = Part::lengths;
      return {};
    case Part::lengths: return take_lengths();
    case Part::header: return take_header();
    case Part::body: return take_frame();
  }
  return {};
}

Result<void> FrameParser::take_lengths() {
  header_bytes_ = little_endian_at<std::uint32_t>(pending_);
  body_bytes_ = little_endian_at<std::uint64_t>(pending_, sizeof(std::uint32_t));
  pending_.clear();
  if (header_bytes_ == 0 || header_bytes_ > max_header_bytes) return bad_output("header length");
  if (body_bytes_ > limits_.body_bytes) return bad_output("body length");
  if (++frames_ > limits_.frames) return bad_output("more frames than allowed");
  part_ = Part::header;
  return {};
}

Result<void> FrameParser::take_header() {
  boost::json::parse_options options;
  options.max_depth = 8;
  boost::system::error_code failed;
  auto value = boost::json::parse(pending_, failed, {}, options);
  pending_.clear();
  if (failed || !value.is_object()) return bad_output("header is no JSON object");
  frame_.header = std::move(value.get_object());
  frame_.body.clear();
  part_ = Part::body;
  if (body_bytes_ > 0) {
    frame_.body.reserve(body_bytes_);
    return {};
  }
  return take_frame();
}

Result<void> FrameParser::take_frame() {
  part_ = Part::lengths;
  const boost::json::value header(frame_.header);
  const JsonReader reader(header);
  const auto kind = reader.string("kind");
  if (kind.empty()) return bad_output("frame without a kind");
  if (kind != "end") return visit_(std::exchange(frame_, {}));
  const auto name = reader.string("outcome");
  const auto* row =
      std::ranges::find(outcome_names, name, &std::pair<Outcome, std::string_view>::second);
  if (row == outcome_names.end() || body_bytes_ > 0) return bad_output("end frame");
  ending_ = Ending{row->first, reader.string("reason"), reader.string("message")};
  return {};
}

}  // namespace khochung::workers

#include "storage/audit/event.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "schemas/canonical_json.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/utf8.hpp"

namespace khochung::storage {
namespace {

namespace json = boost::json;

constexpr std::string_view cut_mark = "…";
constexpr int max_depth = 8;
constexpr std::size_t instant_bytes = 24;
constexpr std::size_t hex_digits = 2 * Digest::size_bytes;
/// Beyond it, readers that keep numbers as doubles lose digits (RFC 7493, 2.2).
constexpr std::int64_t max_exact_integer = std::int64_t{1} << 53;

bool is_action(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

/// `text`, or its longest beginning of whole characters that has room for the mark.
std::string_view beginning_of(std::string_view text, std::size_t max_bytes) {
  std::size_t length = max_bytes - cut_mark.size();
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return text.substr(0, length);
}

template <typename Text>
Result<void> bound_text(Text& text, std::size_t max_bytes) {
  if (!is_utf8(text)) return fail(ErrorCode::bad_input, "an audit event is no UTF-8");
  if (text.size() <= max_bytes) return {};
  text.resize(beginning_of(text, max_bytes).size());
  text.append(cut_mark);
  return {};
}

Result<void> bound_value(json::value& value, int depth) {
  if (depth > max_depth) return fail(ErrorCode::bad_input, "an audit event's detail is too deep");
  switch (value.kind()) {
    case json::kind::string: return bound_text(value.get_string(), max_audit_text_bytes);
    case json::kind::array:
      for (auto& item : value.get_array()) KHOCHUNG_CHECK(bound_value(item, depth + 1));
      return {};
    case json::kind::object:
      for (auto& member : value.get_object()) {
        if (!is_utf8(member.key())) return fail(ErrorCode::bad_input, "a member is no UTF-8");
        KHOCHUNG_CHECK(bound_value(member.value(), depth + 1));
      }
      return {};
    case json::kind::int64:
      if (-max_exact_integer <= value.get_int64() && value.get_int64() <= max_exact_integer) {
        return {};
      }
      break;
    case json::kind::uint64:
      if (value.get_uint64() <= static_cast<std::uint64_t>(max_exact_integer)) return {};
      break;
    case json::kind::double_: break;
    default: return {};
  }
  return fail(ErrorCode::bad_input, "an audit event holds whole numbers up to 2^53");
}

Result<void> bound_detail(json::object& detail) {
  json::value value = std::move(detail);
  KHOCHUNG_CHECK(bound_value(value, 0));
  const auto bytes = canonical_json(value).size();
  detail = bytes <= max_audit_detail_bytes ? std::move(value.get_object())
                                           : json::object{{std::string(cut_mark), bytes}};
  return {};
}

/// Whether the canonical form of `value` exists.
bool has_fraction(const json::value& value) {
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_fraction);
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object,
                               [](const auto& member) { return has_fraction(member.value()); });
  }
  return value.is_double();
}

tl::unexpected<Error> no_entry() {
  return fail(ErrorCode::corrupt, "no entry of an audit chain of version 1");
}

/// Takes `text` away from the end of `line` (or the beginning), if it stands there.
bool drop_suffix(std::string_view& line, std::string_view text) {
  if (!line.ends_with(text)) return false;
  line.remove_suffix(text.size());
  return true;
}
bool drop_prefix(std::string_view& line, std::string_view text) {
  if (!line.starts_with(text)) return false;
  line.remove_prefix(text.size());
  return true;
}

/// Takes JSON in canonical form away from the beginning of a text, as far as it is of the plain
/// kind that nearly all of it is: no \u escapes, no signs, plain names of members. Says no where it
/// is not sure. Knows nothing of UTF-8.
class PlainJson {
 public:
  explicit PlainJson(std::string_view text) : rest_(text) {}

  bool drop(std::string_view text) { return drop_prefix(rest_, text); }
  bool drop_string(std::string_view& content) {
    if (!drop("\"")) return false;
    std::size_t end = 0;
    for (; end < rest_.size() && rest_[end] != '"'; ++end) {
      if (static_cast<unsigned char>(rest_[end]) < 0x20) return false;
      if (rest_[end] != '\\') continue;
      ++end;
      if (end == rest_.size() || !is_short_escape(rest_[end])) return false;
    }
    content = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return drop("\"");
  }
  bool drop_value(int depth = 0) {
    std::string_view content;
    if (rest_.empty() || depth > max_depth) return false;
    switch (rest_[0]) {
      case '"': return drop_string(content);
      case '{': return drop_object(depth);
      case '[': return drop_array(depth);
      default: return drop("true") || drop("false") || drop("null") || drop_number();
    }
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  static bool is_short_escape(char c) {
    return std::string_view("\"\\bfnrt").find(c) != std::string_view::npos;
  }
  static bool is_plain_name(std::string_view name) {
    return std::ranges::all_of(name, [](char c) { return c >= 0x20 && c != '\\'; });
  }
  bool drop_number() {
    const auto digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits == 0 || digits > 15 || (digits > 1 && rest_[0] == '0')) return false;
    rest_.remove_prefix(digits);
    return true;
  }
  bool drop_array(int depth) {
    if (!drop("[")) return false;
    if (drop("]")) return true;
    do {
      if (!drop_value(depth + 1)) return false;
    } while (drop(","));
    return drop("]");
  }
  bool drop_object(int depth) {
    if (!drop("{")) return false;
    if (drop("}")) return true;
    std::optional<std::string_view> before;
    do {
      std::string_view name;
      if (!drop_string(name) || !is_plain_name(name) || (before && *before >= name)) return false;
      if (!drop(":") || !drop_value(depth + 1)) return false;
      before = name;
    } while (drop(","));
    return drop("}");
  }

  std::string_view rest_;
};

bool is_canonical_instant(std::string_view text) {
  return text.size() == instant_bytes && text[10] == 'T' && text[17] < '6' && text[19] == '.' &&
         text.find_first_not_of("0123456789", 20) == instant_bytes - 1 && text.ends_with('Z') &&
         instant_from_rfc3339(text).has_value();
}

bool drop_seq(std::string_view& line, std::uint64_t& seq) {
  if (!drop_suffix(line, "}")) return false;
  const auto digits = line.size() - line.find_last_not_of("0123456789") - 1;
  const char* end = line.data() + line.size();
  const char* begin = end - digits;
  if (digits == 0 || digits > 16 || *begin == '0') return false;
  std::from_chars(begin, end, seq);
  line.remove_suffix(digits);
  return drop_suffix(line, ",\"seq\":");
}

bool drop_previous(std::string_view& line, std::optional<Digest>& previous) {
  if (!drop_suffix(line, "null")) {
    if (!drop_suffix(line, "\"") || line.size() < hex_digits) return false;
    const auto digest = Digest::parse(line.substr(line.size() - hex_digits));
    if (!digest) return false;
    previous = *digest;
    line.remove_suffix(hex_digits);
    if (!drop_suffix(line, "\"")) return false;
  }
  return drop_suffix(line, ",\"previous\":");
}

/// A line that begins and ends as an entry does.
struct Parts {
  AuditLink link;
  std::string_view front;  ///< everything before `previous`
};

std::optional<Parts> parts_of(std::string_view line) {
  Parts parts;
  auto& link = parts.link;
  if (!drop_seq(line, link.seq) || !drop_previous(line, link.previous)) return {};
  parts.front = line;
  if (!drop_prefix(line, "{\"action\":\"")) return {};
  link.action = line.substr(0, line.find('"'));
  line.remove_prefix(link.action.size());
  if (!drop_prefix(line, "\",\"at\":\"") || line.size() < instant_bytes) return {};
  link.month = line.substr(0, 7);
  line.remove_prefix(instant_bytes);
  return line.starts_with("\",\"by\":\"") ? std::optional(parts) : std::nullopt;
}

/// The beginning of an entry for certain, if it says so.
bool is_plain_front(std::string_view front) {
  PlainJson json(front);
  std::string_view text;
  return json.drop("{\"action\":") && json.drop_string(text) && json.drop(",\"at\":") &&
         json.drop_string(text) && is_canonical_instant(text) && json.drop(",\"by\":") &&
         json.drop_string(text) && json.drop(",\"detail\":") && json.rest().starts_with('{') &&
         json.drop_value() && json.drop(",\"from\":") && json.drop_string(text) &&
         json.drop(",\"object\":") && json.drop_string(text) && json.rest().empty() &&
         is_utf8(front);
}

}  // namespace

Result<AuditEvent> bounded(AuditEvent event) {
  if (!is_action(event.action) || event.action.size() > max_audit_name_bytes) {
    return fail(ErrorCode::bad_input, "this is no name of an action");
  }
  if (to_rfc3339(event.at).size() != instant_bytes || event.at < Instant{}) {
    return fail(ErrorCode::bad_input, "an audit event of no year between 1970 and 9999");
  }
  for (auto* text : {&event.by, &event.from, &event.object}) {
    KHOCHUNG_CHECK(bound_text(*text, max_audit_name_bytes));
  }
  KHOCHUNG_CHECK(bound_detail(event.detail));
  return event;
}

std::string line_of(const AuditEntry& entry) {
  const auto& event = entry.event;
  json::object object{{"seq", event.seq},       {"at", to_rfc3339(event.at)},
                      {"by", event.by},         {"from", event.from},
                      {"action", event.action}, {"object", event.object},
                      {"detail", event.detail}};
  object["previous"] = entry.previous ? json::value(entry.previous->hex()) : nullptr;
  return canonical_json(object);
}

Result<AuditEntry> entry_from_line(std::string_view line) {
  json::error_code error;
  const auto value = json::parse(line, error);
  const JsonReader read(value);
  const auto* detail = read.find("detail");
  if (error || has_fraction(value) || detail == nullptr || !detail->is_object()) return no_entry();
  AuditEntry entry;
  auto& event = entry.event;
  event.seq = static_cast<std::uint64_t>(read.integer("seq"));
  event.by = read.string("by");
  event.from = read.string("from");
  event.action = read.string("action");
  event.object = read.string("object");
  event.detail = detail->get_object();
  const auto at = instant_from_rfc3339(read.string("at"));
  const auto previous = Digest::parse(read.string("previous"));
  if (!at) return no_entry();
  event.at = *at;
  if (previous) entry.previous = *previous;
  if (line_of(entry) != line) return no_entry();
  return entry;
}

std::optional<AuditLink> link_of(std::string_view line) {
  const auto parts = parts_of(line);
  return parts ? std::optional(parts->link) : std::nullopt;
}

std::optional<AuditLink> checked_link_of(std::string_view line) {
  const auto parts = parts_of(line);
  if (!parts || (!is_plain_front(parts->front) && !entry_from_line(line))) return {};
  return parts->link;
}

}  // namespace khochung::storage

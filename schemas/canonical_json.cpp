#include "schemas/canonical_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace khochung {
namespace {

/// Orders UTF-8 as its UTF-16 code units would be ordered (RFC 8785, 3.2.3): by bytes, except that
/// U+E000..U+FFFF (lead bytes EE, EF) come after the supplementary planes (F0..F4).
bool utf16_less(std::string_view left, std::string_view right) {
  const auto rank = [](unsigned char lead) {
    return lead == 0xEE || lead == 0xEF ? lead + 0x10 : lead;
  };
  const auto length = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < length; ++i) {
    const auto a = static_cast<unsigned char>(left[i]);
    const auto b = static_cast<unsigned char>(right[i]);
    if (a != b) return rank(a) < rank(b);
  }
  return left.size() < right.size();
}

void write_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          std::array<char, 8> escape{};
          std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
          out += escape.data();
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void write(const boost::json::value& value, std::string& out);

void write_object(const boost::json::object& object, std::string& out) {
  std::vector<const boost::json::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  std::ranges::sort(members,
                    [](const auto* a, const auto* b) { return utf16_less(a->key(), b->key()); });
  out += '{';
  for (const auto* member : members) {
    if (out.back() != '{') out += ',';
    write_string(member->key(), out);
    out += ':';
    write(member->value(), out);
  }
  out += '}';
}

void write(const boost::json::value& value, std::string& out) {
  switch (value.kind()) {
    case boost::json::kind::null: out += "null"; break;
    case boost::json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case boost::json::kind::int64: out += std::to_string(value.get_int64()); break;
    case boost::json::kind::uint64: out += std::to_string(value.get_uint64()); break;
    case boost::json::kind::double_: std::abort();  // our records hold no fractions
    case boost::json::kind::string: write_string(value.get_string(), out); break;
    case boost::json::kind::array: {
      out += '[';
      for (const auto& item : value.get_array()) {
        if (out.back() != '[') out += ',';
        write(item, out);
      }
      out += ']';
      break;
    }
    case boost::json::kind::object: write_object(value.get_object(), out); break;
  }
}

}  // namespace

std::string canonical_json(const boost::json::value& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace khochung

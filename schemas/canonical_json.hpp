#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace khochung {

/// The one byte sequence that stands for `value`: sorted members, no white space, shortest escapes.
/// Our records hold strings, integers, booleans, null, lists and objects; no fractions.
/// Source: RFC 8785.
std::string canonical_json(const boost::json::value& value);

}  // namespace khochung

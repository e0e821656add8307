#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "schemas/error.hpp"

namespace khochung::app {

/// One JSON text on standard output.
void print_json(const boost::json::value& value);
void print_line(std::string_view text);

/// Says the error to the person (or as JSON to a machine) and gives the exit code.
int print_error(const Error& error, bool as_json);

}  // namespace khochung::app

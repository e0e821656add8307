#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/material.hpp"
#include "schemas/unit.hpp"

namespace khochung::storage {

/// One line of CSV with its CR LF. Cells that a spreadsheet would take for a formula (they begin
/// with = + - @, TAB or CR) get an apostrophe in front.
/// Source: RFC 4180; OWASP, "CSV Injection".
std::string csv_row(const std::vector<std::string>& cells);

/// Materials as a table for spreadsheets: id, revision, each field of material_fields, and what
/// else a row can hold.
/// Excel reads a CSV as UTF-8 only when it begins with a byte order mark.
enum class ByteOrderMark { none, utf8 };
std::string metadata_csv_header(ByteOrderMark mark);
std::string metadata_csv_row(const Material& material);

/// One line of canonical JSON, as the record says it.
std::string metadata_json_line(const Material& material);
std::string metadata_json_line(const Unit& unit);

/// Units as a table; `parent` and `successors` are codes where `units` has them, so that
/// `khochung unit import` takes them.
std::string units_csv(const std::vector<Unit>& units, ByteOrderMark mark);

}  // namespace khochung::storage

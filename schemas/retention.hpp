#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/material.hpp"

/// How long what is in the archive must be kept, and the paper trail on which it may be destroyed.
namespace khochung {

/// How long something is kept, counted from the end of the year it is of.
struct RetentionTerm {
  std::optional<int> years;  ///< absent: permanently

  bool operator==(const RetentionTerm&) const = default;
};

constexpr int longest_retention_years = 100;

/// "permanent", or years as a number. Errors: bad_input.
Result<RetentionTerm> retention_term_from(std::string_view text);
std::string to_text(const RetentionTerm& term);

/// The class of one kind of document.
struct RetentionClass {
  std::string kind;  ///< a key of schemas/vocabularies/kinds.hpp
  RetentionTerm term;
  std::string basis;  ///< the rule it stands on

  bool operator==(const RetentionClass&) const = default;
};

/// The table that administrators edit; kinds that are not in it have no class.
struct RetentionTable {
  std::vector<RetentionClass> classes;

  bool operator==(const RetentionTable&) const = default;
};

/// What holds until someone has edited the table. The steps (permanent, 70, 20, 10 and 5 years) are
/// those in use; which kind has which is a proposal, and its basis says so.
/// Source: Luật Lưu trữ 33/2024/QH15.
RetentionTable proposed_retention();

/// The table's record: one vocabulary with this id.
Uuid retention_table_id();
boost::json::value to_json(const RetentionTable& table);
/// Errors: bad_input for an unknown kind, one that stands twice, or a term that is none.
Result<RetentionTable> retention_table_from_json(const boost::json::value& value);

/// The term of a material: its own, or that of its kind; nothing where it has no class.
std::optional<RetentionTerm> term_of(const Material& material, const RetentionTable& table);
/// The rule it stands on; empty for a term of its own.
std::string basis_of(const Material& material, const RetentionTable& table);

/// The first day on which it may be destroyed; nothing where it has no class, is permanent, or
/// where nobody knows what year it is of. A period counts from its last year.
std::optional<std::chrono::year_month_day> due_on(const Material& material,
                                                  const RetentionTable& table);

/// How the catalogue files it for the due list: "=10" for a term of its own, else its kind.
std::string retention_key(const Material& material);

/// The year under which the catalogue files a date: its first four digits; 0 where it has none.
int filing_year(std::string_view date);

/// Whether it may be destroyed on `today`.
bool is_due(const Material& material, const RetentionTable& table,
            std::chrono::year_month_day today);

}  // namespace khochung

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "server/app/client.hpp"

namespace khochung::app {

/// Adds or changes the units of a table (CSV, JSONL, or xlsx, which a program of `programs` reads);
/// successors may stand further down.
int import_units(Client& client, const std::filesystem::path& file,
                 const std::filesystem::path& programs, bool prints_json);
int list_units(Client& client, bool prints_json);

/// What is decided about units: schemas/unit_changes.hpp says what each word means.
struct UnitDecision {
  std::string action;
  std::string day;
  std::vector<std::string> units, into;
  std::string why;
  bool is_preview = false;
};
int change_units(Client& client, const UnitDecision& decision, bool prints_json);

}  // namespace khochung::app

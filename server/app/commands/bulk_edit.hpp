#pragma once

#include <string>
#include <vector>

#include "server/app/commands/queries.hpp"

namespace khochung::app {

/// Many materials changed in one go: those that a search finds, or those that are named.
struct BulkEditOptions {
  SearchOptions search;
  std::vector<std::string> materials;  ///< ids, in place of a search
  std::vector<std::string> sets;       ///< "field=value"
  std::vector<std::string> clears;     ///< fields that become empty
  std::string note;
  std::string undo;  ///< the id of the edit to take back, in place of all the others
  bool applies = false;
};

/// Shows what would change; with `applies` changes it. Gives the exit code.
int bulk_edit(Client& client, const BulkEditOptions& options, bool prints_json);

}  // namespace khochung::app

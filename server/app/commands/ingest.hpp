#pragma once

#include <string>
#include <vector>

#include "server/app/client.hpp"
#include "server/app/commands/shipment.hpp"

namespace khochung::app {

struct IngestOptions {
  std::vector<std::string> paths;
  std::string manifest;
  GroupBy group_by = GroupBy::nothing;
  bool waits = true;
  bool prints_json = false;
  std::map<std::string, std::string>
      fields;  ///< of every material that the manifest says nothing else of
};

/// Sends files to the archive and waits until each is searchable or has failed. Gives the exit
/// code: 0, 1 when a file failed, or that of the error that ended it.
int ingest(Client& client, const IngestOptions& options);

}  // namespace khochung::app

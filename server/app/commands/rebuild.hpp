#pragma once

#include <filesystem>

#include "indexer/pipeline/catalogue_rebuild.hpp"
#include "server/app/client.hpp"
#include "server/app/data_folder.hpp"

namespace khochung::app {

/// Builds the search index anew while the archive goes on; gives the exit code.
int rebuild_index(Client& client, bool prints_json);

/// Waits until everything is read and in the index; false: it was interrupted before.
/// Errors: those of the API.
Result<bool> wait_for_readers(Client& client);

struct RebuildOptions {
  DataPaths paths;
  std::filesystem::path programs;  ///< where the worker programs lie
  bool waits = true;               ///< until what has to be read again is read
  bool prints_json = false;
};

/// Builds the catalogue from the records, beside the old one until it is whole; nobody may own the
/// folder. Errors: locked; disk_full; unavailable.
Result<pipeline::RebuildProgress> rebuild_catalogue(const DataPaths& paths);

/// Brings catalogue, index and derivatives back from the store alone. The old catalogue, if there
/// is one, is kept beside the new one as catalogue.sqlite.old; in PostgreSQL it is emptied first.
/// One that was cut off goes on where it stood. Gives the exit code: locked while another process
/// owns the folder; corrupt when records were damaged, and what stood before them counts.
int rebuild(const RebuildOptions& options);

}  // namespace khochung::app

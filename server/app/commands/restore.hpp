#pragma once

#include <filesystem>
#include <string>

#include "server/app/data_folder.hpp"

namespace khochung::app {

struct RestoreOptions {
  std::string source;  ///< a folder, or s3://BUCKET/PREFIX?endpoint=URL
  std::string run;     ///< id or number; empty: the newest
  DataPaths paths;     ///< empty, or left by the same restore
  std::filesystem::path programs;
  bool waits = true;  ///< until what has to be read again is read
  bool prints_json = false;
};

/// Puts a run of a backup set into an empty data folder, everything held against its digest, then
/// proves the archive as `verify` does; gives the exit code. A restore that was cut off leaves a
/// folder that nothing else opens, and is taken up by the same command. A catalogue that this
/// program cannot use is built from the records instead.
int restore(const RestoreOptions& options);

}  // namespace khochung::app

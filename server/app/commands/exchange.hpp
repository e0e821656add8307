#pragma once

#include <filesystem>
#include <string>

#include "server/app/client.hpp"
#include "server/app/commands/api_source.hpp"
#include "storage/packages/package_reader.hpp"

namespace khochung::app {

struct ExportOptions {
  std::filesystem::path target;
  std::string format = "bagit";  ///< bagit, ocfl, jsonl, csv
  ApiSource::Selection selection;
  bool prints_json = false;
};

/// Writes the archive, or a part of it, as a package or as tables of its units and materials; gives
/// the exit code. A bag that was begun is gone on with.
int export_archive(Client& client, const ExportOptions& options);

/// Whether the folder is a package that can be taken; prints why not. Gives the exit code.
int check_package(const std::filesystem::path& folder, bool prints_json);

/// A bag all of which was checked, to be taken over.
struct SoundPackage {
  storage::PackageReader reader;
  std::uint64_t materials = 0;
};
/// Reads every byte. Errors: not_found; corrupt "bad_package" with its first fault; unavailable.
Result<SoundPackage> open_sound_package(const std::filesystem::path& folder);

/// Takes the package over; gives the exit code: conflict when something of it has
/// another history here, the rest is taken then. Run again, it goes on where it stopped.
int import_package(Client& client, SoundPackage& package, bool prints_json);

}  // namespace khochung::app

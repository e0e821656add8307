#pragma once

#include <filesystem>

#include "server/app/data_folder.hpp"

namespace khochung::app {

/// Looks at what the archive depends on (disk, clock, programs, certificate, copies, backups) and
/// says for each finding what to do. Exit code: 0 when nothing is bad, else that of `unavailable`.
int doctor(const DataPaths& paths, const std::filesystem::path& programs, bool prints_json);

}  // namespace khochung::app

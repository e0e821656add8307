#pragma once

#include <filesystem>

#include "server/app/data_folder.hpp"

namespace khochung::app {

/// Says what this machine has and lacks: the readers and their sandboxes, Tesseract's languages,
/// free space. Exit code: 0 when everything that is needed is there, else that of `unavailable`.
int doctor(const DataPaths& paths, const std::filesystem::path& programs, bool prints_json);

}  // namespace khochung::app

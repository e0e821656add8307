#pragma once

#include <string>

#include "server/app/data_folder.hpp"

namespace khochung::app {

/// Sends a mail to `address` at once, as config.toml says, whoever owns the data folder: it shows
/// whether the archive can send mail, and why not. Gives the exit code.
int test_mail(const DataPaths& paths, const std::string& address, bool prints_json);

}  // namespace khochung::app

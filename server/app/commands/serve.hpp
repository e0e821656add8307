#pragma once

#include <filesystem>
#include <string>

#include "server/app/data_folder.hpp"
#include "server/pages/site.hpp"

namespace khochung::app {

struct ServeOptions {
  std::string listen = "127.0.0.1:8080";
  std::string tls_certificate, tls_key;
  pages::Site site;
  int ocr_threads = 2;
  bool waits = false;  ///< until the folder is free
};

/// Serves until SIGTERM or SIGINT. Gives the exit code.
int serve(const DataPaths& paths, const std::filesystem::path& programs,
          const ServeOptions& options);

}  // namespace khochung::app

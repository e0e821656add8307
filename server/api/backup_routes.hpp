#pragma once

#include <filesystem>

#include "server/api/services.hpp"
#include "server/http/router.hpp"

namespace khochung::api {

/// Where lies what a backup takes as it is.
struct OwnFiles {
  std::filesystem::path records, audit, audit_key, catalogue, accounts;
  std::filesystem::path scratch;  ///< for files that live as long as an answer
};

/// /api/v1/blobs, /records, /snapshots, /audit/files and /backups: what a backup is made of, for
/// the owner of the data folder alone.
void add_backup_routes(http::Router& router, const Services& services, const OwnFiles& files);

}  // namespace khochung::api

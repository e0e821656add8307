#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "indexer/pipeline/scrubber.hpp"
#include "schemas/result.hpp"
#include "server/app/data_folder.hpp"
#include "server/http/address.hpp"
#include "server/http/rate_limiter.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/fixity/checked_blobs.hpp"
#include "storage/uploads/upload_store.hpp"

namespace khochung::app {

/// What stands in config.toml; each has a default, and the file may be absent.
/// Source: schemas/formats.md.
struct Config {
  // [server]: what `serve` takes when its options do not say otherwise
  std::optional<std::string> listen, tls_certificate, tls_key, origin, site_name;
  std::optional<int> ocr_threads;
  /// Addresses and networks whose word about who asks is taken.
  std::vector<std::string> proxies;
  http::TrustedProxies::Speech proxy_header = http::TrustedProxies::Speech::x_forwarded;
  /// Where the lines of requests go, in the data folder unless the path is absolute; empty: to the
  /// log.
  std::string access_log;
  std::size_t access_log_bytes = std::size_t{64} << 20U;
  std::size_t access_log_files = 14;

  // [limits]
  http::RateLimiter::Rates rates;

  // [store]
  /// Where blobs lie: a folder, or an address as S3Address::parse reads it. Empty: the data folder.
  std::string blobs;
  /// More copies of every blob, each a folder or an address.
  std::vector<std::string> replicas;
  /// How much of blobs that lie in S3 is kept on this machine's disk.
  std::uint64_t cache_bytes = 20ULL << 30U;
  storage::VerifyOnRead verify_on_read = storage::VerifyOnRead::fresh;

  // [catalogue]
  /// An address as libpq reads it; empty: SQLite in the data folder.
  std::string catalogue;

  // [accounts]
  storage::AccountStore::Settings accounts;

  // [uploads]
  storage::UploadStore::Settings uploads;

  // [mail]: empty members where nothing is said
  struct Mail {
    std::string server, user, password_file, from, from_name, ca_file;
  };
  std::optional<Mail> mail;

  // [oidc]: empty members where nothing is said
  struct Oidc {
    /// A row of [[oidc.grants]].
    struct Grant {
      std::string claim, value, unit, unit_claim, role;
    };
    std::string issuer, client_id, client_secret_file, name, name_en, ca_file;
    std::string name_claim = "preferred_username";
    std::vector<std::string> scopes{"profile", "email"};
    std::vector<std::string> second_factor_values;
    std::vector<Grant> grants;
    std::chrono::days rights_last{30};
  };
  std::optional<Oidc> oidc;

  // [scrub]
  pipeline::Scrubber::Settings scrub;

  /// What Catalogue::open is told.
  [[nodiscard]] std::string catalogue_location(const DataPaths& paths) const {
    return catalogue.empty() ? paths.catalogue().string() : catalogue;
  }
  /// Errors: bad_input, naming the line and what is wrong with it; unavailable.
  static Result<Config> read(const std::filesystem::path& file);
};

}  // namespace khochung::app

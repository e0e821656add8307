#pragma once

#include <chrono>
#include <string>

#include "schemas/result.hpp"

namespace khochung::access {

/// What goes to a provider's token endpoint.
struct FormPost {
  std::string url;
  std::string body;                ///< application/x-www-form-urlencoded
  std::string authorization = {};  ///< the value of the field; empty: none
};

/// What came back, whatever its status.
struct ProviderAnswer {
  long status = 0;
  std::string body;
};

/// Whether libcurl would go to such an address: HTTPS, or plain HTTP on this machine, with a host,
/// without user, password or fragment.
bool is_provider_address(const std::string& url);

/// Asks a provider over HTTPS, its certificate verified. It follows no redirection, keeps no
/// connection and takes at most most_bytes.
/// Threads: safe from many threads; a call takes `longest` at most.
class ProviderClient {
 public:
  static constexpr std::chrono::milliseconds longest{5'000};
  static constexpr std::size_t most_bytes = std::size_t{256} << 10U;

  /// `ca_file`: whose certificates are trusted; empty: those of the system.
  explicit ProviderClient(std::string ca_file);

  /// Errors: unavailable "provider_away".
  [[nodiscard]] Result<ProviderAnswer> get(const std::string& url) const;
  [[nodiscard]] Result<ProviderAnswer> post(const FormPost& form) const;

 private:
  [[nodiscard]] Result<ProviderAnswer> send(const std::string& url, const FormPost* form) const;

  std::string ca_file_;
};

}  // namespace khochung::access

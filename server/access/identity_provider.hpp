#pragma once

#include <atomic>
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.hpp"
#include "schemas/guarded.hpp"
#include "schemas/result.hpp"
#include "server/access/claim_grants.hpp"
#include "server/access/id_token.hpp"
#include "server/access/provider_client.hpp"
#include "server/access/web_keys.hpp"
#include "server/http/message.hpp"

namespace khochung::access {

/// What [oidc] of config.toml says.
struct ProviderSettings {
  std::string issuer, client_id, client_secret;
  std::string name, name_en;  ///< on the button; name_en is never empty
  std::vector<std::string> scopes;
  std::string name_claim;  ///< what new accounts are called by
  std::vector<std::string>
      second_factor_values;  ///< of acr or amr: the sign-in had a second factor
  std::vector<GrantRule> rules;
  std::chrono::days rights_last{30};  ///< without another sign-in
  std::string ca_file;                ///< empty: the system's
};

/// What somebody goes to the provider for.
enum class ProviderErrand { sign_in, link };

/// The way there: where the browser goes, and what it keeps meanwhile.
struct WayToProvider {
  std::string location;
  std::string kept;  ///< the value of the cookie
};

/// Whom the provider has proven.
struct ProviderWord {
  std::string subject;
  boost::json::object claims;
  bool had_second_factor = false;  ///< one that counts here
  ProviderErrand errand = ProviderErrand::sign_in;
  std::string next;  ///< as it was given to begin()
};

/// Signing in by OpenID Connect: authorization code flow with PKCE, state and nonce. What belongs
/// to one sign-in stands in a cookie of the browser that began it, and nowhere else: state, nonce
/// and verifier are digests of it, and of the session's token where an account is linked. The
/// provider is asked for its metadata and keys when they are first needed and once an hour, and for
/// new keys when a token names one that is not known, at most twice a minute. Threads: safe from
/// many threads; a few at once wait for the provider, others are turned away. Source: OpenID
/// Connect Core 1.0 and Discovery 1.0; RFC 7636; RFC 9207; RFC 9700.
class IdentityProvider {
 public:
  explicit IdentityProvider(ProviderSettings settings);

  [[nodiscard]] const ProviderSettings& settings() const { return settings_; }
  [[nodiscard]] const std::string& name(Language language) const;

  /// What the browser comes back with.
  struct Start {
    ProviderErrand errand = ProviderErrand::sign_in;
    std::string next;           ///< where to go on afterwards, at most longest_next bytes
    std::string session_token;  ///< for a link: of the session that asks for it
    std::string redirect_uri;
  };
  static constexpr std::size_t longest_next = 2'000;
  /// Errors: unavailable "provider_away", "provider_busy"; bad_input "provider_answer".
  Result<WayToProvider> begin(const Start& start);

  /// The answer that the browser brings from the provider. `session_token`: of the present session.
  /// Errors: those of begin(); bad_input "provider_start_again" for what this browser did not begin
  ///         and "provider_answer" for what does not hold; forbidden "provider_cancelled",
  ///         "provider_refused".
  Result<ProviderWord> finish(const http::Request& request, std::string_view session_token,
                              const std::string& redirect_uri);

  /// What the browser went for, as it says itself.
  static ProviderErrand errand_of(const http::Request& request);

  /// The Set-Cookie field of what the browser keeps; an empty value makes it forget.
  static std::string cookie_field(const http::Request& request, const std::string& kept);

 private:
  using Clock = std::chrono::steady_clock;
  /// What the provider says of itself.
  struct Metadata {
    std::string authorization_endpoint, token_endpoint, jwks_uri;
    bool takes_basic = true;  ///< client_secret_basic; else client_secret_post
    bool names_issuer = false;
    WebKeys keys;
    Clock::time_point fetched_at{};
  };
  using Shared = std::shared_ptr<const Metadata>;
  struct Known {
    Shared metadata;
    bool is_fetching = false;
    Clock::time_point next_try{};       ///< after a failure
    Clock::time_point keys_next_try{};  ///< of keys that were not known
  };

  Result<Shared> metadata();
  [[nodiscard]] Result<Metadata> fetch_metadata() const;
  [[nodiscard]] Result<WebKeys> fetch_keys(const std::string& url) const;
  Result<Shared> metadata_with_key(const IdToken& token);
  [[nodiscard]] Result<boost::json::object> redeem(const FormPost& form) const;
  [[nodiscard]] FormPost redemption_of(const Metadata& metadata, std::string_view code,
                                       std::string_view verifier,
                                       const std::string& redirect_uri) const;
  Result<boost::json::object> claims_for(std::string_view code, std::string_view kept_secret,
                                         const std::string& redirect_uri);
  [[nodiscard]] bool had_second_factor(const boost::json::object& claims) const;

  ProviderSettings settings_;
  ProviderClient client_;
  Guarded<Known> known_;
  std::atomic<int> under_way_{0};
};

}  // namespace khochung::access

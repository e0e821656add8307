#pragma once

#include <string>

#include "indexer/pipeline/unit_directory.hpp"
#include "schemas/access/policy.hpp"
#include "schemas/result.hpp"
#include "server/http/message.hpp"
#include "storage/accounts/account_store.hpp"

namespace khochung::access {

/// Who stands behind a request.
struct Identity {
  Viewer viewer;
  std::string csrf_token;  ///< of the session; empty without one
};

/// The network of a client's address, by which tries are counted: an IPv4 address without its last
/// byte, an IPv6 address without its last half.
std::string network_of(const std::string& address);

/// Finds out who asks: control.sock, a session's cookie, a bearer token, or nobody.
/// Threads: safe from many threads.
class Doorkeeper {
 public:
  /// `limiter`: how often an account may ask, whatever network it comes from; none: as it likes.
  Doorkeeper(storage::AccountStore& accounts, pipeline::UnitDirectory& units,
             std::shared_ptr<http::RateLimiter> limiter = {})
      : accounts_(accounts), units_(units), limiter_(std::move(limiter)) {}

  /// A request without credentials, or with those of a session that is over, is anonymous.
  /// A local administrator may look through another's eyes by `X-Act-As: anonymous` or an account's
  /// name. Errors: unauthenticated for a wrong bearer token; not_found for X-Act-As.
  [[nodiscard]] Result<Identity> identify(const http::Request& request) const;

  /// What an account may now, whoever asks: for what acts in its name, such as a sharing link.
  /// Errors: not_found when there is none or it is disabled.
  [[nodiscard]] Result<Viewer> viewer_named(std::string_view account) const;

  /// Whether identify() would say that nobody is signed in, without looking anything up.
  [[nodiscard]] static bool shows_no_credentials(const http::Request& request);

  /// For requests that change something: identify() and, for sessions, the token of X-CSRF-Token or
  /// of the form. Errors: those of identify; unauthenticated for nobody; forbidden, reason "csrf".
  [[nodiscard]] Result<Identity> identify_for_change(const http::Request& request,
                                                     std::string_view form_token = {}) const;

  /// For what nobody in particular may ask for, too: as identify_for_change() for whoever is signed
  /// in. Errors: those of identify; forbidden, reason "csrf", also for what another site sent.
  [[nodiscard]] Result<Identity> identify_asker(const http::Request& request,
                                                std::string_view form_token = {}) const;

  /// Errors: unauthenticated "wrong_password"; unavailable "too_many_attempts"; forbidden "csrf"
  /// for a form
  ///         that another site sent.
  Result<storage::Session> sign_in(const http::Request& request, std::string_view name,
                                   std::string_view password);
  /// The Set-Cookie field that begins a session.
  [[nodiscard]] static std::string cookie_of(const storage::Session& session);
  /// Ends the request's session and gives the Set-Cookie field that makes the browser forget it.
  std::string sign_out(const http::Request& request);

 private:
  [[nodiscard]] Viewer viewer_of(const storage::Account& account) const;
  [[nodiscard]] Result<Viewer> acting_as(std::string_view name) const;

  [[nodiscard]] Result<Identity> recognise(const http::Request& request) const;

  storage::AccountStore& accounts_;
  pipeline::UnitDirectory& units_;
  std::shared_ptr<http::RateLimiter> limiter_;
};

}  // namespace khochung::access

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
  std::string csrf_token;          ///< of the session; empty without one
  bool is_by_token = false;        ///< a bearer token speaks for its person
  bool had_second_factor = false;  ///< of the session, at a provider
};

/// The network of a client's address, by which tries are counted: an IPv4 address without its last
/// byte, an IPv6 address without its last half.
std::string network_of(const std::string& address);

/// The browser of a request as the account store counts and shows it.
storage::SignInFrom sign_in_from(const http::Request& request, std::string_view code = {});

/// The token of the session that the request's cookie names; empty without one.
std::string_view session_token_of(const http::Request& request);

/// Errors: forbidden, reason "csrf", when a browser says that another site made it send this.
Result<void> refuse_other_sites(const http::Request& request);

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
  /// name. Errors: unauthenticated for a wrong bearer token; forbidden, reason "read_token", for
  /// one that may only read, with any method that may change something; not_found for X-Act-As.
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

  /// For what only the person may do who is signed in here: as identify_for_change(), and never by
  /// a token. Errors: those; forbidden "needs_session".
  [[nodiscard]] Result<Identity> identify_in_person(const http::Request& request,
                                                    std::string_view form_token = {}) const;

  /// `code`: of the second step, where it comes with the password. The session may await a code.
  /// Errors: those of AccountStore::sign_in; forbidden "csrf" for a form that another site sent.
  Result<storage::Session> sign_in(const http::Request& request, std::string_view name,
                                   std::string_view password, std::string_view code);
  /// The code that sign_in() awaited, known by a cookie of its own.
  /// Errors: those of AccountStore::finish_sign_in; forbidden "csrf".
  Result<storage::Session> finish_sign_in(const http::Request& request, std::string_view code);
  /// The Set-Cookie fields that begin a session, or the wait for its code, and let a browser be
  /// known later. Programs get that of the session alone. What came over TLS goes over nothing
  /// else.
  static void add_cookies(http::Response& response, const http::Request& request,
                          const storage::Session& session);
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

#pragma once

#include <optional>
#include <string>

#include "server/access/identity_provider.hpp"
#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/message.hpp"

/// Signing in and linking by a provider of OpenID Connect: what pages ask for, what the audit chain
/// is told.
namespace khochung::api {

/// Where the provider sends browsers back to.
inline constexpr std::string_view provider_answer_path = "/sign-in/provider/answer";

/// The way to the provider. Errors: not_found where none is configured; those of
/// IdentityProvider::begin.
Result<access::WayToProvider> way_to_provider(const Services& services,
                                              const http::Request& request, const Site& site,
                                              access::IdentityProvider::Start start);

/// Who came back from the provider.
struct Comeback {
  std::string next;
  std::optional<storage::Session> session;  ///< none when an account was linked
};
/// Signs in, or links the account that is signed in, and renews the rights of the provider.
/// Errors: those of IdentityProvider::finish, IdentityStore::enter and link; unauthenticated where
///         nobody is signed in whose account could be linked; those of the audit chain.
Result<Comeback> come_back(const Services& services, const http::Request& request,
                           const Site& site);

/// Errors: those of IdentityStore::unlink.
Result<void> unlink_identity(const Services& services, const http::Request& request,
                             const access::Viewer& viewer, std::string_view id);

}  // namespace khochung::api

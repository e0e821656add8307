#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/api/readable.hpp"
#include "server/api/site.hpp"
#include "storage/accounts/share_store.hpp"

/// Sharing links: who may make them, and what they still open. A link never gives more than its
/// maker may give at that moment.
namespace khochung::delivery {

/// Whether the viewer may pass the material on by a link: whoever may read and publish it, as long
/// as it is neither taken out nor in quarantine; a press release or kit that was not published yet
/// only by or after the spokesperson.
bool may_share(const access::Viewer& viewer, const api::Readable& readable);

/// The material, for whoever may pass it on by a link, or could if it were not taken out.
/// Errors: not_found; gone; unauthenticated for nobody; forbidden.
Result<api::Readable> shareable(const api::Services& services, std::string_view id,
                                const access::Viewer& viewer);

/// What somebody who makes a link says of it.
struct ShareWish {
  std::string recipient;
  std::string password;  ///< empty: none
  Instant expires_at{};
  std::optional<std::int64_t> download_limit;
  std::optional<int> kit_version;
};

/// Makes a link and notes it in the audit chain.
/// Errors: those of shareable(); bad_input, reason "share_expiry", "share_recipient" when not
///         everybody may see the material and nobody is named, "short_password"; conflict, reason
///         "share_taken_out" or "share_kit_unpublished"; not_found for a version that is not there.
Result<storage::NewShare> make_share(const api::Services& services, const http::Request& request,
                                     const access::Viewer& viewer, std::string_view material,
                                     const ShareWish& wish);

/// The link, for its maker and for whoever may publish its material; another's looks like none.
/// Errors: not_found.
Result<storage::Share> share_for(const api::Services& services, std::string_view id,
                                 const access::Viewer& viewer);

/// Ends a link and notes it. Errors: those of share_for().
Result<void> revoke_share(const api::Services& services, const http::Request& request,
                          const access::Viewer& viewer, std::string_view id);

/// "/s/<token>".
std::string share_path(std::string_view token);

/// {id, material, kit_version, maker, recipient, made_at, expires_at, has_password, download_limit,
/// opened, downloaded, used_at, revoked_at, state}; `state` is "open", "expired", "revoked" or
/// "used_up".
boost::json::object share_json(const storage::Share& share, Instant now);

/// What a link opens at this moment.
struct Shared {
  storage::Share share;
  std::string token;
  api::Readable readable;
  /// Of a press kit: with the files of the version that is shared.
  std::optional<Material> kit;
};

/// What the token opens: as long as the link is not over and its maker could make it again.
/// Errors: not_found, the same for whatever ended it; unavailable; corrupt.
Result<Shared> shared_by(const api::Services& services, std::string_view token);

/// Counts what a holder does, and notes it in the audit chain, unless it goes on with what the same
/// client began lately. Errors: not_found when the limit was used up meanwhile; those of the chain.
Result<void> note_use(const api::Services& services, const http::Request& request,
                      const Shared& shared, const storage::ShareUse& use);

/// A file of the material or of the kit's version, or the kit's ZIP; counted as a download when its
/// bytes are sent. Pictures that a page shows count as its opening.
/// Errors: not_found, for what is new also when the limit is used up; corrupt; unavailable.
Result<http::Response> shared_file(const api::Services& services, const http::Request& request,
                                   const Shared& shared, const std::string& name);
Result<http::Response> shared_kit(const api::Services& services, const http::Request& request,
                                  const Shared& shared);
Result<http::Response> shared_picture(const api::Services& services, const http::Request& request,
                                      const Shared& shared);

}  // namespace khochung::delivery

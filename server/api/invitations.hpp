#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/unit_tree.hpp"
#include "server/api/services.hpp"
#include "server/http/message.hpp"
#include "storage/accounts/invitation_store.hpp"

/// Links that let somebody choose a password once: who may make them, and what using one does. All
/// of it stands in the audit chain.
namespace khochung::api {

/// Invites somebody. `viewer` sends a change, as identify_for_change() knows. `unit`: id or code;
/// empty: the root.
/// Errors: forbidden for whoever does not administer the unit; bad_input for the unit or role;
/// those
///         of InvitationStore::invite.
struct InvitationWish {
  std::string name, unit, role;
};
Result<storage::NewInvitation> invite(const Services& services, const http::Request& request,
                                      const access::Viewer& viewer, const InvitationWish& wish);

/// Lets the person choose a new password, for whoever administers every unit at which the account
/// has a right; for one without any right, and for names that nobody has, whoever administers the
/// root. Errors: forbidden; not_found.
Result<storage::NewInvitation> reset_account(const Services& services, const http::Request& request,
                                             const access::Viewer& viewer, const std::string& name);

/// Erases what is known of an account's person: by the person, or by whoever may reset the account.
/// Errors: forbidden; not_found; conflict "last_administrator" when nobody else administers a unit
///         that it does.
Result<void> erase_account(const Services& services, const http::Request& request,
                           const access::Viewer& viewer, const std::string& name);

/// Those that still open and that `viewer` could make.
Result<std::vector<storage::Invitation>> invitations_for(const Services& services,
                                                         const access::Viewer& viewer);
/// Errors: not_found, also for one that somebody else may end.
Result<void> revoke_invitation(const Services& services, const http::Request& request,
                               const access::Viewer& viewer, std::string_view id);

/// What a link opens, as long as its maker could make it again.
/// Errors: not_found, the same for every link that does not open.
Result<storage::Invitation> opened_invitation(const Services& services, std::string_view token);

/// What was chosen by whoever holds a link.
struct Acceptance {
  std::string_view token;
  std::string_view name;  ///< of the first account; not looked at for others
  std::string_view password;
};
/// Uses the link and signs in with a session of its own; who recovered an account by mail signs in
/// with the new password, and with the second step where there is one.
/// Errors: those of opened_invitation() and InvitationStore::accept; forbidden "csrf".
Result<std::optional<storage::Session>> accept_invitation(const Services& services,
                                                          const http::Request& request,
                                                          const Acceptance& acceptance);

/// "/invitation/<token>"
std::string invitation_path(std::string_view token);
boost::json::object invitation_json(const storage::Invitation& invitation, const UnitTree& tree);

}  // namespace khochung::api

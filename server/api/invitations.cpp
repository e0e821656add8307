#include "server/api/invitations.hpp"

#include <boost/json.hpp>

#include "server/api/administration.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/work_news.hpp"

namespace khochung::api {
namespace {

using boost::json::object;
using storage::Invitation;
using storage::InvitationKind;

/// The units that an administrator must administer for this account; nothing where it takes the
/// whole tree.
std::vector<UnitNumber> units_of(const storage::Account& account, const UnitTree& tree) {
  std::vector<UnitNumber> units;
  for (const auto& grant : account.grants) {
    if (grant.ends_at && *grant.ends_at <= now()) continue;
    const Unit* unit = tree.find(grant.unit);
    if (unit == nullptr) return {};
    units.push_back(unit->number);
  }
  return units;
}

Result<std::vector<UnitNumber>> or_root(std::vector<UnitNumber> units, const UnitTree& tree) {
  if (!units.empty()) return units;
  if (tree.root() == nullptr) return fail(ErrorCode::forbidden, "there is no unit yet");
  return std::vector<UnitNumber>{tree.root()->number};
}

/// The units that one must administer to make or end such a link.
Result<std::vector<UnitNumber>> units_for(const Services& services, const Invitation& invitation,
                                          const UnitTree& tree) {
  if (invitation.kind == InvitationKind::join && invitation.grant) {
    const Unit* unit = tree.find(invitation.grant->unit);
    return or_root(unit == nullptr ? std::vector<UnitNumber>() : std::vector{unit->number}, tree);
  }
  const auto account = services.accounts.account(invitation.name);
  return or_root(account ? units_of(*account, tree) : std::vector<UnitNumber>(), tree);
}

Result<void> expect_administrator(const access::Viewer& viewer,
                                  const std::vector<UnitNumber>& units, const UnitTree& tree) {
  if (!administers(viewer, units, tree))
    return fail(ErrorCode::forbidden, "not an administrator of this unit");
  return {};
}

/// How the accounts name whoever makes a link.
std::string maker_of(const access::Viewer& viewer) {
  return viewer.kind == access::AccountKind::local_administrator ? std::string() : viewer.name;
}

std::string_view action_of(InvitationKind kind) {
  if (kind == InvitationKind::reset) return "account.new_password";
  if (kind == InvitationKind::recover) return "account.recover";
  return kind == InvitationKind::set_up ? "account.set_up" : "account.join";
}

}  // namespace

Result<storage::NewInvitation> invite(const Services& services, const http::Request& request,
                                      const access::Viewer& viewer, const InvitationWish& wish) {
  const auto tree = services.units.tree();
  const Unit* unit = wish.unit.empty() ? tree->root() : tree->find(wish.unit);
  if (unit == nullptr)
    return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + wish.unit);
  KHOCHUNG_CHECK(expect_administrator(viewer, {unit->number}, *tree));
  const auto role = KHOCHUNG_TRY(access::role_from(wish.role));
  auto made = KHOCHUNG_TRY(
      services.accounts.invitations().invite(wish.name, {role, unit->id}, maker_of(viewer)));
  KHOCHUNG_CHECK(note_action(services, request, viewer, "account.invite", wish.name,
                             {{"unit", unit->code}, {"role", access::to_text(role)}}));
  return made;
}

Result<storage::NewInvitation> reset_account(const Services& services, const http::Request& request,
                                             const access::Viewer& viewer,
                                             const std::string& name) {
  Invitation reset;
  reset.kind = InvitationKind::reset;
  reset.name = name;
  const auto tree = services.units.tree();
  const auto units = KHOCHUNG_TRY(units_for(services, reset, *tree));
  KHOCHUNG_CHECK(expect_administrator(viewer, units, *tree));
  auto made = KHOCHUNG_TRY(services.accounts.invitations().reset(name, maker_of(viewer)));
  KHOCHUNG_CHECK(
      note_action(services, request, viewer, "account.reset", made.invitation.name, object()));
  return made;
}

Result<void> erase_account(const Services& services, const http::Request& request,
                           const access::Viewer& viewer, const std::string& name) {
  const auto account = KHOCHUNG_TRY(services.accounts.account(name));
  const auto tree = services.units.tree();
  const bool is_own =
      viewer.kind != access::AccountKind::local_administrator && viewer.name == account.name;
  if (!is_own) {
    const auto units = KHOCHUNG_TRY(or_root(units_of(account, *tree), *tree));
    KHOCHUNG_CHECK(expect_administrator(viewer, units, *tree));
  }
  // Before it is done, so that nothing is erased that the audit chain does not know of.
  return services.accounts.erase(account.name, units_above(tree), [&] {
    return note_action(services, request, viewer, "account.erase", account.name, object());
  });
}

Result<std::vector<Invitation>> invitations_for(const Services& services,
                                                const access::Viewer& viewer) {
  const auto tree = services.units.tree();
  std::vector<Invitation> shown;
  for (auto& one : KHOCHUNG_TRY(services.accounts.invitations().open_ones())) {
    const auto units = units_for(services, one, *tree);
    if (units && administers(viewer, *units, *tree)) shown.push_back(std::move(one));
  }
  return shown;
}

Result<void> revoke_invitation(const Services& services, const http::Request& request,
                               const access::Viewer& viewer, std::string_view id) {
  const auto tree = services.units.tree();
  const auto invitation = KHOCHUNG_TRY(services.accounts.invitations().invitation(id));
  const auto units = KHOCHUNG_TRY(units_for(services, invitation, *tree));
  if (!administers(viewer, units, *tree)) return fail(ErrorCode::not_found, "not theirs to end");
  KHOCHUNG_CHECK(services.accounts.invitations().revoke(id));
  return note_action(services, request, viewer, "account.invitation_end", invitation.name,
                     {{"kind", to_text(invitation.kind)}});
}

Result<Invitation> opened_invitation(const Services& services, std::string_view token) {
  auto invitation = KHOCHUNG_TRY(services.accounts.invitations().find(token));
  // The owner of the data folder has all rights and no account.
  if (invitation.maker.empty()) return invitation;
  const auto tree = services.units.tree();
  const auto maker = KHOCHUNG_TRY(services.doorkeeper.viewer_named(invitation.maker));
  if (!administers(maker, KHOCHUNG_TRY(units_for(services, invitation, *tree)), *tree))
    return fail(ErrorCode::not_found, "its maker could not make it again");
  return invitation;
}

Result<std::optional<storage::Session>> accept_invitation(const Services& services,
                                                          const http::Request& request,
                                                          const Acceptance& acceptance) {
  KHOCHUNG_CHECK(access::refuse_other_sites(request));
  auto& invitations = services.accounts.invitations();
  const auto invitation = KHOCHUNG_TRY(opened_invitation(services, acceptance.token));
  storage::InvitationStore::Chosen chosen{std::string(acceptance.name), std::nullopt};
  const auto tree = services.units.tree();
  if (const Unit* root = tree->root())
    chosen.grant = storage::AccountGrant{access::Role::administrator, root->id};
  const auto account =
      KHOCHUNG_TRY(invitations.accept(acceptance.token, acceptance.password, chosen));
  const access::Viewer person{account.kind, account.name, {}};
  KHOCHUNG_CHECK(note_action(services, request, person, action_of(invitation.kind), account.name,
                             {{"client", request.client}}));
  if (invitation.kind == InvitationKind::recover) {
    tell_account(services, account.name, "recovered");
    return std::nullopt;
  }
  return KHOCHUNG_TRY(services.accounts.begin_session(account.name, access::sign_in_from(request)));
}

std::string invitation_path(std::string_view token) {
  return "/invitation/" + std::string(token);
}

object invitation_json(const Invitation& invitation, const UnitTree& tree) {
  object json{{"id", invitation.id},
              {"kind", to_text(invitation.kind)},
              {"name", invitation.name},
              {"role", nullptr},
              {"unit", nullptr},
              {"maker", invitation.maker},
              {"made_at", to_rfc3339(invitation.made_at)},
              {"expires_at", to_rfc3339(invitation.ends_at)}};
  if (!invitation.grant) return json;
  json["role"] = access::to_text(invitation.grant->role);
  if (const Unit* unit = tree.find(invitation.grant->unit)) json["unit"] = unit->code;
  return json;
}

}  // namespace khochung::api

#include "server/api/accreditations.hpp"

#include "server/api/audit_notes.hpp"
#include "storage/accounts/invitation_store.hpp"

namespace khochung::api {
namespace {

using boost::json::object;

Result<void> expect_decides(const Services& services, const access::Viewer& viewer) {
  if (decides_about_press(viewer, *services.units.tree())) return {};
  return fail(ErrorCode::forbidden, "does not decide about the press");
}

std::string name_of(const access::Viewer& viewer) {
  return viewer.kind == access::AccountKind::local_administrator ? std::string() : viewer.name;
}

bool has_mail(const Services& services) {
  return services.postman != nullptr;
}

void ring(const Services& services) {
  if (services.postman != nullptr) services.postman->ring();
}

}  // namespace

bool decides_about_press(const access::Viewer& viewer, const UnitTree& tree) {
  if (viewer.kind == access::AccountKind::local_administrator) return true;
  if (tree.root() == nullptr) return false;
  const auto role = access::role_at(viewer, tree.root()->number, tree);
  return role && *role >= access::Role::spokesperson;
}

Result<void> ask_accreditation(const Services& services, const http::Request& request,
                               const storage::AccreditationWish& wish) {
  KHOCHUNG_CHECK(services.accounts.accreditations().ask(wish, has_mail(services),
                                                        access::network_of(request.client)));
  ring(services);
  return {};
}

Result<Granted> grant_accreditation(const Services& services, const http::Request& request,
                                    const access::Viewer& viewer, const GrantWish& wish) {
  KHOCHUNG_CHECK(expect_decides(services, viewer));
  auto one = KHOCHUNG_TRY(services.accounts.accreditations().grant(
      wish.id, wish.account, wish.ends_at, name_of(viewer), has_mail(services)));
  KHOCHUNG_CHECK(note_action(services, request, viewer, "press.grant", one.account,
                             {{"until", to_rfc3339(one.ends_at)}}));
  Granted granted{std::move(one), {}};
  ring(services);
  const bool needs_link =
      !has_mail(services) &&
      !KHOCHUNG_TRY(services.accounts.account(granted.accreditation.account)).has_password;
  if (needs_link)
    granted.token = KHOCHUNG_TRY(services.accounts.invitations().recover(
                                     granted.accreditation.account, storage::InvitationStore::life))
                        .token;
  return granted;
}

Result<storage::Accreditation> refuse_accreditation(const Services& services,
                                                    const http::Request& request,
                                                    const access::Viewer& viewer,
                                                    std::string_view id, std::string_view reason) {
  KHOCHUNG_CHECK(expect_decides(services, viewer));
  auto one = KHOCHUNG_TRY(
      services.accounts.accreditations().refuse(id, reason, name_of(viewer), has_mail(services)));
  KHOCHUNG_CHECK(note_action(services, request, viewer, "press.refuse", one.id.text(), object()));
  ring(services);
  return one;
}

Result<storage::Accreditation> end_accreditation(const Services& services,
                                                 const http::Request& request,
                                                 const access::Viewer& viewer,
                                                 std::string_view id) {
  KHOCHUNG_CHECK(expect_decides(services, viewer));
  auto one = KHOCHUNG_TRY(services.accounts.accreditations().end(id));
  KHOCHUNG_CHECK(note_action(services, request, viewer, "press.end", one.account, object()));
  return one;
}

}  // namespace khochung::api

#include "server/api/provider_sign_in.hpp"

#include <boost/json.hpp>

#include "server/api/audit_notes.hpp"
#include "server/api/work_news.hpp"
#include "server/http/encoding.hpp"
#include "storage/accounts/identity_store.hpp"

namespace khochung::api {
namespace {

using access::IdentityProvider;
using access::ProviderErrand;
using boost::json::object;

constexpr std::size_t longest_label = 100;

Result<IdentityProvider*> provider_of(const Services& services) {
  if (services.identity_provider == nullptr)
    return fail(ErrorCode::not_found, "no provider of sign-in is configured");
  return services.identity_provider;
}

std::string redirect_uri(const http::Request& request, const Site& site) {
  return origin_of(request, site) + std::string(provider_answer_path);
}

/// How the person is called there: the first of these claims that can be shown.
std::string label_of(const access::ProviderSettings& settings, const access::ProviderWord& word) {
  for (const std::string_view claim : {std::string_view(settings.name_claim),
                                       std::string_view("email"), std::string_view("name")}) {
    auto text = access::claim_text(word.claims, claim);
    if (!text.empty() && text.size() <= longest_label && !http::has_control(text)) return text;
  }
  return word.subject;
}

storage::ProvenPerson person_of(const Services& services, const access::ProviderSettings& settings,
                                const access::ProviderWord& word) {
  return {settings.issuer, word.subject, label_of(settings, word),
          access::claim_text(word.claims, settings.name_claim),
          access::grants_of(settings.rules, word.claims, *services.units.tree(),
                            now() + settings.rights_last)};
}

/// "editor ldld-hn, reader tld": as the pages of the audit log show it.
std::string words_of(const Services& services, const std::vector<storage::AccountGrant>& grants) {
  const auto tree = services.units.tree();
  std::string words;
  for (const auto& grant : grants) {
    const Unit* unit = tree->find(grant.unit);
    words += (words.empty() ? "" : ", ") + std::string(access::to_text(grant.role)) + " " +
             (unit == nullptr ? grant.unit.text() : unit->code);
  }
  return words;
}

/// What became of an account stands in the chain before anybody is let in. `action`: empty where
/// only changes of rights are worth a line.
Result<void> note_entrance(const Services& services, const http::Request& request,
                           const storage::Entrance& entrance, std::string_view action) {
  const bool has_changed = !entrance.given.empty() || !entrance.taken.empty();
  if (action.empty() && !has_changed) return {};
  const access::Viewer person{entrance.account.kind, entrance.account.name, {}};
  object detail{{"client", request.client}};
  // Where the provider is no longer configured its identities can still be unlinked.
  if (services.identity_provider != nullptr)
    detail["provider"] = services.identity_provider->settings().issuer;
  detail["given"] = words_of(services, entrance.given);
  detail["taken"] = words_of(services, entrance.taken);
  return note_action(services, request, person, action.empty() ? "account.provider_rights" : action,
                     entrance.account.name, std::move(detail));
}

Result<std::string> entered(const Services& services, const http::Request& request,
                            const storage::ProvenPerson& person) {
  const auto entrance = KHOCHUNG_TRY(services.accounts.identities().enter(person));
  KHOCHUNG_CHECK(note_entrance(services, request, entrance, entrance.is_new ? "account.join" : ""));
  if (!entrance.refusal.empty())
    return fail(ErrorCode::forbidden, entrance.refusal, "the account lets nobody in");
  return entrance.account.name;
}

Result<Comeback> linked(const Services& services, const http::Request& request,
                        const storage::ProvenPerson& person) {
  const auto identity = KHOCHUNG_TRY(services.doorkeeper.identify(request));
  if (identity.csrf_token.empty())
    return fail(ErrorCode::unauthenticated, "nobody is signed in whose account could be linked");
  const auto entrance =
      KHOCHUNG_TRY(services.accounts.identities().link(identity.viewer.name, person));
  KHOCHUNG_CHECK(note_entrance(services, request, entrance, entrance.is_new ? "account.link" : ""));
  if (entrance.is_new) tell_account(services, identity.viewer.name, "linked");
  return Comeback{"/account?done=linked", std::nullopt};
}

}  // namespace

Result<access::WayToProvider> way_to_provider(const Services& services,
                                              const http::Request& request, const Site& site,
                                              IdentityProvider::Start start) {
  auto* provider = KHOCHUNG_TRY(provider_of(services));
  start.redirect_uri = redirect_uri(request, site);
  return provider->begin(start);
}

Result<Comeback> come_back(const Services& services, const http::Request& request,
                           const Site& site) {
  auto* provider = KHOCHUNG_TRY(provider_of(services));
  const auto& settings = provider->settings();
  const auto word =
      provider->finish(request, access::session_token_of(request), redirect_uri(request, site));
  // What this browser did not begin is nobody's try to sign in.
  if (!word && word.error().reason == "provider_start_again") return fail(word.error());
  if (word && word->errand == ProviderErrand::link)
    return linked(services, request, person_of(services, settings, *word));
  Proven proven{word ? entered(services, request, person_of(services, settings, *word))
                     : Result<std::string>(fail(word.error())),
                settings.issuer, word && word->had_second_factor};
  auto session = KHOCHUNG_TRY(begin_proven_session(services, request, proven));
  return Comeback{word->next, std::move(session)};
}

Result<void> unlink_identity(const Services& services, const http::Request& request,
                             const access::Viewer& viewer, std::string_view id) {
  const auto gone = KHOCHUNG_TRY(services.accounts.identities().unlink(viewer.name, id));
  KHOCHUNG_CHECK(note_entrance(services, request, gone, "account.unlink"));
  tell_account(services, viewer.name, "unlinked");
  return {};
}

}  // namespace khochung::api

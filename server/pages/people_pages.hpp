#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/pages/pages.hpp"
#include "storage/accounts/account_store.hpp"
#include "storage/accounts/accreditation_store.hpp"
#include "storage/accounts/address_store.hpp"
#include "storage/accounts/data_request_store.hpp"
#include "storage/accounts/identity_store.hpp"
#include "storage/accounts/invitation_store.hpp"

/// The pages of people's own accounts: links that let them in, the second step, /account. Pure, as
/// all pages.
namespace khochung::pages {

/// What a link that works once shows.
struct InvitationView {
  std::string address;  ///< of the link, which the form goes back to
  storage::Invitation invitation;
  std::string unit;   ///< at which the role holds
  std::string name;   ///< as typed, of the first account
  std::string error;  ///< a sentence or ""
};
std::string invitation_page(const PageContext& context, const InvitationView& view);

/// Asks for the code after a right password, or after the word of a provider.
struct SignInCodeView {
  std::string next;
  std::string error = {};     ///< a sentence or ""
  std::string provider = {};  ///< whose word it was; empty: a password
};
std::string sign_in_code_page(const PageContext& context, const SignInCodeView& view);

/// The way to the provider whose account shall be linked.
struct LinkView {
  std::string provider;
  std::string address;  ///< at the provider
};
std::string link_page(const PageContext& context, const LinkView& view);

/// Asks for the name or the address of whoever forgot the password. `error`: a sentence or "".
std::string forgot_page(const PageContext& context, std::string_view typed, std::string_view error);

/// One thing that is done or to be done: a heading, a sentence and perhaps a button.
struct StepView {
  std::string key;     ///< of the texts "<key>.title" and "<key>.lead"
  std::string about;   ///< what it is about, or ""
  std::string button;  ///< key of the button's text; empty: there is nothing to press
};
std::string step_page(const PageContext& context, const StepView& view);

/// Somebody's own account.
struct AccountView {
  bool has_mail = false;  ///< there is a mail server
  std::optional<storage::AccountAddress> address;
  std::string typed_address;

  std::vector<storage::SessionLine> sessions;
  std::string present_session;  ///< id of the one that looks
  std::vector<storage::TokenLine> tokens;
  bool has_second_step = false;
  bool rights_rest = false;  ///< of an administrator, until the second step is on
  int recovery_codes_left = 0;
  std::string provider;  ///< of sign-in; empty: none
  std::vector<storage::IdentityLine> identities;
  bool is_linked = false;  ///< with that provider
  bool has_password = true;
  bool may_invite = false;  ///< administers some unit
  bool decides_about_press = false;
  std::string new_token;           ///< that was just made
  std::string label, days = "90";  ///< as typed
  std::string done;                ///< what was just done: a key behind "account.done."
  std::string error;               ///< a sentence or ""
};
std::string account_page(const PageContext& context, const AccountView& view);

/// Where an administrator invites people and resets their accounts.
struct PeopleView {
  struct Unit {
    std::string code, name;
  };
  std::vector<Unit> units;  ///< that the person administers, as many as a list can offer
  std::vector<storage::Invitation> open;
  std::vector<std::string> open_units;  ///< the unit of each of those, or ""
  std::string made_url;                 ///< of a link that was just made
  std::string made_for;
  std::string name, unit, role = "reader";  ///< as typed
  bool is_revoked = false;                  ///< one was just ended
  std::string error;                        ///< a sentence or ""
};
std::string people_page(const PageContext& context, const PeopleView& view);

/// What a journalist has typed who asks for a press account.
struct PressTyped {
  std::string person, newsroom, card, telephone, purpose, address;
  std::string error;  ///< a sentence or ""
};
/// `decides`: the viewer decides about the press.
std::string press_page(const PageContext& context, const PressTyped& typed, bool decides);

/// Where those who decide about the press see who asks and who is let in.
struct PressView {
  std::vector<storage::Accreditation> waiting, in_force;
  std::string ends_on;             ///< the day that is offered as the end
  std::string done;                ///< a sentence or ""
  std::string made_url, made_for;  ///< of a link that no mail carries
  std::string error;               ///< a sentence or ""
};
std::string press_requests_page(const PageContext& context, const PressView& view);

/// What somebody has typed who asks about data of one's own.
struct PrivacyTyped {
  std::string wish, person, address, subject;
  std::string error;  ///< a sentence or ""
};
/// `answers`: the viewer answers such requests.
std::string privacy_page(const PageContext& context, const PrivacyTyped& typed, bool answers);
/// `done`, `error`: a sentence or "". `by_mail`: the answer goes out by itself.
std::string privacy_requests_page(const PageContext& context,
                                  const std::vector<storage::DataRequest>& open,
                                  std::string_view done, std::string_view error, bool by_mail,
                                  Instant at);

/// Where a second step begins: what an authenticator program needs.
struct SecondStepView {
  std::string qr;      ///< SVG
  std::string secret;  ///< in base32
  std::string error;   ///< a sentence or ""
};
std::string second_step_page(const PageContext& context, const SecondStepView& view);

/// The recovery codes, this once.
std::string recovery_codes_page(const PageContext& context, const std::vector<std::string>& codes);

}  // namespace khochung::pages

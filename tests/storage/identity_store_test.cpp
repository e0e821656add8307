#include "storage/accounts/identity_store.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "storage/accounts/invitation_store.hpp"
#include "storage/accounts/second_step_store.hpp"
#include "storage/accounts/totp.hpp"
#include "tests/storage/accounts_file.hpp"

namespace khochung::storage {
namespace {

constexpr std::string_view password = "mật khẩu dài";
const SignInFrom office{"203.0.113"};

struct Home : AccountsFile {
  UnitId unit = UnitId::make();
  UnitId other = UnitId::make();

  AccountStore& store() { return *opened; }
  IdentityStore& identities() { return opened->identities(); }
  ProvenPerson person(std::string subject, std::vector<AccountGrant> grants,
                      std::string name = "") {
    return {"https://sso.example.vn", subject, subject, name.empty() ? subject : name,
            std::move(grants)};
  }
  ProvenPerson editor(std::string subject, std::string name = "") {
    return person(std::move(subject), {{access::Role::editor, unit}}, std::move(name));
  }
  void add(std::string_view name) {
    BOOST_TEST_REQUIRE(
        store()
            .add({std::string(name), access::AccountKind::union_person, {}, false}, password)
            .has_value());
  }
};

template <typename T>
std::string_view reason_of(const Result<T>& result) {
  return result ? std::string_view("done") : result.error().reason;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(identity_store)

BOOST_AUTO_TEST_CASE(the_first_time_makes_an_account_without_a_password) {
  Home home;
  const auto came = home.identities().enter(home.editor("lan")).value();
  BOOST_TEST(came.is_new);
  BOOST_TEST(came.account.name == "lan");
  BOOST_TEST(came.account.grants.size() == 1U);
  BOOST_TEST(!home.store().account("lan").value().has_password);
  BOOST_TEST(reason_of(home.store().sign_in("lan", "", office)) == "wrong_password");
  BOOST_TEST(!home.identities().enter(home.editor("lan")).value().is_new);
  BOOST_TEST(home.store().accounts().value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_identity_is_issuer_and_subject_and_never_a_name) {
  Home home;
  home.add("Lan");
  BOOST_TEST(home.identities().enter(home.editor("1", "lan")).value().account.name == "lan-2");
  auto elsewhere = home.editor("1", "lan");
  elsewhere.issuer += "/other";
  BOOST_TEST(home.identities().enter(elsewhere).value().account.name == "lan-3");
  for (const auto* name : {"l\u00e0n", "LAN ", "a b", "system", "anonymous"}) {
    const auto made = home.identities().enter(home.editor(name, name)).value();
    BOOST_TEST(made.account.name != name);
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_somebody_was_invited_to_is_not_taken) {
  Home home;
  BOOST_TEST_REQUIRE(
      home.store().invitations().invite("minh", {access::Role::editor, home.unit}, "").has_value());
  BOOST_TEST(home.identities().enter(home.editor("minh")).value().account.name == "minh-2");
}

BOOST_AUTO_TEST_CASE(without_a_right_nobody_new_comes_in) {
  Home home;
  BOOST_TEST(reason_of(home.identities().enter(home.person("lan", {}))) == "provider_no_right");
  BOOST_TEST(home.store().accounts().value().empty());
}

BOOST_AUTO_TEST_CASE(rights_of_the_provider_are_renewed_and_those_by_hand_stay) {
  Home home;
  BOOST_TEST_REQUIRE(home.identities().enter(home.editor("lan")).has_value());
  // By hand the same and another one.
  auto grants = home.store().account("lan").value().grants;
  grants.push_back({access::Role::editor, home.unit});
  grants.push_back({access::Role::reader, home.other});
  BOOST_TEST_REQUIRE(home.store().set_grants("lan", grants, {}).has_value());
  BOOST_TEST(home.store().account("lan").value().grants.size() == 3U);
  const auto came =
      home.identities().enter(home.person("lan", {{access::Role::archivist, home.other}})).value();
  BOOST_TEST(came.given.size() == 1U);
  BOOST_TEST(came.taken.size() == 1U);
  const auto kept = home.store().account("lan").value().grants;
  BOOST_TEST(kept.size() == 3U);
  BOOST_TEST(std::ranges::count_if(kept, &AccountGrant::is_from_provider) == 1);
  BOOST_TEST_REQUIRE(home.store().set_grants("lan", {}, {}).has_value());
  BOOST_TEST(home.store().account("lan").value().grants.size() == 1U);
}

BOOST_AUTO_TEST_CASE(whoever_has_no_right_left_is_let_in_no_more) {
  Home home;
  const auto name = home.identities().enter(home.editor("lan")).value().account.name;
  const auto session = home.store().begin_session(name, office).value();
  const auto came = home.identities().enter(home.person("lan", {})).value();
  BOOST_TEST(came.refusal == "provider_no_right");
  BOOST_TEST(came.taken.size() == 1U);
  BOOST_TEST(!home.store().session(session.token).has_value());
}

BOOST_AUTO_TEST_CASE(a_disabled_account_lets_nobody_in) {
  Home home;
  const auto name = home.identities().enter(home.editor("lan")).value().account.name;
  BOOST_TEST_REQUIRE(home.store().set_disabled(name, true).has_value());
  BOOST_TEST(home.identities().enter(home.editor("lan")).value().refusal == "account_disabled");
  BOOST_TEST(!home.store().begin_proven_session(name, office).has_value());
}

BOOST_AUTO_TEST_CASE(
    an_identity_is_linked_to_one_account_and_gives_its_rights_until_it_is_unlinked) {
  Home home;
  home.add("lan");
  home.add("minh");
  BOOST_TEST(home.identities().link("lan", home.editor("s")).value().is_new);
  BOOST_TEST(reason_of(home.identities().link("minh", home.editor("s"))) == "identity_taken");
  BOOST_TEST(home.identities().enter(home.editor("s")).value().account.name == "lan");
  const auto id = home.identities().identities_of("lan").value().front().id;
  BOOST_TEST(!home.identities().unlink("minh", id).has_value());
  BOOST_TEST_REQUIRE(home.identities().unlink("lan", id).has_value());
  BOOST_TEST(home.store().account("lan").value().grants.empty());
  BOOST_TEST(home.identities().identities_of("lan").value().empty());
}

BOOST_AUTO_TEST_CASE(the_press_gets_no_role_by_claims) {
  Home home;
  BOOST_TEST_REQUIRE(
      home.store().add({"bao", access::AccountKind::press, {}, false}, password).has_value());
  BOOST_TEST(home.identities().link("bao", home.editor("s")).value().account.grants.empty());
}

BOOST_AUTO_TEST_CASE(the_last_way_in_is_not_unlinked) {
  Home home;
  const auto name = home.identities().enter(home.editor("lan")).value().account.name;
  const auto id = home.identities().identities_of(name).value().front().id;
  BOOST_TEST(reason_of(home.identities().unlink(name, id)) == "identity_only_way");
  BOOST_TEST_REQUIRE(home.store().set_password(name, password).has_value());
  BOOST_TEST(home.identities().unlink(name, id).has_value());
}

BOOST_AUTO_TEST_CASE(a_reset_takes_away_what_was_linked_and_not_what_the_account_was_made_for) {
  Home home;
  const auto name = home.identities().enter(home.editor("lan")).value().account.name;
  BOOST_TEST_REQUIRE(home.identities().link(name, home.editor("thief")).has_value());
  BOOST_TEST_REQUIRE(home.store().invitations().reset(name, "").has_value());
  const auto left = home.identities().identities_of(name).value();
  BOOST_TEST_REQUIRE(left.size() == 1U);
  BOOST_TEST(left.front().label == "lan");
  BOOST_TEST(home.store().account(name).value().grants.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_second_step_is_asked_for_unless_the_provider_did) {
  Home home;
  const auto name = home.identities().enter(home.editor("lan")).value().account.name;
  const auto secret = home.store().second_steps().begin(name).value();
  const auto code =
      totp::code_of(totp::from_base32(secret).value(), totp::step_at(home.time)).value();
  BOOST_TEST_REQUIRE(home.store().second_steps().confirm(name, code).has_value());
  BOOST_TEST(home.store().begin_proven_session(name, office).value().awaits_code);
  auto from = office;
  from.had_second_factor = true;
  BOOST_TEST(!home.store().begin_proven_session(name, from).value().awaits_code);
}

BOOST_AUTO_TEST_CASE(many_who_come_at_once_are_one_account) {
  Home home;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { static_cast<void>(home.identities().enter(home.editor("lan"))); });
  }
  threads.clear();
  BOOST_TEST(home.store().accounts().value().size() == 1U);
  BOOST_TEST(home.identities().identities_of("lan").value().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include "storage/accounts/invitation_store.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "storage/accounts/second_step_store.hpp"
#include "storage/accounts/totp.hpp"
#include "tests/storage/accounts_file.hpp"

namespace khochung::storage {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view password = "mật khẩu dài";
const SignInFrom office{"203.0.113"};

struct Home : AccountsFile {
  UnitId unit = UnitId::make();

  AccountStore& store() { return *opened; }
  InvitationStore& invitations() { return opened->invitations(); }
  NewInvitation invite(std::string_view name = "Lan") {
    return invitations().invite(name, {access::Role::editor, unit}, "hoa").value();
  }
  Result<Account> accept(const NewInvitation& made, std::string_view chosen = password) {
    return invitations().accept(made.token, chosen, {});
  }
  void add(std::string_view name) {
    BOOST_TEST_REQUIRE(
        store()
            .add({std::string(name), access::AccountKind::union_person, {}, false}, password)
            .has_value());
  }
};

template <typename T>
bool is_not_found(const Result<T>& result) {
  return !result && result.error().code == ErrorCode::not_found;
}

template <typename T>
std::string_view reason_of(const Result<T>& result) {
  return result ? std::string_view("done") : result.error().reason;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(invitation_store)

BOOST_AUTO_TEST_CASE(an_invitation_becomes_an_account_with_its_right_once) {
  Home home;
  const auto made = home.invite();
  BOOST_TEST(made.token.size() == 64U);
  const auto found = home.invitations().find(made.token).value();
  BOOST_TEST(found.name == "Lan");
  BOOST_TEST(found.maker == "hoa");
  BOOST_TEST((found.ends_at == home.time + days(7)));
  BOOST_TEST(is_not_found(home.store().account("Lan")));
  const auto account = home.accept(made).value();
  BOOST_TEST_REQUIRE(account.grants.size() == 1U);
  BOOST_TEST((account.grants[0].role == access::Role::editor));
  BOOST_TEST((account.grants[0].unit == home.unit));
  BOOST_TEST(home.store().sign_in("lan", password, office).has_value());
  BOOST_TEST(is_not_found(home.accept(made, "một mật khẩu khác")));
  BOOST_TEST(is_not_found(home.invitations().find(made.token)));
  BOOST_TEST(home.store().sign_in("lan", password, office).has_value());
}

BOOST_AUTO_TEST_CASE(a_short_password_uses_nothing_up) {
  Home home;
  const auto made = home.invite();
  BOOST_TEST(reason_of(home.accept(made, "7 bytes")) == "short_password");
  BOOST_TEST(home.accept(made).has_value());
}

BOOST_AUTO_TEST_CASE(an_invitation_ends_after_seven_days_and_when_it_is_revoked) {
  Home home;
  const auto late = home.invite();
  const auto revoked = home.invite("Minh");
  BOOST_TEST(home.invitations().open_ones().value().size() == 2U);
  BOOST_TEST(home.invitations().revoke(revoked.invitation.id).has_value());
  BOOST_TEST(is_not_found(home.invitations().revoke(revoked.invitation.id)));
  BOOST_TEST(is_not_found(home.accept(revoked)));
  home.time += days(7) - seconds(1);
  BOOST_TEST(home.invitations().find(late.token).has_value());
  home.time += seconds(1);
  BOOST_TEST(is_not_found(home.accept(late)));
  BOOST_TEST(is_not_found(home.invitations().invitation(late.invitation.id)));
  BOOST_TEST(home.invitations().open_ones().value().empty());
}

BOOST_AUTO_TEST_CASE(what_names_an_invitation_in_a_list_does_not_open_it) {
  Home home;
  const auto made = home.invite();
  const auto shown = home.invitations().open_ones().value();
  BOOST_TEST_REQUIRE(shown.size() == 1U);
  BOOST_TEST(shown[0].id == made.invitation.id);
  BOOST_TEST(is_not_found(home.invitations().find(shown[0].id)));
  std::ifstream file(home.file.string() + "-wal", std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  BOOST_TEST(!bytes.empty());
  BOOST_TEST((bytes.find(made.token) == std::string::npos));
}

BOOST_AUTO_TEST_CASE(a_name_that_was_taken_meanwhile_is_refused_and_the_link_stays) {
  Home home;
  const auto made = home.invite();
  home.add("LAN");
  BOOST_TEST(reason_of(home.accept(made)) == "name_taken");
  BOOST_TEST(home.invitations().find(made.token).has_value());
  BOOST_TEST(reason_of(home.invitations().invite("lan", {}, "hoa")) == "name_taken");
  BOOST_TEST((home.invitations().invite("", {}, "hoa").error().code == ErrorCode::bad_input));
}

BOOST_AUTO_TEST_CASE(of_many_who_send_it_at_once_one_gets_in) {
  Home home;
  const auto made = home.invite();
  std::atomic<int> accepted = 0;
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < 4; ++i)
      people.emplace_back([&] { accepted += home.accept(made).has_value() ? 1 : 0; });
  }
  BOOST_TEST(accepted == 1);
  BOOST_TEST(home.store().accounts().value().size() == 1U);
}

// -- resets

BOOST_AUTO_TEST_CASE(a_reset_ends_everything_that_opened_the_account) {
  Home home;
  home.add("Lan");
  const auto session = home.store().sign_in("Lan", password, office).value();
  const auto token =
      home.store()
          .make_api_token("Lan", {"máy quét", TokenScope::read, home.time + hours(1)})
          .value();
  auto& steps = home.store().second_steps();
  const auto secret = steps.begin("Lan").value();
  const auto code =
      totp::code_of(totp::from_base32(secret).value(), totp::step_at(home.time)).value();
  BOOST_TEST(steps.confirm("Lan", code).has_value());

  const auto reset = home.invitations().reset("lan", "hoa").value();
  BOOST_TEST(reset.invitation.name == "Lan");
  BOOST_TEST(!home.store().session(session.token).has_value());
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, office)) == "wrong_password");
  BOOST_TEST(home.accept(reset, "một mật khẩu khác").has_value());
  BOOST_TEST(!steps.is_on("Lan").value());
  BOOST_TEST(!home.store().holder_of_api_token(token).has_value());
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, office)) == "wrong_password");
  BOOST_TEST(!home.store().sign_in("Lan", "một mật khẩu khác", office).value().awaits_code);
  BOOST_TEST(is_not_found(home.accept(reset)));
}

BOOST_AUTO_TEST_CASE(only_the_newest_reset_of_an_account_opens) {
  Home home;
  home.add("Lan");
  home.add("Minh");
  const auto other = home.invitations().reset("Minh", "hoa").value();
  const auto first = home.invitations().reset("Lan", "hoa").value();
  const auto second = home.invitations().reset("Lan", "hoa").value();
  BOOST_TEST(is_not_found(home.accept(first)));
  BOOST_TEST(home.accept(second).has_value());
  BOOST_TEST(home.accept(other).has_value());
  BOOST_TEST(is_not_found(home.invitations().reset("nobody", "hoa")));
}

// -- the first account

BOOST_AUTO_TEST_CASE(the_first_account_is_set_up_by_a_link_of_a_day) {
  Home home;
  const auto old = home.invitations().set_up().value();
  const auto made = home.invitations().set_up().value();
  BOOST_TEST(is_not_found(home.invitations().find(old.token)));
  BOOST_TEST((made.invitation.ends_at == home.time + hours(24)));
  const InvitationStore::Chosen chosen{"Hoa", AccountGrant{access::Role::administrator, home.unit}};
  BOOST_TEST(
      (home.invitations().accept(made.token, password, {}).error().code == ErrorCode::bad_input));
  const auto account = home.invitations().accept(made.token, password, chosen).value();
  BOOST_TEST(account.name == "Hoa");
  BOOST_TEST((account.grants.at(0).role == access::Role::administrator));
  BOOST_TEST((home.invitations().set_up().error().code == ErrorCode::conflict));
}

BOOST_AUTO_TEST_CASE(a_set_up_link_makes_no_second_administrator) {
  Home home;
  BOOST_TEST(home.store()
                 .add({"Báo Lao Động", access::AccountKind::press, {}, false}, password)
                 .has_value());
  const auto made = home.invitations().set_up().value();
  home.add("Lan");
  const InvitationStore::Chosen chosen{"Hoa", AccountGrant{access::Role::administrator, home.unit}};
  BOOST_TEST(reason_of(home.invitations().accept(made.token, password, chosen)) == "name_taken");
  BOOST_TEST(is_not_found(home.store().account("Hoa")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include <boost/test/unit_test.hpp>
#include <set>

#include "storage/accounts/account_store.hpp"
#include "storage/accounts/second_step_store.hpp"
#include "storage/accounts/sqlite_accounts.hpp"
#include "storage/accounts/strict_lockout.hpp"
#include "storage/accounts/totp.hpp"
#include "tests/storage/accounts_file.hpp"

namespace khochung::storage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view password = "mật khẩu dài";
constexpr std::string_view wrong = "sai mật khẩu";
const SignInFrom office{"203.0.113"};

/// One account, "Lan", whose second step can be turned on.
struct Home : AccountsFile {
  UnitId unit = UnitId::make();
  std::string secret;

  Home() {
    BOOST_TEST_REQUIRE(
        store().add({"Lan", access::AccountKind::union_person, {}, false}, password).has_value());
  }
  AccountStore& store() { return *opened; }
  SecondStepStore& steps() { return opened->second_steps(); }
  std::string code(std::int64_t later = 0) {
    return totp::code_of(totp::from_base32(secret).value(), totp::step_at(time) + later).value();
  }
  std::vector<std::string> turn_on() {
    secret = steps().begin("Lan").value();
    return steps().confirm("lan", code()).value();
  }
  void next_code() { time += seconds(30); }
  void fail_often(const SignInFrom& from) {
    for (int i = 0; i < 5; ++i) static_cast<void>(store().sign_in("Lan", wrong, from));
  }
};

template <typename T>
std::string_view reason_of(const Result<T>& result) {
  return result ? std::string_view("done") : result.error().reason;
}

SignInFrom with_code(SignInFrom from, std::string code) {
  from.code = std::move(code);
  return from;
}

SignInFrom with_device(SignInFrom from, std::string device) {
  from.device = std::move(device);
  return from;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signing_in)

// -- codes

BOOST_AUTO_TEST_CASE(codes_are_those_of_rfc_6238_appendix_b) {
  const std::string secret = "12345678901234567890";
  const std::pair<std::int64_t, std::string> rows[] = {{59, "287082"},
                                                       {1'111'111'109, "081804"},
                                                       {1'111'111'111, "050471"},
                                                       {1'234'567'890, "005924"},
                                                       {2'000'000'000, "279037"},
                                                       {20'000'000'000, "353130"}};
  for (const auto& [second, code] : rows) {
    BOOST_TEST(totp::code_of(secret, totp::step_at(Instant(seconds(second)))).value() == code);
  }
  BOOST_TEST(totp::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").value() == secret);
  BOOST_TEST(!totp::from_base32("GEZD0").has_value());
}

BOOST_AUTO_TEST_CASE(secrets_have_160_bits_and_differ) {
  const auto one = totp::make_secret();
  BOOST_TEST(totp::from_base32(one).value().size() == 20U);
  BOOST_TEST(one != totp::make_secret());
}

BOOST_AUTO_TEST_CASE(a_second_step_counts_only_once_a_code_was_shown) {
  Home home;
  home.secret = home.steps().begin("Lan").value();
  BOOST_TEST(!home.steps().is_on("Lan").value());
  BOOST_TEST(!home.store().sign_in("Lan", password, office).value().awaits_code);
  BOOST_TEST(reason_of(home.steps().confirm("Lan", "000000")) == "wrong_code");
  BOOST_TEST(home.steps().begun("lan").value() == home.secret);
  BOOST_TEST(home.steps().confirm("Lan", home.code()).value().size() == 10U);
  BOOST_TEST(home.steps().is_on("Lan").value());
  BOOST_TEST(reason_of(home.steps().begin("Lan")) == "second_step_is_on");
  BOOST_TEST((home.steps().begun("Lan").error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(each_code_is_taken_once_and_one_step_of_drift_is_allowed) {
  Home home;
  home.turn_on();
  BOOST_TEST(reason_of(home.steps().take("Lan", home.code())) == "wrong_code");
  home.time += minutes(5);
  BOOST_TEST(reason_of(home.steps().take("Lan", home.code(-2))) == "wrong_code");
  BOOST_TEST(reason_of(home.steps().take("Lan", home.code(2))) == "wrong_code");
  BOOST_TEST(reason_of(home.steps().take("Lan", home.code(-1))) == "done");
  BOOST_TEST(reason_of(home.steps().take("Lan", home.code(-1))) == "wrong_code");
  BOOST_TEST(reason_of(home.steps().take("Lan", home.code(1))) == "done");
  // An earlier one than the last that was taken is a replay, too.
  BOOST_TEST(reason_of(home.steps().take("Lan", home.code(0))) == "wrong_code");
}

BOOST_AUTO_TEST_CASE(a_recovery_code_stands_in_once_however_it_is_typed) {
  Home home;
  const auto codes = home.turn_on();
  BOOST_TEST(std::set<std::string>(codes.begin(), codes.end()).size() == 10U);
  BOOST_TEST(home.steps().recovery_codes_left("Lan").value() == 10);
  BOOST_TEST(reason_of(home.steps().take("Lan", codes[3])) == "done");
  BOOST_TEST(reason_of(home.steps().take("Lan", codes[3])) == "wrong_code");
  auto typed = codes[4];
  std::erase(typed, '-');
  for (auto& letter : typed) letter = static_cast<char>(std::toupper(letter));
  BOOST_TEST(reason_of(home.steps().take("Lan", " " + typed)) == "done");
  BOOST_TEST(home.steps().recovery_codes_left("Lan").value() == 8);
}

BOOST_AUTO_TEST_CASE(codes_of_one_account_are_not_anothers) {
  Home home;
  const auto codes = home.turn_on();
  BOOST_TEST(home.store()
                 .add({"Minh", access::AccountKind::union_person, {}, false}, password)
                 .has_value());
  BOOST_TEST(reason_of(home.steps().take("Minh", codes[0])) == "wrong_code");
  BOOST_TEST(reason_of(home.steps().take("Nobody", codes[0])) == "wrong_code");
  BOOST_TEST(reason_of(home.steps().take("Lan", codes[0])) == "done");
}

// -- the second step of signing in

BOOST_AUTO_TEST_CASE(a_right_password_alone_is_no_session_of_an_account_with_a_second_step) {
  Home home;
  home.turn_on();
  home.next_code();
  const auto awaited = home.store().sign_in("Lan", password, office).value();
  BOOST_TEST(awaited.awaits_code);
  BOOST_TEST((home.store().session(awaited.token).error().code == ErrorCode::unauthenticated));
  BOOST_TEST(reason_of(home.store().finish_sign_in(awaited.token, "000000", office)) ==
             "wrong_code");
  const auto session = home.store().finish_sign_in(awaited.token, home.code(), office).value();
  BOOST_TEST(home.store().session(session.token).has_value());
  home.next_code();
  BOOST_TEST(reason_of(home.store().finish_sign_in(awaited.token, home.code(), office)) ==
             "sign_in_again");
}

BOOST_AUTO_TEST_CASE(the_wait_for_a_code_ends_after_five_minutes_and_after_five_tries) {
  Home home;
  home.turn_on();
  home.next_code();
  const auto late = home.store().sign_in("Lan", password, office).value();
  home.time += minutes(5);
  BOOST_TEST(reason_of(home.store().finish_sign_in(late.token, home.code(), office)) ==
             "sign_in_again");
  const auto tried = home.store().sign_in("Lan", password, office).value();
  for (int i = 0; i < 5; ++i) {
    home.time += seconds(16);
    static_cast<void>(home.store().finish_sign_in(tried.token, "000000", office));
  }
  BOOST_TEST(reason_of(home.store().finish_sign_in(tried.token, home.code(), office)) ==
             "sign_in_again");
}

BOOST_AUTO_TEST_CASE(a_code_may_come_with_the_password) {
  Home home;
  home.turn_on();
  home.next_code();
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(office, "000000"))) ==
             "wrong_code");
  BOOST_TEST(reason_of(home.store().sign_in("Lan", wrong, with_code(office, home.code()))) ==
             "wrong_password");
  const auto session = home.store().sign_in("Lan", password, with_code(office, home.code()));
  BOOST_TEST(!session.value().awaits_code);
}

// -- who is not slowed down by others

BOOST_AUTO_TEST_CASE(a_browser_that_signed_in_before_is_counted_by_itself) {
  Home home;
  const auto first = home.store().sign_in("Lan", password, office).value();
  BOOST_TEST(first.device_token.size() == 64U);
  const auto known = with_device(office, first.device_token);
  home.fail_often(office);
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, office)) == "too_many_attempts");
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_device(office, "x"))) ==
             "too_many_attempts");
  const auto again = home.store().sign_in("Lan", password, known).value();
  BOOST_TEST(again.device_token == first.device_token);
  // Its own failures count, and only for it.
  home.fail_often(known);
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, known)) == "too_many_attempts");
  home.time += hours(1);
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, office)) == "done");
}

BOOST_AUTO_TEST_CASE(a_browser_known_to_one_account_is_not_known_to_another) {
  Home home;
  BOOST_TEST(home.store()
                 .add({"Minh", access::AccountKind::union_person, {}, false}, password)
                 .has_value());
  const auto minh = home.store().sign_in("Minh", password, office).value();
  home.fail_often(office);
  BOOST_TEST(reason_of(home.store().sign_in(
                 "Lan", password, with_device(office, minh.device_token))) == "too_many_attempts");
}

BOOST_AUTO_TEST_CASE(a_right_code_is_not_kept_waiting_by_others) {
  Home home;
  home.turn_on();
  home.next_code();
  home.fail_often(office);
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(office, "000000"))) ==
             "too_many_attempts");
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(office, home.code()))) ==
             "done");
}

BOOST_AUTO_TEST_CASE(codes_cannot_be_guessed_from_many_networks) {
  Home home;
  home.turn_on();
  home.next_code();
  const auto from = [](int number) { return SignInFrom{"198.51." + std::to_string(number)}; };
  // Somebody knows the password and guesses codes, from a new network each time.
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(from(i), "000000"))) ==
               "wrong_code");
  }
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(from(9), home.code()))) ==
             "too_many_attempts");
  home.time += minutes(16);
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(from(9), home.code()))) ==
             "done");
}

BOOST_AUTO_TEST_CASE(guesses_in_place_of_a_password_are_few_and_keep_nobody_waiting) {
  Home home;
  home.turn_on();
  home.next_code();
  home.fail_often(office);
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(office, "000000"))) ==
               "too_many_attempts");
  }
  // Not even a right one is looked at now, so that none can be found by trying.
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, with_code(office, home.code()))) ==
             "too_many_attempts");
  const SignInFrom home_network{"192.0.2"};
  const auto awaited = home.store().sign_in("Lan", password, home_network).value();
  BOOST_TEST(reason_of(home.store().finish_sign_in(awaited.token, home.code(), home_network)) ==
             "done");
}

// -- the strict lock-out

BOOST_AUTO_TEST_CASE(with_a_strict_lockout_five_failures_lock_the_account_for_everybody) {
  Home home;
  const auto known =
      with_device(office, home.store().sign_in("Lan", password, office).value().device_token);
  home.opened.reset();
  home.opened = AccountStore::open(home.file, [&home] { return home.time; }, {true}).value();
  for (int i = 0; i < 5; ++i) {
    home.time += minutes(1);
    BOOST_TEST(reason_of(home.store().sign_in("lan", wrong, {std::to_string(i)})) ==
               "wrong_password");
  }
  for (const auto& from : {office, known, SignInFrom{"198.51.100"}})
    BOOST_TEST(reason_of(home.store().sign_in("Lan", password, from)) == "too_many_attempts");
  home.time += minutes(30) - seconds(1);
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, known)) == "too_many_attempts");
  home.time += seconds(1);
  BOOST_TEST(reason_of(home.store().sign_in("Lan", password, known)) == "done");
}

BOOST_AUTO_TEST_CASE(the_strict_lockout_counts_half_an_hour_and_forgets_on_success) {
  StrictLockout lockout;
  Instant time{hours(1'000)};
  for (int i = 0; i < 20; ++i) {
    time += minutes(8);
    BOOST_TEST(lockout.may_try("lan", time));
  }
  lockout.succeeded("lan");
  for (int i = 0; i < 4; ++i) BOOST_TEST(lockout.may_try("lan", time));
  lockout.succeeded("lan");
  for (int i = 0; i < 5; ++i) BOOST_TEST(lockout.may_try("lan", time));
  BOOST_TEST(!lockout.may_try("lan", time));
  BOOST_TEST(lockout.may_try("minh", time));
  // A clock that was set back.
  BOOST_TEST(lockout.may_try("lan", time - hours(100)));
}

// -- sessions and tokens as their person sees them

BOOST_AUTO_TEST_CASE(a_person_sees_and_ends_the_own_sessions_and_no_others) {
  Home home;
  BOOST_TEST(home.store()
                 .add({"Minh", access::AccountKind::union_person, {}, false}, password)
                 .has_value());
  const auto one = home.store().sign_in("Lan", password, {"203.0.113", "Firefox, Android"}).value();
  home.time += minutes(10);
  const auto other = home.store().sign_in("Lan", password, office).value();
  const auto third = home.store().sign_in("Lan", password, office).value();
  const auto lines = home.store().sessions_of("lan").value();
  BOOST_TEST_REQUIRE(lines.size() == 3U);
  BOOST_TEST(lines[2].browser == "Firefox, Android");
  BOOST_TEST(lines[2].network == "203.0.113");
  BOOST_TEST((lines[2].began_at + minutes(10) == home.time));
  BOOST_TEST(
      (home.store().end_session_of("Minh", lines[2].id).error().code == ErrorCode::not_found));
  BOOST_TEST(home.store().end_session_of("Lan", lines[2].id).has_value());
  BOOST_TEST(!home.store().session(one.token).has_value());
  BOOST_TEST(home.store().end_other_sessions("Lan", third.token).value() == 1);
  BOOST_TEST(!home.store().session(other.token).has_value());
  BOOST_TEST(home.store().session(third.token).has_value());
  BOOST_TEST((home.store().sessions_of("nobody").error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(a_token_has_a_scope_an_end_and_can_be_revoked) {
  Home home;
  const auto make = [&home](TokenScope scope, Instant until) {
    return home.store().make_api_token("Lan", {"máy quét", scope, until});
  };
  const auto reads = make(TokenScope::read, home.time + hours(1)).value();
  const auto writes = make(TokenScope::write, home.time + hours(24 * 365)).value();
  BOOST_TEST((home.store().holder_of_api_token(reads).value().scope == TokenScope::read));
  BOOST_TEST((home.store().holder_of_api_token(writes).value().scope == TokenScope::write));
  BOOST_TEST(reason_of(make(TokenScope::read, home.time)) == "token_expiry");
  BOOST_TEST(reason_of(make(TokenScope::read, home.time + hours(24 * 367))) == "token_expiry");
  BOOST_TEST(!home.store()
                  .make_api_token("Lan", {"a\nb", TokenScope::read, home.time + hours(1)})
                  .has_value());
  const auto lines = home.store().api_tokens_of("lan").value();
  BOOST_TEST_REQUIRE(lines.size() == 2U);
  for (const auto& line : lines) {
    BOOST_TEST(line.terms.label == "máy quét");
    BOOST_TEST(line.id.size() == 64U);
  }
  BOOST_TEST(home.store().revoke_api_token("lan", Digest::of(writes).hex()).has_value());
  BOOST_TEST(!home.store().holder_of_api_token(writes).has_value());
  BOOST_TEST((home.store().revoke_api_token("lan", Digest::of(writes).hex()).error().code ==
              ErrorCode::not_found));
  home.time += hours(1);
  BOOST_TEST(home.store().api_tokens_of("lan").value().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

#include "storage/accounts/account_store.hpp"

#include <sys/stat.h>

#include <array>
#include <barrier>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "storage/accounts/account_name.hpp"
#include "storage/accounts/sign_in_throttle.hpp"
#include "tests/storage/accounts_file.hpp"

namespace khochung::storage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view password = "mật khẩu dài";
const SignInFrom network{"203.0.113.0/24"};

/// One account, "Lan", and a clock that the test moves.
struct Home : AccountsFile {
  AccountStore& store = *opened;
  UnitId unit = UnitId::make();

  Home() {
    const Account lan{
        "Lan", access::AccountKind::union_person, {{access::Role::editor, unit}}, false};
    BOOST_TEST_REQUIRE(store.add(lan, password).has_value());
  }
  Session sign_in() { return store.sign_in("Lan", password, network).value(); }
  ErrorCode refusal_of(std::string_view token) { return store.session(token).error().code; }
};

TokenTerms scanner(Instant expires_at) {
  return {"máy quét", TokenScope::write, expires_at};
}

std::string_view reason_of(const Result<Session>& session) {
  return session ? std::string_view("signed in") : session.error().reason;
}

std::string all_bytes_of(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(account_store)

// -- names

BOOST_AUTO_TEST_CASE(names_compare_without_case_in_vietnamese_too) {
  const auto folded = [](std::string_view name) { return folded_account_name(name).value(); };
  BOOST_TEST(folded("Lan.NGUYEN@ldld.vn") == "lan.nguyen@ldld.vn");
  BOOST_TEST(folded("ĐẶNG THỊ ƯỚC") == "đặng thị ước");
  BOOST_TEST(folded("ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ") == "àáảãạăằắẳẵặâầấẩẫậ");
  BOOST_TEST(folded("ÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊỲÝỶỸỴ") == "èéẻẽẹêềếểễệìíỉĩịỳýỷỹỵ");
  BOOST_TEST(folded("ÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ") == "òóỏõọôồốổỗộơờớởỡợ");
  BOOST_TEST(folded("ÙÚỦŨỤƯỪỨỬỮỰ") == "ùúủũụưừứửữự");
  BOOST_TEST(folded("Nguyễn") == "nguyễn");  // NFC
  BOOST_TEST(folded("NguyE\u0302\u0303n") == "nguye\u0302\u0303n");
  BOOST_TEST(folded("đã nhỏ ×÷ß 漢 😀") == "đã nhỏ ×÷ß 漢 😀");
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_text_is_no_name) {
  for (const std::string& name :
       {std::string(), std::string(65, 'a'), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\x7F"), std::string("\xC2\x85"), std::string("\xC3"), std::string("\xC0\xAF"),
        std::string("\xED\xA0\x80"), std::string("\xF5\x80\x80\x80"), std::string("\xFF")}) {
    BOOST_TEST((folded_account_name(name).error().code == ErrorCode::bad_input));
  }
  BOOST_TEST(folded_account_name(std::string(64, 'a')).has_value());
}

// -- accounts

BOOST_AUTO_TEST_CASE(an_account_is_read_back_as_it_was_written) {
  const Home home;
  const auto account = home.store.account("lAN").value();
  BOOST_TEST(account.name == "Lan");
  BOOST_TEST_REQUIRE(account.grants.size() == 1U);
  BOOST_TEST((account.grants[0].role == access::Role::editor));
  BOOST_TEST((account.grants[0].unit == home.unit));
  BOOST_TEST((home.store.account("Minh").error().code == ErrorCode::not_found));
  BOOST_TEST((home.store.account("\xFF").error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(passwords_that_are_easy_to_guess_are_refused) {
  Home home;
  const auto refusal = [&home](std::string_view word) {
    const auto added = home.store.add({"hoang.mai", access::AccountKind::press, {}, false}, word);
    return added ? std::string() : std::string(added.error().reason);
  };
  for (const auto* word : {"12345678", "Password1!", "P@ssw0rd", "qwertyuiop", "aaaaaaaaaaaaaaaa",
                           "matkhau123", "congdoan2026", "CongDoan@2026", "khochung", "hoang.mai1"})
    BOOST_TEST(refusal(word) == "common_password", word << " is taken");
  BOOST_TEST(refusal("trời mưa ở bến xe") == "");
}

BOOST_AUTO_TEST_CASE(a_name_is_taken_in_any_case_and_short_passwords_are_refused) {
  Home home;
  const auto add = [&home](std::string_view name, std::string_view word) {
    return home.store.add({std::string(name), access::AccountKind::press, {}, false}, word);
  };
  BOOST_TEST(add("LAN", password).error().reason == "name_taken");
  BOOST_TEST(add("Minh", "7 bytes").error().reason == "short_password");
  BOOST_TEST((add("", password).error().code == ErrorCode::bad_input));
  BOOST_TEST(add("Báo Lao Động", password).has_value());
  const auto accounts = home.store.accounts().value();
  BOOST_TEST_REQUIRE(accounts.size() == 2U);
  BOOST_TEST((accounts[0].kind == access::AccountKind::press));
  BOOST_TEST(accounts[0].grants.empty());
  BOOST_TEST(accounts[1].grants.size() == 1U);
}

BOOST_AUTO_TEST_CASE(grants_are_replaced_as_a_whole) {
  Home home;
  const std::vector<AccountGrant> grants{{access::Role::reader, UnitId::make()},
                                         {access::Role::administrator, UnitId::make()}};
  BOOST_TEST(home.store.set_grants("lan", grants, {}).has_value());
  BOOST_TEST(home.store.account("Lan").value().grants.size() == 2U);
  BOOST_TEST(home.store.set_grants("lan", {}, {}).has_value());
  BOOST_TEST(home.store.account("Lan").value().grants.empty());
  BOOST_TEST((home.store.set_grants("nobody", {}, {}).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(of_two_administrators_who_leave_at_once_one_stays) {
  Home home;
  const auto above = [](UnitId unit) { return std::vector<UnitId>{unit}; };
  const auto unit = UnitId::make();
  const auto leave = [&](std::string_view name, bool erases) {
    if (erases) return home.store.erase(name, above, [] { return Result<void>(); });
    return home.store.set_grants(name, {}, above);
  };
  for (int round = 0; round < 20; ++round) {
    const std::array names{"a" + std::to_string(round), "b" + std::to_string(round)};
    for (const auto& name : names) {
      const Account one{
          name, access::AccountKind::union_person, {{access::Role::administrator, unit}}, false};
      BOOST_TEST_REQUIRE(home.store.add(one, password).has_value());
    }
    std::array<Result<void>, 2> left;
    {
      std::barrier<> together(2);
      const auto go = [&](std::size_t i) {
        together.arrive_and_wait();
        left.at(i) = leave(names.at(i), (round + i) % 3 != 0);
      };
      const std::jthread first(go, 0), second(go, 1);
    }
    BOOST_TEST(left[0].has_value() != left[1].has_value());
    const auto& refused = left[0] ? left[1] : left[0];
    BOOST_TEST(refused.error().reason == "last_administrator");
    const auto& stays = left[0] ? names[1] : names[0];
    BOOST_TEST(home.store.account(stays).value().grants.size() == 1U);
    BOOST_TEST(home.store.erase(stays, {}, [] { return Result<void>(); }).has_value());
  }
}

BOOST_AUTO_TEST_CASE(an_account_that_cannot_be_noted_is_not_erased) {
  Home home;
  const auto refusal = [] { return Result<void>(fail(ErrorCode::unavailable, "no audit")); };
  BOOST_TEST((home.store.erase("Lan", {}, refusal).error().code == ErrorCode::unavailable));
  BOOST_TEST(home.store.account("Lan").has_value());
}

BOOST_AUTO_TEST_CASE(the_file_is_for_its_owner_alone_and_holds_no_secret) {
  Home home;
  const auto session = home.sign_in();
  const auto token = home.store.make_api_token("Lan", scanner(home.time + hours(1))).value();
  struct stat status{};
  BOOST_TEST(::stat(home.file.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0077U) == 0U);
  BOOST_TEST(::stat((home.file.string() + "-wal").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0077U) == 0U);
  const auto bytes = all_bytes_of(home.folder.path());
  for (const std::string_view secret :
       {std::string_view(password), std::string_view(session.token), std::string_view(token),
        std::string_view(session.csrf_token)}) {
    BOOST_TEST((bytes.find(secret) == std::string::npos));
  }
  BOOST_TEST((bytes.find("$argon2id$v=19$m=65536,t=3,p=1$") != std::string::npos));
}

// -- signing in

BOOST_AUTO_TEST_CASE(the_right_password_begins_a_session_that_is_found_by_its_token) {
  Home home;
  const auto session = home.store.sign_in("LAN", password, network).value();
  BOOST_TEST(session.token.size() == 64U);
  BOOST_TEST(session.account.name == "Lan");
  const auto found = home.store.session(session.token).value();
  BOOST_TEST(found.account.name == "Lan");
  BOOST_TEST(found.account.grants.size() == 1U);
  BOOST_TEST(found.csrf_token == session.csrf_token);
  BOOST_TEST(found.csrf_token != session.token);
  BOOST_TEST(found.token.empty());
  BOOST_TEST((home.refusal_of("") == ErrorCode::unauthenticated));
  BOOST_TEST((home.refusal_of(session.csrf_token) == ErrorCode::unauthenticated));
}

BOOST_AUTO_TEST_CASE(wrong_passwords_unknown_names_and_disabled_accounts_get_one_answer) {
  Home home;
  BOOST_TEST(reason_of(home.store.sign_in("Lan", "sai mật khẩu", network)) == "wrong_password");
  BOOST_TEST(reason_of(home.store.sign_in("Nobody", password, network)) == "wrong_password");
  BOOST_TEST(reason_of(home.store.sign_in("", password, network)) == "wrong_password");
  BOOST_TEST(home.store.set_disabled("Lan", true).has_value());
  BOOST_TEST(reason_of(home.store.sign_in("Lan", password, network)) == "wrong_password");
  BOOST_TEST(home.store.set_disabled("Lan", false).has_value());
  BOOST_TEST(reason_of(home.store.sign_in("Lan", password, network)) == "signed in");
}

BOOST_AUTO_TEST_CASE(each_session_has_a_token_of_its_own_and_ends_alone) {
  Home home;
  const auto one = home.sign_in();
  const auto other = home.sign_in();
  BOOST_TEST(one.token != other.token);
  BOOST_TEST(home.store.end_session(one.token).has_value());
  BOOST_TEST((home.refusal_of(one.token) == ErrorCode::unauthenticated));
  BOOST_TEST(home.store.session(other.token).has_value());
}

BOOST_AUTO_TEST_CASE(a_session_unused_for_twelve_hours_is_over) {
  Home home;
  const auto session = home.sign_in();
  home.time += hours(11) + minutes(59);
  BOOST_TEST(home.store.session(session.token).has_value());
  home.time += hours(11) + minutes(59);
  BOOST_TEST(home.store.session(session.token).has_value());
  home.time += hours(12) + minutes(1);
  BOOST_TEST((home.refusal_of(session.token) == ErrorCode::unauthenticated));
}

BOOST_AUTO_TEST_CASE(a_session_is_over_after_seven_days_however_much_it_is_used) {
  Home home;
  const auto session = home.sign_in();
  for (int hour = 0; hour < 7 * 24; hour += 6) {
    BOOST_TEST(home.store.session(session.token).has_value());
    home.time += hours(6);
  }
  home.time += seconds(1);
  BOOST_TEST((home.refusal_of(session.token) == ErrorCode::unauthenticated));
}

BOOST_AUTO_TEST_CASE(a_new_password_and_disabling_end_all_sessions) {
  Home home;
  const auto first = home.sign_in();
  BOOST_TEST(home.store.set_password("lan", "một mật khẩu khác").has_value());
  BOOST_TEST((home.refusal_of(first.token) == ErrorCode::unauthenticated));
  BOOST_TEST(reason_of(home.store.sign_in("Lan", password, network)) == "wrong_password");
  const auto second = home.store.sign_in("Lan", "một mật khẩu khác", network).value();
  BOOST_TEST(home.store.set_disabled("Lan", true).has_value());
  BOOST_TEST(home.store.set_disabled("Lan", false).has_value());
  BOOST_TEST((home.refusal_of(second.token) == ErrorCode::unauthenticated));
}

BOOST_AUTO_TEST_CASE(after_five_failures_the_pair_is_slowed_down_and_others_are_not) {
  Home home;
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(reason_of(home.store.sign_in("Lan", "sai mật khẩu", network)) == "wrong_password");
  }
  BOOST_TEST(reason_of(home.store.sign_in("Lan", password, network)) == "too_many_attempts");
  BOOST_TEST(reason_of(home.store.sign_in("lAN", password, network)) == "too_many_attempts");
  BOOST_TEST(reason_of(home.store.sign_in("Lan", password, {"198.51.100.0/24"})) == "signed in");
  home.time += seconds(1);
  BOOST_TEST(reason_of(home.store.sign_in("Lan", password, network)) == "signed in");
  BOOST_TEST(reason_of(home.store.sign_in("Lan", "sai mật khẩu", network)) == "wrong_password");
}

BOOST_AUTO_TEST_CASE(accounts_and_sessions_outlive_the_process) {
  Home home;
  const auto session = home.sign_in();
  home.opened.reset();
  const auto again = AccountStore::open(home.file, [&home] { return home.time; }).value();
  BOOST_TEST(again->session(session.token).value().account.name == "Lan");
}

BOOST_AUTO_TEST_CASE(many_who_sign_in_at_once_all_get_in) {
  Home home;
  std::vector<std::string> tokens(6);
  {
    std::vector<std::jthread> people;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      people.emplace_back([&, i] {
        const auto session =
            home.store.sign_in("Lan", password, {"192.0.2." + std::to_string(i) + "/32"});
        if (session) tokens[i] = session->token;
      });
    }
  }
  const std::set<std::string> distinct(tokens.begin(), tokens.end());
  BOOST_TEST(distinct.size() == tokens.size());
  BOOST_TEST(!distinct.contains(""));
}

// -- the throttle by itself

BOOST_AUTO_TEST_CASE(the_delay_doubles_up_to_a_quarter_of_an_hour) {
  SignInThrottle throttle;
  Instant time{};
  for (int i = 0; i < 5; ++i) BOOST_TEST(throttle.may_try("lan", "n", time));
  for (int i = 0; i < 14; ++i) {
    const auto delay = std::min(seconds(1LL << i), seconds(900));
    BOOST_TEST(!throttle.may_try("lan", "n", time + delay - std::chrono::milliseconds(1)));
    time += delay;
    BOOST_TEST(throttle.may_try("lan", "n", time));
  }
  throttle.succeeded("lan", "n");
  for (int i = 0; i < 5; ++i) BOOST_TEST(throttle.may_try("lan", "n", time));
  BOOST_TEST(!throttle.may_try("lan", "n", time));
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_does_not_block_for_ever) {
  SignInThrottle throttle;
  const Instant late{hours(100'000)};
  for (int i = 0; i < 5; ++i) throttle.may_try("lan", "n", late);
  const Instant early{hours(10)};
  BOOST_TEST(!throttle.may_try("lan", "n", early));
  BOOST_TEST(throttle.may_try("lan", "n", early + minutes(15)));
}

BOOST_AUTO_TEST_CASE(a_flood_of_names_does_not_fill_the_memory) {
  SignInThrottle throttle;
  const Instant time{};
  for (int i = 0; i < 5; ++i) throttle.may_try("lan", "n", time);
  BOOST_TEST(!throttle.may_try("lan", "n", time));
  for (int i = 0; i < 10'001; ++i) throttle.may_try(std::to_string(i), "n", time);
  BOOST_TEST(throttle.may_try("lan", "n", time));
}

// -- API tokens

BOOST_AUTO_TEST_CASE(an_api_token_acts_as_its_account_until_it_expires) {
  Home home;
  const auto token = home.store.make_api_token("lan", scanner(home.time + hours(1))).value();
  BOOST_TEST(token.starts_with("kc_"));
  BOOST_TEST(home.store.holder_of_api_token(token).value().account.name == "Lan");
  BOOST_TEST(home.store.holder_of_api_token(token).value().account.grants.size() == 1U);
  BOOST_TEST((home.refusal_of(token) == ErrorCode::unauthenticated));
  BOOST_TEST(!home.store.holder_of_api_token(token + "0").has_value());
  BOOST_TEST(home.store.set_disabled("Lan", true).has_value());
  BOOST_TEST(!home.store.holder_of_api_token(token).has_value());
  BOOST_TEST(home.store.set_disabled("Lan", false).has_value());
  home.time += hours(1);
  BOOST_TEST((home.store.holder_of_api_token(token).error().code == ErrorCode::unauthenticated));
  BOOST_TEST((home.store.make_api_token("nobody", scanner(home.time + hours(1))).error().code ==
              ErrorCode::not_found));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

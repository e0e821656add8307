#include "storage/accounts/share_store.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "tests/storage/accounts_file.hpp"

namespace khochung::storage {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view password = "mật khẩu dài";
constexpr std::string_view network = "203.0.113";

/// A folder without links, and a clock that the test moves.
struct Home : AccountsFile {
  ShareStore& shares = opened->shares();
  MaterialId material = MaterialId::make();

  [[nodiscard]] ShareTerms terms() const {
    return {material, std::nullopt, "Lan", "Báo Lao Động", time + days(7), std::nullopt};
  }
  NewShare make(const ShareTerms& terms, std::string_view secret = {}) {
    return shares.make(terms, secret).value();
  }
  NewShare make_limited(std::int64_t limit) {
    auto limited = terms();
    limited.download_limit = limit;
    return make(limited);
  }
  bool finds(const std::string& token) { return shares.find(token).has_value(); }
};

ShareUse download_of(std::string what, bool may_continue = false,
                     std::string client = std::string(network)) {
  return {ShareUse::Kind::download, std::move(what), std::move(client), may_continue};
}

bool is_missing(const Result<Share>& found) {
  return !found && found.error().code == ErrorCode::not_found;
}

std::string_view reason_of(const Result<NewShare>& made) {
  return made ? std::string_view("made") : made.error().reason;
}

bool folder_has(const std::filesystem::path& folder, const std::string& words) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    if (bytes.find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(share_store)

BOOST_AUTO_TEST_CASE(a_link_is_found_by_its_token_and_by_nothing_else) {
  Home home;
  const auto made = home.make(home.terms());
  BOOST_TEST(made.token.size() == 64U);
  BOOST_TEST(made.token.find_first_not_of("0123456789abcdef") == std::string::npos);
  const auto found = home.shares.find(made.token).value();
  BOOST_TEST((found.id == made.share.id));
  BOOST_TEST((found.terms.material == home.material));
  BOOST_TEST(found.terms.recipient == "Báo Lao Động");
  BOOST_TEST(found.terms.maker == "Lan");
  BOOST_TEST((found.terms.expires_at == home.time + days(7)));
  BOOST_TEST(!found.has_password);
  auto wrong = made.token;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (const auto& token :
       {wrong, std::string(), made.share.id.text(), Digest::of(made.token).hex()})
    BOOST_TEST(is_missing(home.shares.find(token)));
  BOOST_TEST(home.make(home.terms()).token != made.token);
}

BOOST_AUTO_TEST_CASE(neither_token_nor_password_stand_in_the_file) {
  Home home;
  const auto made = home.make(home.terms(), password);
  BOOST_TEST(folder_has(home.folder.path(), "Báo Lao Động"));  // the search would find them
  BOOST_TEST(!folder_has(home.folder.path(), made.token));
  BOOST_TEST(!folder_has(home.folder.path(), std::string(password)));
}

BOOST_AUTO_TEST_CASE(links_outlive_the_program) {
  Home home;
  const auto made = home.make(home.terms(), password);
  home.reopen();
  const auto found = home.opened->shares().find(made.token);
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->has_password);
}

BOOST_AUTO_TEST_CASE(every_link_ends_within_366_days) {
  Home home;
  auto terms = home.terms();
  for (const auto life :
       {milliseconds(0), milliseconds(-1), milliseconds(days(366)) + milliseconds(1)}) {
    terms.expires_at = home.time + life;
    BOOST_TEST(reason_of(home.shares.make(terms, {})) == "share_expiry");
  }
  terms.expires_at = home.time + days(366);
  const auto made = home.make(terms);
  home.time += days(366) - milliseconds(1);
  BOOST_TEST(home.finds(made.token));
  home.time += milliseconds(1);
  BOOST_TEST(is_missing(home.shares.find(made.token)));
  BOOST_TEST(
      (home.shares.count(made.share.id, download_of("a")).error().code == ErrorCode::not_found));
  BOOST_TEST(
      (home.shares.unlock(made.token, password, network).error().code == ErrorCode::not_found));
  BOOST_TEST(home.shares.share(made.share.id).has_value());  // its maker still sees it
}

BOOST_AUTO_TEST_CASE(terms_are_checked) {
  Home home;
  auto terms = home.terms();
  terms.download_limit = 0;
  BOOST_TEST((home.shares.make(terms, {}).error().code == ErrorCode::bad_input));
  terms = home.terms();
  for (const auto& name : {std::string(201, 'a'), std::string("a\nb"), std::string("\xFF")}) {
    terms.recipient = name;
    BOOST_TEST((home.shares.make(terms, {}).error().code == ErrorCode::bad_input));
  }
  BOOST_TEST(reason_of(home.shares.make(home.terms(), "ngắn")) == "short_password");
  BOOST_TEST(home.shares.shares_of(home.material)->empty());
}

BOOST_AUTO_TEST_CASE(a_revoked_link_is_over_at_once) {
  Home home;
  const auto made = home.make(home.terms());
  const auto other = home.make(home.terms());
  BOOST_TEST_REQUIRE(home.shares.revoke(made.share.id).has_value());
  BOOST_TEST(is_missing(home.shares.find(made.token)));
  BOOST_TEST(!home.shares.count(made.share.id, download_of("a")).has_value());
  BOOST_TEST(home.finds(other.token));
  const auto first = home.shares.share(made.share.id)->revoked_at;
  home.time += hours(1);
  BOOST_TEST(home.shares.revoke(made.share.id).has_value());
  BOOST_TEST((home.shares.share(made.share.id)->revoked_at == first));
  BOOST_TEST((home.shares.revoke(ShareId::make()).error().code == ErrorCode::not_found));
}

BOOST_AUTO_TEST_CASE(links_of_a_material_are_listed_newest_first) {
  Home home;
  const auto first = home.make(home.terms());
  home.time += seconds(1);
  const auto second = home.make(home.terms());
  auto elsewhere = home.terms();
  elsewhere.material = MaterialId::make();
  home.make(elsewhere);
  BOOST_TEST_REQUIRE(home.shares.revoke(first.share.id).has_value());
  const auto listed = home.shares.shares_of(home.material).value();
  BOOST_TEST_REQUIRE(listed.size() == 2U);
  BOOST_TEST((listed[0].id == second.share.id));
  BOOST_TEST((listed[1].id == first.share.id));
}

// -- counting

BOOST_AUTO_TEST_CASE(openings_and_downloads_are_counted_apart) {
  Home home;
  const auto made = home.make(home.terms());
  home.time += minutes(5);
  BOOST_TEST(
      home.shares.count(made.share.id, {ShareUse::Kind::opening, "page", "a", false}).value());
  BOOST_TEST(
      home.shares.count(made.share.id, {ShareUse::Kind::opening, "page", "a", false}).value());
  BOOST_TEST(home.shares.count(made.share.id, download_of("a")).value());
  const auto share = home.shares.share(made.share.id).value();
  BOOST_TEST(share.opened == 2);
  BOOST_TEST(share.downloaded == 1);
  BOOST_TEST((share.used_at == home.time));
}

BOOST_AUTO_TEST_CASE(ranges_of_one_file_for_one_client_are_one_download) {
  Home home;
  const auto made = home.make_limited(2);
  const auto id = made.share.id;
  BOOST_TEST(home.shares.count(id, download_of("a", true)).value());
  BOOST_TEST(!home.shares.count(id, download_of("a", true)).value());
  home.time += minutes(11);
  BOOST_TEST(!home.shares.count(id, download_of("a", true)).value());
  home.time += hours(11);  // less than 12 since the last part
  home.time += minutes(50);
  BOOST_TEST(!home.shares.count(id, download_of("a", true)).value());
  BOOST_TEST(home.shares.share(id)->downloaded == 1);
  // Another client, another file: each a download of its own, and the limit is 2.
  BOOST_TEST(home.shares.count(id, download_of("a", true, "198.51.100")).value());
  BOOST_TEST((home.shares.count(id, download_of("b", true)).error().code == ErrorCode::not_found));
  // What was begun goes on, and ends with the 12 hours.
  BOOST_TEST(!home.shares.count(id, download_of("a", true)).value());
  BOOST_TEST(home.shares.has_begun(id, download_of("a")).value());
  BOOST_TEST(!home.shares.has_begun(id, download_of("b")).value());
  home.time += hours(12);
  BOOST_TEST(!home.shares.has_begun(id, download_of("a")).value());
  BOOST_TEST(!home.shares.count(id, download_of("a", true)).has_value());
}

BOOST_AUTO_TEST_CASE(a_whole_file_is_a_download_each_time) {
  Home home;
  const auto made = home.make_limited(2);
  BOOST_TEST(home.shares.count(made.share.id, download_of("a")).value());
  BOOST_TEST(home.shares.count(made.share.id, download_of("a")).value());
  BOOST_TEST(!home.shares.count(made.share.id, download_of("a")).has_value());
  BOOST_TEST(home.shares.share(made.share.id)->is_used_up());
  // Only the downloads are used up; what goes on is found.
  BOOST_TEST(home.finds(made.token));
}

BOOST_AUTO_TEST_CASE(many_at_once_do_not_go_beyond_the_limit) {
  Home home;
  constexpr int limit = 5;
  const auto made = home.make_limited(limit);
  std::atomic<int> counted = 0;
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < 8; ++client) {
      clients.emplace_back([&, client] {
        for (int time = 0; time < 4; ++time) {
          const auto use = download_of("a", false, std::to_string(client));
          if (home.shares.count(made.share.id, use)) ++counted;
        }
      });
    }
  }
  BOOST_TEST(counted == limit);
  BOOST_TEST(home.shares.share(made.share.id)->downloaded == limit);
}

BOOST_AUTO_TEST_CASE(a_client_is_kept_only_as_a_digest) {
  Home home;
  const auto made = home.make(home.terms());
  BOOST_TEST(home.shares.count(made.share.id, download_of("a", false, "203.0.113-of-lan")).value());
  BOOST_TEST(!folder_has(home.folder.path(), "203.0.113-of-lan"));
}

BOOST_AUTO_TEST_CASE(links_that_ended_a_year_ago_are_forgotten) {
  Home home;
  const auto old = home.make(home.terms());
  home.time += days(7 + 365);
  home.make(home.terms());
  BOOST_TEST(home.shares.share(old.share.id).has_value());
  home.time += days(2);
  home.make(home.terms());
  BOOST_TEST(is_missing(home.shares.share(old.share.id)));
}

// -- passwords

BOOST_AUTO_TEST_CASE(a_password_gives_a_key_for_an_hour) {
  Home home;
  const auto made = home.make(home.terms(), password);
  const auto opens = [&](std::string_view key) {
    return home.shares.is_open_with(made.token, key).value();
  };
  BOOST_TEST(!opens(""));
  const auto refused = home.shares.unlock(made.token, "mật khẩu sai", network);
  BOOST_TEST((refused.error().reason == "wrong_password"));
  const auto key = home.shares.unlock(made.token, password, network).value();
  BOOST_TEST(opens(key));
  // A longer life written over the key, another link's key, half a key: none of them opens.
  const auto dot = key.find('.');
  const auto later = std::to_string((home.time + days(300)).time_since_epoch().count());
  BOOST_TEST(!opens(later + key.substr(dot)));
  BOOST_TEST(!opens(key.substr(0, dot + 1)));
  BOOST_TEST(!opens(key.substr(0, key.size() - 1)));
  const auto other = home.make(home.terms(), password);
  BOOST_TEST(!opens(home.shares.unlock(other.token, password, network).value()));
  home.time += hours(1);
  BOOST_TEST(!opens(key));
}

BOOST_AUTO_TEST_CASE(a_link_without_a_password_is_open_and_takes_none) {
  Home home;
  const auto made = home.make(home.terms());
  BOOST_TEST(home.shares.is_open_with(made.token, "").value());
  BOOST_TEST((home.shares.unlock(made.token, password, network).error().code ==
              ErrorCode::unauthenticated));
}

BOOST_AUTO_TEST_CASE(who_tries_passwords_is_slowed_down) {
  Home home;
  const auto made = home.make(home.terms(), password);
  const auto reason = [&](std::string_view from) {
    return home.shares.unlock(made.token, "mật khẩu sai", from).error().reason;
  };
  for (int time = 0; time < 5; ++time) BOOST_TEST(reason(network) == "wrong_password");
  BOOST_TEST(reason(network) == "too_many_attempts");
  BOOST_TEST(home.shares.unlock(made.token, password, network).error().reason ==
             "too_many_attempts");
  BOOST_TEST(home.shares.unlock(made.token, password, "198.51.100").has_value());
  home.time += seconds(2);
  BOOST_TEST(home.shares.unlock(made.token, password, network).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

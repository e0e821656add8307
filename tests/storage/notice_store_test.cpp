#include "storage/accounts/notice_store.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "storage/accounts/mail_allowance.hpp"
#include "storage/accounts/mail_queue.hpp"
#include "tests/storage/accounts_file.hpp"

namespace khochung::storage {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view network = "203.0.113";

/// A folder without followers, and a clock that the test moves.
struct Home : AccountsFile {
  MaterialId kit = MaterialId::make();

  [[nodiscard]] NoticeStore& notices() const { return opened->notices(); }
  [[nodiscard]] MailQueue& mail() const { return opened->mail(); }
  [[nodiscard]] NoticeWish wish(std::string_view address, int version = 1,
                                std::string account = {}) const {
    return {kit, MailAddress::parse(address).value(), std::move(account), Language::vietnamese,
            version};
  }
  std::vector<QueuedMail> queued() { return mail().due(1'000).value(); }
  /// Takes what is queued off.
  std::vector<QueuedMail> sent() {
    auto mails = queued();
    for (const auto& one : mails) BOOST_REQUIRE(mail().remove(one.id));
    return mails;
  }
  std::string token_for(const NoticeWish& wish) {
    BOOST_REQUIRE(notices().ask(wish, {}));
    const auto mails = sent();
    BOOST_REQUIRE(mails.size() == 1);
    return notices().begin_confirmation(mails.front().subject)->token;
  }
  NoticeFollower follow(const NoticeWish& wish) {
    return notices().confirm(token_for(wish)).value();
  }
};

template <typename T>
bool is_missing(const Result<T>& found) {
  return !found && found.error().code == ErrorCode::not_found;
}

bool folder_has(const std::filesystem::path& folder, const std::string& words) {
  return std::ranges::any_of(std::filesystem::directory_iterator(folder), [&](const auto& entry) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    return bytes.find(words) != std::string::npos;
  });
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notices, Home)

BOOST_AUTO_TEST_CASE(only_a_token_that_was_mailed_confirms_and_only_once) {
  const auto token = token_for(wish("a@example.vn", 3));
  BOOST_TEST(token.size() == 64U);
  BOOST_TEST(is_missing(notices().wish_of(std::string(64, '0'))));
  BOOST_TEST(notices().wish_of(token)->address.text() == "a@example.vn");
  BOOST_TEST(notices().wish_of(token).has_value());
  const auto follower = notices().confirm(token);
  BOOST_REQUIRE(follower);
  BOOST_TEST(follower->wish.version == 3);
  BOOST_TEST(is_missing(notices().confirm(token)));
  BOOST_TEST(is_missing(notices().wish_of(token)));
  reopen();
  BOOST_TEST(notices().follower(follower->id.text())->wish.address.text() == "a@example.vn");
}

BOOST_AUTO_TEST_CASE(of_a_token_only_its_digest_is_kept) {
  const auto token = token_for(wish("a@example.vn"));
  opened.reset();
  BOOST_TEST(!folder_has(folder.path(), token));
  BOOST_TEST(folder_has(folder.path(), "a@example.vn"));
}

BOOST_AUTO_TEST_CASE(a_mail_that_was_sent_twice_has_two_tokens_and_either_confirms) {
  BOOST_REQUIRE(notices().ask(wish("a@example.vn"), network));
  const auto subject = queued().front().subject;
  const auto first = notices().begin_confirmation(subject)->token;
  const auto second = notices().begin_confirmation(subject)->token;
  BOOST_TEST(first != second);
  BOOST_TEST(notices().wish_of(second).has_value());
  BOOST_TEST(notices().confirm(first).has_value());
  BOOST_TEST(is_missing(notices().confirm(second)));
}

BOOST_AUTO_TEST_CASE(a_wish_is_over_after_three_days) {
  const auto token = token_for(wish("a@example.vn"));
  time += NoticeStore::wish_lives - minutes(1);
  BOOST_TEST(notices().wish_of(token).has_value());
  time += minutes(1);
  BOOST_TEST(is_missing(notices().wish_of(token)));
  BOOST_TEST(is_missing(notices().confirm(token)));
  BOOST_REQUIRE(notices().ask(wish("b@example.vn"), network));
  opened.reset();
  BOOST_TEST(!folder_has(folder.path(), "a@example.vn"));
}

BOOST_AUTO_TEST_CASE(an_address_gets_three_mails_a_day_however_it_is_written) {
  for (const auto* address : {"a@example.vn", "A@example.vn", "a@EXAMPLE.vn", "a@example.vn"})
    BOOST_TEST(notices().ask(wish(address), {}).has_value());
  BOOST_TEST(queued().size() == 3U);
  kit = MaterialId::make();
  BOOST_TEST(notices().ask(wish("a@example.vn"), {}).has_value());
  BOOST_TEST(queued().size() == 3U);
  time += days(1);
  BOOST_TEST(notices().ask(wish("a@example.vn"), {}).has_value());
  BOOST_TEST(queued().size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_client_asks_twenty_times_a_day_whomever_it_names) {
  for (int i = 0; i < mails_of_a_client; ++i)
    BOOST_TEST(notices().ask(wish("a@example.vn"), network).has_value());
  const auto refused = notices().ask(wish("b@example.vn"), network);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().reason == "notice_too_many");
  BOOST_TEST(notices().ask(wish("b@example.vn"), "198.51.100").has_value());
  time += days(1);
  BOOST_TEST(notices().ask(wish("c@example.vn"), network).has_value());
}

BOOST_AUTO_TEST_CASE(asking_again_changes_nothing_before_it_is_confirmed) {
  const auto follower = follow(wish("a@example.vn", 2, "bao"));
  auto again = wish("A@example.vn", 5);
  again.language = Language::english;
  const auto token = token_for(again);
  BOOST_TEST(notices().follower(follower.id.text())->wish.account == "bao");
  const auto confirmed = notices().confirm(token);
  BOOST_REQUIRE(confirmed);
  BOOST_TEST((confirmed->id == follower.id));
  BOOST_TEST(confirmed->leave_token == follower.leave_token);
  BOOST_TEST(confirmed->wish.account.empty());
  BOOST_TEST((confirmed->wish.language == Language::english));
  BOOST_TEST(confirmed->wish.version == 2);
}

BOOST_AUTO_TEST_CASE(each_follower_is_told_once_of_a_version) {
  follow(wish("a@example.vn", 1));
  const auto late = follow(wish("b@example.vn", 2));
  BOOST_TEST(notices().accounts_untold(kit, 2).value() == std::vector<std::string>{""});
  BOOST_TEST(notices().tell_of_version(kit, "", 2).value() == 1);
  BOOST_TEST(notices().tell_of_version(kit, "", 2).value() == 0);
  BOOST_TEST(notices().accounts_untold(kit, 2)->empty());
  auto mails = sent();
  BOOST_REQUIRE(mails.size() == 1U);
  BOOST_TEST(mails.front().kind == notice_correction);
  BOOST_TEST(mails.front().detail == "1");
  BOOST_TEST(notices().tell_of_version(kit, "", 3).value() == 2);
  mails = sent();
  BOOST_TEST(mails.size() == 2U);
  BOOST_TEST(std::ranges::count(mails, late.id.text(), &QueuedMail::subject) == 1);
}

BOOST_AUTO_TEST_CASE(followers_are_told_by_what_their_accounts_may) {
  follow(wish("a@example.vn"));
  follow(wish("b@example.vn", 1, "bao"));
  follow(wish("c@example.vn", 1, "bao"));
  auto accounts = notices().accounts_untold(kit, 2).value();
  std::ranges::sort(accounts);
  BOOST_TEST(accounts == (std::vector<std::string>{"", "bao"}));
  BOOST_TEST(notices().tell_of_version(kit, "bao", 2).value() == 2);
  BOOST_TEST(notices().accounts_untold(kit, 2).value() == std::vector<std::string>{""});
}

BOOST_AUTO_TEST_CASE(a_withdrawal_is_told_once_and_again_after_a_publication) {
  follow(wish("a@example.vn"));
  BOOST_TEST(notices().tell_of_withdrawal(kit, "").value() == 1);
  BOOST_TEST(notices().tell_of_withdrawal(kit, "").value() == 0);
  BOOST_TEST(notices().accounts_untold_of_withdrawal(kit)->empty());
  BOOST_REQUIRE(notices().forget_withdrawal(kit));
  BOOST_TEST(notices().tell_of_withdrawal(kit, "").value() == 1);
}

BOOST_AUTO_TEST_CASE(leaving_forgets_the_address_and_what_was_to_be_sent) {
  const auto follower = follow(wish("a.long.name@example.vn"));
  BOOST_REQUIRE(notices().tell_of_version(kit, "", 2));
  BOOST_REQUIRE(notices().ask(wish("a.long.name@example.vn"), {}));
  BOOST_TEST((notices().follower_leaving(follower.leave_token)->id == follower.id));
  BOOST_REQUIRE(notices().leave(follower.leave_token));
  BOOST_TEST(queued().empty());
  BOOST_TEST(is_missing(notices().follower(follower.id.text())));
  BOOST_TEST(is_missing(notices().follower_leaving(follower.leave_token)));
  BOOST_TEST(notices().leave(follower.leave_token).has_value());
  BOOST_TEST(notices().leave("").has_value());
  opened.reset();
  BOOST_TEST(!folder_has(folder.path(), "a.long.name@example.vn"));
}

BOOST_AUTO_TEST_CASE(followed_kits_are_looked_at_in_turn_and_forgotten_without_followers) {
  const auto first = follow(wish("a@example.vn"));
  const auto due = notices().due_kits(10).value();
  BOOST_REQUIRE(due.size() == 1U);
  BOOST_TEST((due.front().kit == kit));
  BOOST_REQUIRE(notices().look_again(due, time + minutes(1)));
  BOOST_TEST(notices().due_kits(10)->empty());
  time += minutes(1);
  BOOST_TEST(notices().due_kits(10)->size() == 1U);
  BOOST_REQUIRE(notices().look_soon(MaterialId::make()));
  BOOST_TEST(notices().due_kits(10)->size() == 1U);
  BOOST_REQUIRE(notices().leave(first.leave_token));
  BOOST_REQUIRE(notices().look_again(notices().due_kits(10).value(), time));
  BOOST_TEST(notices().due_kits(10)->empty());
  BOOST_REQUIRE(notices().look_soon(kit));
  BOOST_TEST(notices().due_kits(10)->empty());
}

BOOST_AUTO_TEST_CASE(a_change_while_a_kit_is_looked_at_has_it_looked_at_again) {
  follow(wish("a@example.vn"));
  const auto due = notices().due_kits(10).value();
  time += std::chrono::milliseconds(1);
  BOOST_REQUIRE(notices().look_soon(kit));
  BOOST_REQUIRE(notices().look_again(due, time + minutes(1)));
  BOOST_TEST(notices().due_kits(10)->size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(mail_queue, Home)

BOOST_AUTO_TEST_CASE(mails_stay_until_they_are_taken_off_also_past_a_restart) {
  follow(wish("a@example.vn"));
  BOOST_REQUIRE(notices().tell_of_version(kit, "", 2));
  const auto id = queued().front().id;
  reopen();
  BOOST_REQUIRE(queued().size() == 1U);
  BOOST_TEST((queued().front().id == id));
  BOOST_TEST(mail().length().value() == 1);
  BOOST_REQUIRE(mail().remove(id));
  BOOST_TEST(queued().empty());
  BOOST_TEST(mail().length().value() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_person_waits_for_goes_first) {
  for (int i = 0; i < 5; ++i) follow(wish("a" + std::to_string(i) + "@example.vn"));
  BOOST_REQUIRE(notices().tell_of_version(kit, "", 2));
  time += hours(1);
  BOOST_REQUIRE(notices().ask(wish("late@example.vn"), {}));
  const auto mails = mail().due(3).value();
  BOOST_REQUIRE(mails.size() == 3U);
  BOOST_TEST(mails.front().kind == notice_confirmation);
  BOOST_TEST(mails.back().kind == notice_correction);
}

BOOST_AUTO_TEST_CASE(a_mail_that_was_put_off_comes_at_its_time) {
  BOOST_REQUIRE(notices().ask(wish("a@example.vn"), {}));
  const auto first = queued().front();
  BOOST_TEST(first.attempts == 0);
  BOOST_REQUIRE(mail().postpone(first.id, time + minutes(5)));
  BOOST_TEST(queued().empty());
  time += minutes(5);
  BOOST_REQUIRE(queued().size() == 1U);
  BOOST_TEST(queued().front().attempts == 1);
  BOOST_TEST((queued().front().made_at == first.made_at));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage

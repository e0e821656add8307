#include "server/api/work_news.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "server/api/readable.hpp"
#include "server/api/review.hpp"

namespace khochung::api {
namespace {

using access::Step;

constexpr int accounts_a_round = 50;
constexpr int materials_a_unit = 100;
constexpr std::size_t units_at_most = 20;
constexpr std::chrono::milliseconds between_looks = std::chrono::minutes(15);
/// Days begin for people when they come to work, not at midnight.
constexpr std::chrono::hours work_begins{7};
constexpr std::chrono::hours vietnam_is_ahead{7};

/// The accounts that a mail is for. Nothing: it cannot be told any more.
Result<std::optional<storage::AccountAddress>> address_of(const Services& services,
                                                          std::string_view account) {
  const auto kept = services.accounts.account(account);
  if (!kept && kept.error().code == ErrorCode::not_found) return std::nullopt;
  if (!KHOCHUNG_TRY(kept).is_open(now())) return std::nullopt;
  return services.accounts.addresses().address_of(account);
}

/// Whether the viewer can bring the material further by agreeing or publishing.
bool can_move(const Material& material, const access::Viewer& viewer, const UnitTree& tree) {
  return std::ranges::any_of(std::array{Step::approve, Step::publish}, [&](Step step) {
    auto tried = material;
    return access::take_step(tried, {step, {}, std::nullopt, {}}, viewer, tree, now()).has_value();
  });
}

WorkLine line_of(const Material& material, const Unit& unit) {
  const auto& review = *material.review;
  return {material.id,
          material.title,
          unit.name_vi,
          unit.name_en,
          review.since,
          review.due,
          !review.due.empty() && review.due < to_text(day_of(now()))};
}

/// The morning of the day, so many days later, in Vietnam. Nothing for what is no day.
std::optional<Instant> morning_of(const std::string& day, std::chrono::days later) {
  const auto midnight = instant_from_rfc3339(day + "T00:00:00Z");
  if (!midnight) return std::nullopt;
  return *midnight + later + work_begins - vietnam_is_ahead;
}

bool is_news(const WorkLine& line, Instant since, Instant at) {
  const auto falls_within = [&](const std::optional<Instant>& instant) {
    return instant && *instant > since && *instant <= at;
  };
  const std::chrono::days one{1};
  return line.since > since || falls_within(morning_of(line.due, -one)) ||
         falls_within(morning_of(line.due, one));
}

Result<void> look_at(const Services& services, const storage::AddressStore::DueAccount& account) {
  const auto at = now();
  bool has_news = false;
  const auto viewer = services.doorkeeper.viewer_named(account.account);
  if (viewer)
    has_news = !news_since(KHOCHUNG_TRY(work_of(services, *viewer)), account.told_at, at).empty();
  return services.accounts.addresses().look_again(account, has_news, at + between_looks);
}

std::string_view step_told(Step step) {
  if (step == Step::give_back || step == Step::publish || step == Step::comment)
    return access::to_text(step);
  return "";
}

}  // namespace

void tell_account(const Services& services, std::string_view account, std::string_view what) {
  if (services.postman == nullptr) return;
  const auto told = services.accounts.addresses().tell(account, storage::account_notice, what);
  if (!told) spdlog::warn("an account's person is not told: {}", told.error().message);
  services.postman->ring();
}

void tell_contributor(const Services& services, const Material& material, Step step,
                      const access::Viewer& by) {
  const auto said = step_told(step);
  const auto& contributor = material.creator;
  if (services.postman == nullptr || said.empty() || contributor.empty() || contributor == by.name)
    return;
  const auto detail = std::string(said) + " " + material.id.text();
  const auto told = services.accounts.addresses().tell(contributor, storage::step_notice, detail);
  if (!told && told.error().code != ErrorCode::not_found)
    spdlog::warn("a contributor is not told: {}", told.error().message);
  services.postman->ring();
}

Result<std::vector<WorkLine>> work_of(const Services& services, const access::Viewer& viewer) {
  const auto tree = services.units.tree();
  auto units = units_decided_by(viewer, *tree);
  if (units.size() > units_at_most) units.resize(units_at_most);
  std::vector<WorkLine> work;
  for (const Unit* unit : units) {
    for (const auto& entry :
         KHOCHUNG_TRY(waiting_at(services, viewer, *unit, {}, materials_a_unit)).entries) {
      if (can_move(entry.material, viewer, *tree)) work.push_back(line_of(entry.material, *unit));
    }
  }
  std::ranges::stable_sort(work, {}, &WorkLine::since);
  return work;
}

std::vector<WorkLine> news_since(std::vector<WorkLine> work, Instant since, Instant at) {
  std::erase_if(work, [&](const WorkLine& line) { return !is_news(line, since, at); });
  return work;
}

Result<void> find_work_news(const Services& services, const std::stop_token& stop) {
  for (const auto& account :
       KHOCHUNG_TRY(services.accounts.addresses().due_accounts(accounts_a_round))) {
    if (stop.stop_requested()) return {};
    const auto looked = look_at(services, account);
    if (looked) continue;
    spdlog::error("somebody is told of work later: {}", looked.error().message);
    KHOCHUNG_CHECK(services.accounts.addresses().look_again(account, false, now() + between_looks));
  }
  return {};
}

Result<std::optional<WorkNews>> work_news_for(const Services& services,
                                              const storage::QueuedMail& mail) {
  auto to = KHOCHUNG_TRY(address_of(services, mail.subject));
  if (!to || !to->wants_work) return std::nullopt;
  std::int64_t since = 0;
  std::from_chars(mail.detail.data(), mail.detail.data() + mail.detail.size(), since);
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.viewer_named(mail.subject));
  auto lines = news_since(KHOCHUNG_TRY(work_of(services, viewer)),
                          Instant(std::chrono::milliseconds(since)), now());
  if (lines.empty()) return std::nullopt;
  return WorkNews{*std::move(to), std::move(lines)};
}

Result<std::optional<StepNews>> step_news_for(const Services& services,
                                              const storage::QueuedMail& mail) {
  auto to = KHOCHUNG_TRY(address_of(services, mail.subject));
  const auto blank = mail.detail.find(' ');
  if (!to || !to->wants_work || blank == mail.detail.npos) return std::nullopt;
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.viewer_named(mail.subject));
  const auto readable = find_readable(services, mail.detail.substr(blank + 1), viewer);
  if (!readable && readable.error().code == ErrorCode::unavailable) return fail(readable.error());
  if (!readable) return std::nullopt;
  const auto& material = readable->entry->material;
  StepNews news{*std::move(to), material.id, material.title, mail.detail.substr(0, blank), {}};
  if (material.review && !material.review->remarks.empty() && news.step != "publish") {
    const auto& remark = material.review->remarks.back();
    if (remark.step == news.step) news.remark = remark.text;
  }
  return news;
}

}  // namespace khochung::api

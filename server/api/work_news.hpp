#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/access/review.hpp"
#include "server/api/services.hpp"
#include "storage/accounts/address_store.hpp"

/// What people hear by mail about accounts and work: a mail tells nothing that its reader could not
/// see at the moment at which it is sent.
namespace khochung::api {

/// Tells an account's person what happened to it, where there is an address and a mail server;
/// `what` as storage::account_notice has it. Failing is only logged: it happened.
void tell_account(const Services& services, std::string_view account, std::string_view what);

/// Tells whoever contributed a material that somebody else returned, published or remarked on it.
void tell_contributor(const Services& services, const Material& material, access::Step step,
                      const access::Viewer& by);

/// A material that waits for somebody, for a mail or a feed.
struct WorkLine {
  MaterialId id;
  std::string title;
  std::string unit_vi, unit_en;  ///< that decides
  Instant since{};
  std::string due;  ///< "2026-12-31", or empty
  bool is_overdue = false;
};
/// What the viewer can agree to or publish now, longest waiting first; at most 100 a unit at which
/// the viewer decides.
Result<std::vector<WorkLine>> work_of(const Services& services, const access::Viewer& viewer);
/// Of those, what came since then, and what became due within a day, or overdue, since then.
std::vector<WorkLine> news_since(std::vector<WorkLine> work, Instant since, Instant at);

/// Looks at the accounts whose time has come and queues a mail for those that have news. A round
/// looks at 50, an account is looked at each quarter of an hour.
Result<void> find_work_news(const Services& services, const std::stop_token& stop);

/// What a work_notice tells; nothing when there is nothing to tell (any more).
/// Errors: unavailable; corrupt.
struct WorkNews {
  storage::AccountAddress to;
  std::vector<WorkLine> lines;
};
Result<std::optional<WorkNews>> work_news_for(const Services& services,
                                              const storage::QueuedMail& mail);

/// What a step_notice tells.
struct StepNews {
  storage::AccountAddress to;
  MaterialId id;
  std::string title;
  std::string step;    ///< "return", "publish", "comment"
  std::string remark;  ///< that came with it, or ""
};
Result<std::optional<StepNews>> step_news_for(const Services& services,
                                              const storage::QueuedMail& mail);

}  // namespace khochung::api

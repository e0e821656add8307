#include "storage/accounts/sign_in_throttle.hpp"

#include <algorithm>
#include <chrono>

namespace khochung::storage {
namespace {

constexpr int free_failures = 5;
constexpr int doublings_at_most = 10;
constexpr std::chrono::seconds longest_delay = std::chrono::minutes(15);
constexpr std::size_t pairs_at_most = 10'000;

std::chrono::seconds delay_after(int failures) {
  if (failures < free_failures) return std::chrono::seconds(0);
  const int doublings = std::min(failures - free_failures, doublings_at_most);
  return std::min(std::chrono::seconds(1LL << doublings), longest_delay);
}

}  // namespace

bool SignInThrottle::may_try(std::string_view folded_name, std::string_view network, Instant at) {
  const std::scoped_lock lock(mutex_);
  const Pair pair(folded_name, network);
  const auto [place, is_new] = tries_.try_emplace(pair);
  auto& tries = place->second;
  if (!is_new && at < tries.blocked_until) {
    // A clock that was set back must not block for longer than the delay itself.
    tries.blocked_until = std::min(tries.blocked_until, at + longest_delay);
    return false;
  }
  ++tries.failures;
  tries.blocked_until = at + delay_after(tries.failures);
  if (!is_new) by_age_.erase(tries.age);
  tries.age = by_age_.insert(by_age_.end(), pair);
  if (tries_.size() > pairs_at_most) {
    tries_.erase(by_age_.front());
    by_age_.pop_front();
  }
  return true;
}

void SignInThrottle::succeeded(std::string_view folded_name, std::string_view network) {
  const std::scoped_lock lock(mutex_);
  const auto found = tries_.find(Pair(folded_name, network));
  if (found == tries_.end()) return;
  by_age_.erase(found->second.age);
  tries_.erase(found);
}

}  // namespace khochung::storage

#include "storage/accounts/strict_lockout.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t names_at_most = 10'000;

}  // namespace

bool StrictLockout::may_try(std::string_view folded_name, Instant at) {
  const std::scoped_lock lock(mutex_);
  const auto [place, is_new] = tries_.try_emplace(std::string(folded_name));
  auto& [failures, age] = place->second;
  if (failures.size() == failures_allowed) {
    // A clock that was set back must not lock for longer than the lock itself.
    const bool is_locked = at - failures.back() < locked_for && at >= failures.back();
    if (is_locked) return false;
    failures.clear();
  }
  while (!failures.empty() && at - failures.front() >= within) failures.pop_front();
  failures.push_back(at);
  if (!is_new) by_age_.erase(age);
  age = by_age_.insert(by_age_.end(), place->first);
  if (tries_.size() > names_at_most) {
    tries_.erase(by_age_.front());
    by_age_.pop_front();
  }
  return true;
}

void StrictLockout::succeeded(std::string_view folded_name) {
  const std::scoped_lock lock(mutex_);
  const auto found = tries_.find(folded_name);
  if (found == tries_.end()) return;
  by_age_.erase(found->second.age);
  tries_.erase(found);
}

}  // namespace khochung::storage

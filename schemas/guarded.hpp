#pragma once

#include <mutex>
#include <utility>

namespace khochung {

/// A value that is reached only through its lock.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  /// Runs `use` on the value while the lock is held and gives what it returns.
  template <typename Use>
  decltype(auto) with(Use use) {
    const std::lock_guard lock(mutex_);
    return use(value_);
  }
  template <typename Use>
  decltype(auto) with(Use use) const {
    const std::lock_guard lock(mutex_);
    return use(std::as_const(value_));
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace khochung

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "schemas/guarded.hpp"

namespace khochung::storage {

/// Values that were read lately, so that what many ask for at once is read once.
/// Whoever changes a value drops it before success is reported: nobody is given a state older than
/// one that was acknowledged.
/// Threads: safe from many threads.
template <typename Key, typename Value>
class Recent {
 public:
  using Shared = std::shared_ptr<const Value>;

  /// `most`: how many are kept (0: none); of those that nobody asked for, the older ones go first.
  explicit Recent(std::size_t most) : half_(most / 2) {}

  /// Null when it is not here.
  [[nodiscard]] Shared find(const Key& key) const {
    return kept_.with([&](Kept& kept) -> Shared {
      if (const auto found = kept.younger.find(key); found != kept.younger.end())
        return found->second;
      const auto found = kept.older.extract(key);
      if (found.empty()) return nullptr;
      put(kept, key, found.mapped());
      return found.mapped();
    });
  }

  /// A point in time, taken before a value is read, for keep().
  [[nodiscard]] std::uint64_t moment() const {
    return kept_.with([](const Kept& kept) { return kept.drops; });
  }

  /// Keeps a value that was read after `moment`, unless something was dropped since then: it may be
  /// of before that change.
  void keep(const Key& key, Shared value, std::uint64_t moment) const {
    if (half_ == 0) return;
    kept_.with([&](Kept& kept) {
      if (kept.drops == moment) put(kept, key, std::move(value));
    });
  }

  void drop(const Key& key) const {
    kept_.with([&](Kept& kept) {
      ++kept.drops;
      kept.younger.erase(key);
      kept.older.erase(key);
    });
  }

  void drop_all() const {
    kept_.with([](Kept& kept) {
      ++kept.drops;
      kept.younger.clear();
      kept.older.clear();
    });
  }

 private:
  /// Two generations: when the younger one is full, it becomes the older one, which is forgotten.
  struct Kept {
    std::map<Key, Shared> younger;
    std::map<Key, Shared> older;
    std::uint64_t drops = 0;
  };

  void put(Kept& kept, const Key& key, Shared value) const {
    if (kept.younger.size() >= half_) kept.older = std::exchange(kept.younger, {});
    kept.younger.insert_or_assign(key, std::move(value));
  }

  std::size_t half_;
  mutable Guarded<Kept> kept_;
};

}  // namespace khochung::storage

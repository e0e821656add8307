#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "schemas/guarded.hpp"
#include "storage/catalogue/catalogue.hpp"

namespace khochung::storage {

/// Entries that were read lately, so that what many ask for at once is read once.
/// A writer drops what it changed before it reports success: nobody is shown a state older than one
/// that was acknowledged.
/// Threads: safe from many threads.
class RecentEntries {
 public:
  using Entry = std::shared_ptr<const CatalogueEntry>;

  /// `most`: how many are kept (0: none); of those that nobody asked for, the older ones go first.
  explicit RecentEntries(std::size_t most) : half_(most / 2) {}

  /// Null when it is not here.
  [[nodiscard]] Entry find(MaterialId id) const;
  /// A point in time, taken before an entry is read, for keep().
  [[nodiscard]] std::uint64_t moment() const;
  /// Keeps an entry that was read after `moment`, unless something was dropped since then: it may
  /// be of before that change.
  void keep(const CatalogueEntry& entry, std::uint64_t moment) const;
  void drop(MaterialId id);
  void drop_all();

 private:
  /// Two generations: when the younger one is full, it becomes the older one, which is forgotten.
  struct Kept {
    std::map<MaterialId, Entry> younger;
    std::map<MaterialId, Entry> older;
    std::uint64_t drops = 0;
  };
  void put(Kept& kept, MaterialId id, Entry entry) const;

  std::size_t half_;
  mutable Guarded<Kept> kept_;
};

}  // namespace khochung::storage

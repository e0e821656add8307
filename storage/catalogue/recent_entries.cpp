#include "storage/catalogue/recent_entries.hpp"

#include <utility>

namespace khochung::storage {

RecentEntries::Entry RecentEntries::find(MaterialId id) const {
  return kept_.with([&](Kept& kept) -> Entry {
    if (const auto found = kept.younger.find(id); found != kept.younger.end()) return found->second;
    const auto found = kept.older.extract(id);
    if (found.empty()) return nullptr;
    put(kept, id, found.mapped());
    return found.mapped();
  });
}

std::uint64_t RecentEntries::moment() const {
  return kept_.with([](const Kept& kept) { return kept.drops; });
}

void RecentEntries::keep(const CatalogueEntry& entry, std::uint64_t moment) const {
  if (half_ == 0) return;
  auto copy = std::make_shared<const CatalogueEntry>(entry);
  kept_.with([&](Kept& kept) {
    if (kept.drops == moment) put(kept, entry.material.id, std::move(copy));
  });
}

void RecentEntries::drop(MaterialId id) {
  kept_.with([&](Kept& kept) {
    ++kept.drops;
    kept.younger.erase(id);
    kept.older.erase(id);
  });
}

void RecentEntries::drop_all() {
  kept_.with([](Kept& kept) {
    ++kept.drops;
    kept.younger.clear();
    kept.older.clear();
  });
}

void RecentEntries::put(Kept& kept, MaterialId id, Entry entry) const {
  if (kept.younger.size() >= half_) kept.older = std::exchange(kept.younger, {});
  kept.younger.insert_or_assign(id, std::move(entry));
}

}  // namespace khochung::storage

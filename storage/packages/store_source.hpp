#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "schemas/material.hpp"
#include "schemas/unit_tree.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/packages/package_source.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::storage {

/// What of a store goes into a package; nothing set: everything.
struct PackageSelection {
  std::optional<UnitId> branch;        ///< materials that belong to this unit or one beneath it
  std::optional<MaterialId> material;  ///< this one alone
  /// Whether a material, as it is now, may go out; unset: all may.
  std::function<bool(const Material&)> may_leave;
};

/// The stores as they stand at the time of reading. Record files are handed on byte for byte.
/// Memory: a 256th of the store's record names, and all records of units.
/// Threads: one at a time; the stores may be written to meanwhile. What names a unit that was made
/// after the tree was taken is a conflict: take the tree anew and go on.
class StoreSource final : public PackageSource {
 public:
  /// What happened to a material beside its records; asked once for each that is packed.
  using Events = std::function<Result<std::vector<PreservationEvent>>(MaterialId)>;

  /// Stores and tree outlive it. `units` has every unit of the store.
  StoreSource(const RecordStore& records, const BlobStore& blobs, const UnitTree& units,
              PackageSelection selection, Events events = {});

  /// Errors: not_found for a selected branch or material that is not there; conflict; corrupt;
  /// unavailable.
  Result<void> for_each_unit(const Visit& visit) override;
  Result<void> for_each_material(const Visit& visit) override;
  Result<BlobReader> open_blob(const Digest& sha256) override { return blobs_.open(sha256); }

 private:
  using Visited = std::function<Result<void>(const Uuid&, PackageItem&)>;
  /// Every thing of the store, its records read, in the order of packages; of those that `wanted`
  /// is true for.
  Result<void> for_each_thing(const std::function<bool(const Uuid&)>& wanted,
                              const Visited& visit) const;
  Result<void> for_each_thing_in(std::uint8_t slice, const std::function<bool(const Uuid&)>& wanted,
                                 const Visited& visit) const;
  Result<bool> is_selected(const PackageItem& item, const Unit* branch) const;
  Result<void> for_each_selected(const Visited& visit) const;
  Result<std::set<UnitId>> units_needed(const std::map<UnitId, PackageItem>& all) const;
  [[nodiscard]] bool is_unit(const Uuid& id) const { return units_.find(UnitId(id)) != nullptr; }

  const RecordStore& records_;
  const BlobStore& blobs_;
  const UnitTree& units_;
  PackageSelection selection_;
  Events events_;
};

}  // namespace khochung::storage

#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "schemas/digest.hpp"
#include "schemas/unit.hpp"
#include "server/app/client.hpp"
#include "storage/packages/package_source.hpp"

namespace khochung::app {

/// An archive as what goes into a package, read through its API, a page at a time.
/// Memory: a page, all records of units, and 300 bytes for each file whose bytes were deleted.
/// Threads: one at a time.
class ApiSource final : public storage::PackageSource {
 public:
  struct Selection {
    std::string unit;      ///< id or code, with its branch; empty: everything
    std::string material;  ///< this one alone
  };
  /// Called after each page.
  using Report = std::function<void(std::uint64_t slices_done, std::uint64_t slices)>;
  ApiSource(Client& client, Selection selection, Report report)
      : client_(client), selection_(std::move(selection)), report_(std::move(report)) {}

  /// Errors: those of the API; unavailable "interrupted".
  Result<void> for_each_unit(const Visit& visit) override;
  Result<void> for_each_material(const Visit& visit) override;
  Result<storage::BlobReader> open_blob(const Digest& sha256) override;

  /// Materials that may not leave: those in quarantine.
  [[nodiscard]] std::int64_t held_back() const { return held_back_; }

 private:
  Result<void> for_each_page(const std::string& target,
                             const std::function<Result<void>(const boost::json::value&)>& use);
  Result<void> for_each_item(const std::string& target, const Visit& visit);
  [[nodiscard]] std::string materials_target() const;
  Result<std::set<UnitId>> units_needed(const std::map<UnitId, storage::PackageItem>& all);
  Result<void> load_events();
  Result<void> add_events(storage::PackageItem& item) const;

  Client& client_;
  Selection selection_;
  Report report_;
  bool has_events_ = false;
  std::map<Digest, storage::PreservationEvent> events_;
  std::int64_t held_back_ = 0;
};

}  // namespace khochung::app

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/intake.hpp"
#include "storage/packages/package_source.hpp"

namespace khochung::pipeline {

/// Takes over what another archive exported: records byte for byte, with their ids, times and
/// seals. What is here already is passed over, a longer history of it is gone on with, and another
/// history of the same id is refused. Everything that is adopted is noted in the audit chain.
/// Threads: safe from many threads.
class Adoption {
 public:
  struct Rooms {
    storage::BlobStore& blobs;
    storage::RecordStore& records;
    storage::DerivativeStore& derivatives;
    storage::Catalogue& catalogue;
    UnitDirectory& units;
    Materials& materials;
    Intake& intake;
    AuditTrail& audit;
  };
  explicit Adoption(Rooms rooms) : rooms_(rooms) {}

  struct Outcome {
    std::size_t revisions = 0;    ///< new here
    std::vector<Digest> missing;  ///< bytes to be sent first; nothing was taken then
  };
  /// Errors: corrupt (seals or chain do not hold); conflict; bad_input when the tree would break.
  Result<Outcome> take_unit(const storage::PackageItem& item, const std::string& by);
  /// Bytes that an event says were deleted are not asked for.
  /// Errors: as take_unit; bad_input "unknown_unit".
  Result<Outcome> take_material(const storage::PackageItem& item, const std::string& by);

 private:
  Result<std::size_t> take_revisions(const storage::PackagedHistory& history,
                                     const Material& newest, const storage::PackageItem& item,
                                     const std::string& by);
  Result<void> note_events(const storage::PackageItem& item, const std::string& by);
  Result<Consequences> consequences_of(const Material& newest);
  Result<void> forget(const Digest& sha256, MaterialId named_by);

  Rooms rooms_;
};

/// Tells of an event that came with a package; its detail is the event.
constexpr std::string_view imported_event_action = "event.import";

/// The bytes of whose destruction the event tells, here or in the archive that they came from.
/// Errors: bad_input when it names no digest.
Result<std::optional<Digest>> destroyed_by(const storage::AuditEvent& event);

}  // namespace khochung::pipeline

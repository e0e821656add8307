#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "indexer/kits/kit_documents.hpp"
#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/intake.hpp"
#include "indexer/pipeline/materials.hpp"
#include "indexer/pipeline/side_by_side.hpp"
#include "indexer/pipeline/unit_directory.hpp"
#include "indexer/workers/worker_host.hpp"
#include "schemas/access/policy.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/fixity/checked_blobs.hpp"
#include "storage/packages/zip_layout.hpp"

namespace khochung::kits {

/// Publishes press kits: what an editor has put together becomes a version, with documents made for
/// it and a signed list, that never changes again.
/// Threads: safe from many threads.
class Kits {
 public:
  struct Rooms {
    storage::BlobStore& blobs;
    storage::CheckedBlobs& checked_blobs;
    storage::Catalogue& catalogue;
    pipeline::Materials& materials;
    pipeline::UnitDirectory& units;
    pipeline::AuditTrail& audit;
    const workers::WorkerHost& workers;
    pipeline::Places& places;
    pipeline::Intake& intake;
  };
  explicit Kits(Rooms rooms) : rooms_(rooms) {}

  /// Publishes what the kit holds as its next version. `note` says what a correction is about.
  /// Errors: precondition_failed; conflict, reason "kit_empty", "kit_note_missing" or
  /// "kit_item_closed"; those of `may_publish`; corrupt; disk_full; unavailable. On error there is
  /// no new version.
  Result<Material> publish(MaterialId id, int expected, const pipeline::Change& change,
                           const std::string& note,
                           const std::function<Result<void>(const Material&)>& may_publish);

  /// The kit with the files of a version. Errors: not_found.
  [[nodiscard]] Result<Material> with_version(const Material& kit, int number) const;

  /// Why each item of the draft keeps the kit, as it stands, from being published: "gone",
  /// "unpublished", "for_fewer", "embargoed" or what rights::refusal() says; empty: it does not.
  [[nodiscard]] Result<std::vector<std::string_view>> hindrances(const Material& kit) const;

  /// Whether everything in the kit may still go to whoever may have the kit.
  /// Errors: gone, reason "kit_item_gone", when something was withdrawn, narrowed or erased since;
  /// unavailable, reason "kit_damaged", when bytes are missing or known to be damaged.
  Result<void> check_deliverable(const Material& kit) const;
  /// What a ZIP wants to know of a blob: from the day the bytes came in, else they are read.
  /// Errors: conflict, reason "kit_damaged", for bytes that are known to be damaged; corrupt;
  /// not_found; unavailable.
  Result<std::uint32_t> crc32_of(const Digest& sha256) const;

 private:
  /// The file as the kit gives it: of a picture a copy that says its caption, credit and terms.
  Result<KitFile> file_for(const PlacedItem& item, const MaterialFile& file) const;
  [[nodiscard]] Result<void> check_at_hand(const Digest& sha256) const;
  /// Where an item of the draft goes, before its file is made.
  struct Place {
    PlacedItem item;
    MaterialFile source;
    MaterialId material;
  };
  [[nodiscard]] Result<std::vector<Place>> places_of(const Material& kit) const;
  [[nodiscard]] Result<Edition> next_edition(const Material& material, const std::string& by,
                                             const std::string& note) const;
  Result<KitFile> keep(std::string path, std::string_view bytes, std::string media_type) const;
  Result<std::vector<KitFile>> files_of(const Edition& edition) const;
  Result<std::string> signed_list(const Edition& edition, const std::vector<KitFile>& files) const;

  Rooms rooms_;
};

/// Where everything stands in the ZIP of the kit's newest version. Errors: bad_input.
Result<storage::ZipLayout> layout_of(const Kit& kit);

}  // namespace khochung::kits

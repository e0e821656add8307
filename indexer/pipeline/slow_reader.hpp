#pragma once

#include <functional>
#include <stop_token>

#include "indexer/pipeline/intake.hpp"
#include "indexer/pipeline/materials.hpp"
#include "indexer/pipeline/renditions.hpp"
#include "indexer/pipeline/side_by_side.hpp"
#include "indexer/pipeline/unit_directory.hpp"
#include "indexer/workers/readers.hpp"
#include "indexer/workers/worker_host.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pipeline {

/// Does the work that was too slow for the door: OCR, layout, unpacking, pictures. What it finds
/// goes into the derivatives; the catalogue learns the facts; the caller marks the material for the
/// index. Threads: safe from many threads, one job each.
class SlowReader {
 public:
  struct Rooms {
    storage::BlobStore& blobs;
    storage::DerivativeStore& derivatives;
    storage::Catalogue& catalogue;
    const workers::WorkerHost& workers;
    const QuickReader& quick_reader;
    Renditions& renditions;
    Materials& materials;
    const UnitDirectory& units;
    Intake& intake;
    Places& places;  ///< how many pages are read at once, of all documents together
  };
  explicit SlowReader(Rooms rooms) : rooms_(rooms) {}

  /// Errors: those of the file (bad_input, unsupported, too_large) end the job; others may be tried
  /// again.
  Result<void> perform(const storage::Job& job, const std::stop_token& stop);

 private:
  Result<void> perform(Task task, const Material& material, const std::stop_token& stop);
  Result<void> forget_what_was_erased(const Material& material);
  Result<void> make_pictures(const Material& material);
  Result<void> recognise(const Material& material, const std::stop_token& stop);
  Result<void> recognise_file(const MaterialFile& file, const std::stop_token& stop);
  Result<storage::Reading> recognise_pdf(const MaterialFile& file, const std::stop_token& stop);
  Result<storage::Reading> recognise_picture(const MaterialFile& file, const std::stop_token& stop);
  using Draw = std::function<Result<workers::Picture>()>;
  /// Draws and reads one page.
  Result<storage::PageText> recognise_page(const Draw& draw, const std::stop_token& stop);
  Result<void> lay_out(const Material& material, const std::stop_token& stop);
  Result<void> lay_out_file(const MaterialFile& file, const std::stop_token& stop);
  Result<void> unpack(const Material& material, const std::stop_token& stop);
  Result<void> read_again(const Material& material);
  /// What the pages say of themselves goes where nobody said anything; a secret mark leads into
  /// quarantine.
  Result<void> note_what_was_read(const Material& material);
  Result<bool> was_filled_in(MaterialId id) const;
  Result<void> quarantine(const Material& material);

  Rooms rooms_;
};

}  // namespace khochung::pipeline

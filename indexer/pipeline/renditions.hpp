#pragma once

#include <string>

#include "indexer/workers/worker_host.hpp"
#include "schemas/material.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::pipeline {

/// Pictures made from materials: thumbnails, light copies, page pictures. Each is made once and
/// kept among the derivatives. Threads: safe from many threads.
class Renditions {
 public:
  Renditions(const storage::BlobStore& blobs, storage::DerivativeStore& derivatives,
             const workers::WorkerHost& workers)
      : blobs_(blobs), derivatives_(derivatives), workers_(workers) {}

  /// Makes thumbnail.jpg (at most 320 px) and, for pictures, light.jpg (at most 1,600 px).
  Result<void> make_small_copies(const MaterialFile& file);
  /// The picture of a page, as JPEG; its width is the nearest of page_widths that is not smaller.
  /// Errors: not_found when the file has no pages; those of the workers.
  Result<storage::BlobReader> page_picture(const MaterialFile& file, int page, int width);

 private:
  Result<storage::BlobReader> pages_of(const MaterialFile& file) const;
  Result<std::string> draw_page(const MaterialFile& file, int page, int width);

  const storage::BlobStore& blobs_;
  storage::DerivativeStore& derivatives_;
  const workers::WorkerHost& workers_;
};

}  // namespace khochung::pipeline

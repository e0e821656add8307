#pragma once

#include "schemas/kit.hpp"
#include "server/http/message.hpp"
#include "storage/fixity/checked_blobs.hpp"
#include "storage/packages/zip_layout.hpp"

namespace khochung::delivery {

/// The ZIP of a published version, made as it is sent from the blobs themselves. It holds the list
/// of its files and one open blob at a time.
/// Threads: safe from many threads.
class KitZip final : public http::PieceSource {
 public:
  /// `blobs` outlives it. Errors: bad_input.
  static Result<std::shared_ptr<const KitZip>> of(const Kit& kit, storage::CheckedBlobs& blobs);

  [[nodiscard]] std::uint64_t size_bytes() const override { return layout_.size_bytes(); }
  /// A file that is read from its first byte on is held against its digest as a download of its own
  /// would be; the connection breaks where it is wrong.
  [[nodiscard]] Result<Piece> piece_at(std::uint64_t offset) const override;

 private:
  KitZip(storage::ZipLayout layout, std::vector<Digest> digests, storage::CheckedBlobs& blobs)
      : layout_(std::move(layout)), digests_(std::move(digests)), blobs_(blobs) {}

  storage::ZipLayout layout_;
  std::vector<Digest> digests_;  ///< of the entries, in their order
  storage::CheckedBlobs& blobs_;
};

}  // namespace khochung::delivery

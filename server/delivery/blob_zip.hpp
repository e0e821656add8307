#pragma once

#include <string>
#include <variant>
#include <vector>

#include "schemas/kit.hpp"
#include "server/http/message.hpp"
#include "storage/fixity/checked_blobs.hpp"
#include "storage/packages/zip_layout.hpp"

namespace khochung::delivery {

/// A ZIP that is made as it is sent from the blobs themselves. It holds the list of its files and
/// one open blob at a time.
/// Threads: safe from many threads.
class BlobZip final : public http::PieceSource {
 public:
  /// A file of the ZIP: a blob, or a text that was made for it.
  struct File {
    storage::ZipEntry entry;
    std::variant<Digest, std::string> content;
  };
  static File text_file(std::string path, std::string text);

  /// `blobs` outlives it. Errors: bad_input, as ZipLayout::of().
  static Result<std::shared_ptr<const BlobZip>> of(std::vector<File> files, Instant modified,
                                                   storage::CheckedBlobs& blobs);
  /// The files of a published version.
  static Result<std::shared_ptr<const BlobZip>> of(const Kit& kit, storage::CheckedBlobs& blobs);

  [[nodiscard]] std::uint64_t size_bytes() const override { return layout_.size_bytes(); }
  /// A file that is read from its first byte on is held against its digest as a download of its own
  /// would be; the connection breaks where it is wrong.
  [[nodiscard]] Result<Piece> piece_at(std::uint64_t offset) const override;

 private:
  using Contents = std::vector<std::variant<Digest, std::string>>;
  BlobZip(storage::ZipLayout layout, Contents contents, storage::CheckedBlobs& blobs)
      : layout_(std::move(layout)), contents_(std::move(contents)), blobs_(blobs) {}

  storage::ZipLayout layout_;
  Contents contents_;  ///< of the entries, in their order
  storage::CheckedBlobs& blobs_;
};

}  // namespace khochung::delivery

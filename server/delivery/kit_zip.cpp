#include "server/delivery/kit_zip.hpp"

#include "indexer/kits/kits.hpp"

namespace khochung::delivery {

Result<std::shared_ptr<const KitZip>> KitZip::of(const Kit& kit, storage::CheckedBlobs& blobs) {
  std::vector<Digest> digests;
  for (const auto& file : kit.files) digests.push_back(file.sha256);
  return std::shared_ptr<const KitZip>(
      new KitZip(KHOCHUNG_TRY(kits::layout_of(kit)), std::move(digests), blobs));
}

Result<http::PieceSource::Piece> KitZip::piece_at(std::uint64_t offset) const {
  using storage::CheckedBlobs;
  auto piece = layout_.piece_at(offset);
  if (auto* own = std::get_if<std::string>(&piece)) return Piece(std::move(*own));
  const auto& range = std::get<storage::ZipLayout::EntryRange>(piece);
  const auto extent = range.offset == 0 ? CheckedBlobs::Extent::whole : CheckedBlobs::Extent::part;
  auto blob = KHOCHUNG_TRY(blobs_.open(digests_[range.entry], extent));
  // Another length would move everything behind it.
  if (blob.size_bytes() != layout_.entries()[range.entry].size_bytes)
    return fail(ErrorCode::corrupt, "a blob of the kit has another length");
  return Piece(http::BlobRange{std::make_shared<const storage::BlobReader>(std::move(blob)),
                               range.offset, range.length});
}

}  // namespace khochung::delivery

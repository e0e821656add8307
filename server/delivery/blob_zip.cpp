#include "server/delivery/blob_zip.hpp"

#include "indexer/kits/kits.hpp"
#include "storage/blobs/content_hasher.hpp"

namespace khochung::delivery {

BlobZip::File BlobZip::text_file(std::string path, std::string text) {
  storage::ContentHasher hasher;
  hasher.update(std::as_bytes(std::span(text)));
  return {{std::move(path), text.size(), hasher.finish().crc32}, std::move(text)};
}

Result<std::shared_ptr<const BlobZip>> BlobZip::of(std::vector<File> files, Instant modified,
                                                   storage::CheckedBlobs& blobs) {
  std::vector<storage::ZipEntry> entries;
  Contents contents;
  for (auto& file : files) {
    entries.push_back(std::move(file.entry));
    contents.push_back(std::move(file.content));
  }
  auto layout = KHOCHUNG_TRY(storage::ZipLayout::of(std::move(entries), modified));
  return std::shared_ptr<const BlobZip>(new BlobZip(std::move(layout), std::move(contents), blobs));
}

Result<std::shared_ptr<const BlobZip>> BlobZip::of(const Kit& kit, storage::CheckedBlobs& blobs) {
  Contents contents;
  for (const auto& file : kit.files) contents.emplace_back(file.sha256);
  return std::shared_ptr<const BlobZip>(
      new BlobZip(KHOCHUNG_TRY(kits::layout_of(kit)), std::move(contents), blobs));
}

Result<http::PieceSource::Piece> BlobZip::piece_at(std::uint64_t offset) const {
  using storage::CheckedBlobs;
  auto piece = layout_.piece_at(offset);
  if (auto* own = std::get_if<std::string>(&piece)) return Piece(std::move(*own));
  const auto& range = std::get<storage::ZipLayout::EntryRange>(piece);
  const auto& content = contents_[range.entry];
  if (const auto* text = std::get_if<std::string>(&content))
    return Piece(text->substr(range.offset, range.length));
  const auto extent = range.offset == 0 ? CheckedBlobs::Extent::whole : CheckedBlobs::Extent::part;
  auto blob = KHOCHUNG_TRY(blobs_.open(std::get<Digest>(content), extent));
  // Another length would move everything behind it.
  if (blob.size_bytes() != layout_.entries()[range.entry].size_bytes)
    return fail(ErrorCode::corrupt, "a blob of the ZIP has another length");
  return Piece(http::BlobRange{std::make_shared<const storage::BlobReader>(std::move(blob)),
                               range.offset, range.length});
}

}  // namespace khochung::delivery

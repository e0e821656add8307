#include "server/delivery/kit_zip.hpp"

#include "server/delivery/blob_zip.hpp"

namespace khochung::delivery {

Result<http::FileToSend> kit_zip_file(const Material& kit, storage::CheckedBlobs& blobs) {
  auto source = KHOCHUNG_TRY(BlobZip::of(*kit.kit, blobs));
  const auto size = source->size_bytes();
  const auto& version = kit.kit->versions.back();
  const auto number = std::to_string(version.number);
  http::FileToSend file;
  file.content = {http::PieceRange{std::move(source), 0, size}};
  file.validators.etag = http::ETag{kit.id.text() + "-" + number, false};
  file.validators.last_modified = version.at;
  file.media_type = "application/zip";
  file.name = kit.title + (version.number > 1 ? " (bản " + number + ")" : "") + ".zip";
  return file;
}

}  // namespace khochung::delivery

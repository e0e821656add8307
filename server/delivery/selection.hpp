#pragma once

#include <string_view>
#include <vector>

#include "server/api/readable.hpp"
#include "server/delivery/blob_zip.hpp"

namespace khochung::delivery {

/// Materials that somebody wants in one piece.
struct Selection {
  std::vector<api::Readable> materials;
  std::uint64_t size_bytes = 0;  ///< of their files
};

inline constexpr std::size_t most_selected = 100;
inline constexpr std::uint64_t most_selected_bytes = 20ULL << 30U;

/// `ids`: ids of materials with commas between them.
/// Errors: bad_input, "selection_size" for none, more than most_selected or most_selected_bytes of
/// files; those of find_readable() for any that the viewer may not read.
Result<Selection> selection_of(const api::Services& services, std::string_view ids,
                               const access::Viewer& viewer);

/// The ZIP of a selection: each material under its number and title, a list of them as a table
/// (DANH-SACH.csv) and the digests of the files (SHA256SUMS). The same materials in the same
/// revisions give the same bytes.
/// Errors: conflict "kit_damaged" for bytes that are known to be damaged; corrupt; unavailable.
Result<std::shared_ptr<const BlobZip>> zip_of(const api::Services& services,
                                              const Selection& selection, std::string_view origin);

}  // namespace khochung::delivery

#pragma once

#include "schemas/material.hpp"
#include "server/http/file_answer.hpp"
#include "storage/fixity/checked_blobs.hpp"

namespace khochung::delivery {

/// The ZIP of the kit's last version, as it is sent. `blobs` outlives it. Errors: bad_input.
Result<http::FileToSend> kit_zip_file(const Material& kit, storage::CheckedBlobs& blobs);

}  // namespace khochung::delivery

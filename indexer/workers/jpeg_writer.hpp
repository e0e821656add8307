#pragma once

#include <string>

#include "indexer/workers/raster.hpp"

namespace khochung::workers {

/// Baseline JPEG without metadata; a colour picture that is grey throughout is written as grey.
/// Errors: none come back; libjpeg's are thrown as std::runtime_error.
std::string to_jpeg(const Raster& raster, int quality);

}  // namespace khochung::workers

#pragma once

#include <functional>
#include <span>

#include "storage/blobs/pace.hpp"
#include "storage/blobs/verify.hpp"

namespace khochung::storage {

/// Told of each blob that was read again, or why it could not be; false ends the scrub.
using ScrubVisit = std::function<bool(const Digest& sha256, const Result<Fixity>& found)>;

/// Reads blobs again in the order given. A second thread reads ahead while this one takes digests,
/// so that it goes as fast as the slower of the two; the files' pages are dropped before (the disk
/// is what is asked) and after (what people read stays in memory). Units:   `pace` counts the bytes
/// read. Threads: `visit` is called on this thread.
void scrub(const BlobStore& store, std::span<const Digest> blobs, Pace& pace,
           const ScrubVisit& visit);

}  // namespace khochung::storage

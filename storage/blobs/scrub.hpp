#pragma once

#include <functional>
#include <span>

#include "storage/blobs/verify.hpp"

namespace khochung::storage {

/// Told of the bytes that were just read, which may be a part of a blob; may sleep. False ends the
/// scrub.
using ScrubPace = std::function<bool(std::uint64_t bytes)>;
/// Told of each blob that was read again, or why it could not be; false ends the scrub.
using ScrubVisit = std::function<bool(const Digest& sha256, const Result<Fixity>& found)>;

/// Reads blobs again in the order given. A second thread reads ahead while this one takes digests,
/// so that it goes as fast as the slower of the two; both go past the kernel's cache where they
/// can. Threads: `pace` and `visit` are called on this thread.
void scrub(const BlobStore& store, std::span<const Digest> blobs, const ScrubPace& pace,
           const ScrubVisit& visit);

}  // namespace khochung::storage

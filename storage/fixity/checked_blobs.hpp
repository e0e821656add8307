#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "schemas/guarded.hpp"
#include "storage/blobs/replicating_store.hpp"
#include "storage/catalogue/catalogue.hpp"

namespace khochung::storage {

/// When the bytes of a blob are held against its digest as they are read for someone.
enum class VerifyOnRead {
  always,  ///< each time it is read whole
  fresh,   ///< when its last good check is older than the scrub's period
  never
};

/// Nothing for an unknown word. Source: config.toml, "verify_on_read".
std::optional<VerifyOnRead> verify_on_read_from(std::string_view text);

/// The blobs of the store as they are given to people: checked as `verify_on_read` says, damage
/// noted in the catalogue and mended where another copy is good.
///
/// With copies a blob is read whole before its first byte is given, and a good copy takes the place
/// of a damaged one. Without, it is checked on its way: the last bytes of a damaged blob cannot be
/// read, and whoever receives it knows that it is not whole. A part of a blob relies on the last
/// check; one that was found damaged is not given at all.
/// Threads: safe from many threads.
class CheckedBlobs {
 public:
  struct Settings {
    VerifyOnRead verify_on_read = VerifyOnRead::fresh;
    std::chrono::hours period = std::chrono::hours(24 * 30);  ///< how long a good check is fresh
  };
  enum class Extent { whole, part };
  /// Told of each blob that is not as it was stored, and whether it was mended.
  using Report = std::function<void(const Digest& sha256, bool is_mended)>;

  /// `blobs` and `catalogue` outlive this. `copies`: the same blobs, where there is more than one
  /// store of them.
  CheckedBlobs(const BlobStore& blobs, ReplicatingBlobStore* copies, Catalogue& catalogue,
               Settings settings, Report report);

  /// Errors: not_found; corrupt when no good copy is known; unavailable.
  Result<BlobReader> open(const Digest& sha256, Extent extent);
  /// The same from memory and this machine's disk alone; null when that is not enough.
  std::shared_ptr<const BlobReader> open_at_once(const Digest& sha256, Extent extent);

  /// Whether the blob was read whole and found good within the period.
  bool is_fresh(const Digest& sha256);
  /// A check found the blob missing or damaged, as the catalogue says: brings it back from a copy.
  /// True: it is whole again. Errors: unavailable.
  Result<bool> mend(const Digest& sha256);

 private:
  using State = FixityResult::State;
  struct LastCheck {
    State state = State::good;
    Instant at{};                                       ///< 1970: never
    std::chrono::steady_clock::time_point known_since;  ///< when the catalogue was asked
  };
  [[nodiscard]] std::optional<LastCheck> recall(const Digest& sha256) const;
  Result<LastCheck> last_check(const Digest& sha256);
  [[nodiscard]] bool is_fresh(const LastCheck& check) const;
  void remember(const Digest& sha256, LastCheck check);
  void note(const FixityResult& result);
  Result<BlobReader> open_from_copies(const Digest& sha256);
  BlobReader checked_on_its_way(BlobReader reader, const Digest& sha256);

  const BlobStore& blobs_;
  ReplicatingBlobStore* copies_;
  Catalogue& catalogue_;
  Settings settings_;
  Report report_;
  /// Of blobs that were asked for lately.
  Guarded<std::map<Digest, LastCheck>> last_checks_;
};

}  // namespace khochung::storage

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "storage/blobs/verify.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/records/record_store.hpp"

namespace khochung::storage {

/// Something that is not as it was stored.
struct Damage {
  std::string kind;  ///< "blob", "record", "derivative"; "torn": one that a power cut cut short
  std::string id;    ///< a digest or an id
  std::string path;
  std::string expected;  ///< digest; empty where the file says itself what it should be
  std::string found;     ///< digest; empty where none could be taken
};

/// What a check showed.
struct FixityReport {
  std::int64_t checked = 0;
  std::int64_t bytes = 0;
  std::vector<Damage> corrupt;
  std::vector<Damage> missing;
  std::vector<Damage> mended;  ///< corrupt or missing, and brought back from another copy
};

/// How thorough and how quick a check is.
struct FixityOptions {
  enum class Reading {
    everything,  ///< every byte
    nothing      ///< only whether it is there, and as long as it should be
  };
  Reading reading = Reading::everything;
  /// Blobs that were found good since then are not read again; absent: all are.
  std::optional<Instant> unless_checked_since;
  /// Called with the bytes that were just read, a part of a blob at a time; a scrub sleeps in it.
  std::function<void(std::uint64_t bytes)> pace;
};

/// Holds what is stored against what it should be: blobs against their names, records against
/// their seals, derivatives against their sums. Results are kept a blob in the catalogue. Nothing
/// is moved or removed. The store is checked in 256 slices, by the first byte of a digest or the
/// last but one of an id. Threads: safe from many threads.
class FixityCheck {
 public:
  FixityCheck(const BlobStore& blobs, const RecordStore& records,
              const DerivativeStore& derivatives, Catalogue& catalogue)
      : blobs_(blobs), records_(records), derivatives_(derivatives), catalogue_(catalogue) {}

  /// Errors: unavailable, also when `stop` asked for an end; what was found until then is kept.
  Result<FixityReport> check_slice(std::uint8_t slice, const FixityOptions& options,
                                   const std::stop_token& stop = {}) const;
  /// One blob, read whole. Errors: not_found when nothing expects it; unavailable.
  Result<FixityResult> check_blob(const Digest& sha256) const;

 private:
  struct Run;
  Result<void> check_blobs(Run& run) const;
  Result<void> read_expected(Run& run, const std::vector<FixityResult>& expected) const;
  Result<void> read_orphans(Run& run, const std::vector<Digest>& orphans) const;
  /// Reads blobs until `visit` fails or the run is stopped.
  Result<void> read_blobs(
      Run& run, const std::vector<Digest>& blobs,
      const std::function<Result<void>(const Digest& sha256, const Result<Fixity>& found)>& visit)
      const;
  Result<void> note_missing(Run& run, FixityResult expected) const;
  Result<void> note_damaged(Run& run, FixityResult expected, const std::string& found) const;
  Result<void> note(Run& run, FixityResult result) const;
  Result<void> check_records(Run& run) const;
  Result<void> check_derivatives(Run& run) const;

  const BlobStore& blobs_;
  const RecordStore& records_;
  const DerivativeStore& derivatives_;
  Catalogue& catalogue_;
};

}  // namespace khochung::storage

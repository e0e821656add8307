#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "schemas/guarded.hpp"
#include "storage/blobs/blob_store.hpp"

namespace khochung::storage {

/// The same blobs in several stores: the primary, which is read, and its replicas.
///
/// What is acknowledged: a blob is durable in the primary, and in each replica that was up. A
/// replica that fails holds nothing up: it is reported, gets nothing more until catch_up() finds it
/// working, and what it missed is remembered by slice (the 256th of the store whose digests begin
/// with the same byte). After a start every slice counts as missed until catch_up() has gone
/// through it, so that a crash between two copies leaves nothing behind unseen.
///
/// The primary says what the store holds. What only a replica has is left alone: it may be a blob
/// that was removed while the replica was down. A blob that the primary has lost is served from a
/// replica and comes back by verify_and_mend(), which whoever knows its digest calls.
/// Threads: safe from many threads.
class ReplicatingBlobStore final : public BlobStore {
 public:
  /// Told what went wrong with one of the stores (0 is the primary) while the whole went on.
  using Report = std::function<void(std::size_t store, const Error& error)>;
  using Stores = std::vector<std::reference_wrapper<BlobStore>>;
  static constexpr std::size_t slices = 256;

  /// `stores`: the primary first, then its replicas; they outlive this one.
  ReplicatingBlobStore(Stores stores, Report report);

  Result<std::unique_ptr<BlobWriter>> begin() override;
  /// The primary's blob; where the primary has none to give, a replica's.
  Result<BlobReader> open(const Digest& sha256) const override;
  Result<std::shared_ptr<const BlobReader>> open_shared(const Digest& sha256) const override;
  [[nodiscard]] bool contains(const Digest& sha256) const override;
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override;
  [[nodiscard]] bool is_local() const override {
    return std::ranges::all_of(stores_, [](const BlobStore& store) { return store.is_local(); });
  }
  [[nodiscard]] std::string location(const Digest& sha256) const override;
  /// Every copy: whoever wants the good ones kept calls verify_and_mend().
  Result<void> set_aside(const Digest& sha256) override;
  /// Every copy; one in a replica that fails is reported and stays there.
  Result<void> remove(const Digest& sha256) override;

  /// What one store has of a blob, and what became of it.
  struct Copy {
    enum class State { good, missing, damaged, unreadable };
    State state = State::good;
    bool is_mended = false;
    /// Why it could not be read or mended.
    std::optional<Error> error;
  };
  /// Reads every copy and replaces what is missing or damaged by a good one; a damaged copy's bytes
  /// are set aside. Gives the copies in the order of the stores.
  /// Errors: not_found when no store has the blob; corrupt when none has it intact (nothing is
  /// changed then).
  Result<std::vector<Copy>> verify_and_mend(const Digest& sha256);

  struct Intact {
    BlobReader reader;
    /// Whether this call put a good copy in the place of a primary that was damaged or lost.
    bool is_mended = false;
  };
  /// A blob whose bytes were read and have their digest: the primary's, else another copy's, and
  /// then all are mended; of several callers at once one mends, and the others wait for it. Later
  /// reads are not checked again.
  /// Errors: as verify_and_mend().
  Result<Intact> open_intact(const Digest& sha256);

  [[nodiscard]] std::size_t replica_count() const { return stores_.size() - 1; }
  /// The slices in which a replica may lack something.
  [[nodiscard]] std::bitset<slices> behind() const;
  /// Copies what replicas lack in `slice`; gives how many blobs that were.
  /// A blob that the primary cannot give is reported and left out.
  /// Errors: those of the primary's list. A replica's are reported, and it stays behind.
  Result<std::uint64_t> catch_up(std::uint8_t slice);

 private:
  class Writer;
  struct Replica {
    bool is_up = true;
    std::bitset<slices> behind = std::bitset<slices>().set();
  };
  struct Examined;
  struct Mended;

  Examined examine(const Digest& sha256) const;
  Result<void> mend(std::size_t store, const Digest& sha256, const Copy& copy,
                    const BlobReader& good);
  Result<Mended> examine_and_mend(const Digest& sha256);
  Result<void> with_each(const std::function<Result<void>(BlobStore&)>& act);
  Result<std::uint64_t> catch_up(std::size_t store, const std::vector<BlobInfo>& wanted,
                                 std::uint8_t slice);
  [[nodiscard]] bool is_up(std::size_t store) const;
  void note_failure(std::size_t store, const Error& error) const;
  void note_behind(std::size_t store, std::uint8_t slice);

  Stores stores_;
  Report report_;
  /// Held, by slice, while copies are examined and mended: nobody sets aside what another has just
  /// mended.
  std::array<std::mutex, slices> mending_;
  /// One for each store; the primary's is not looked at.
  mutable Guarded<std::vector<Replica>> replicas_;
};

}  // namespace khochung::storage

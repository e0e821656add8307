#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/blobs/blob_store.hpp"

namespace khochung::storage {

/// What was found and done when the copies of a blob were looked at.
struct Mending {
  int good = 0;    ///< copies that were whole
  int mended = 0;  ///< copies that were damaged or missing and are whole now
  int left = 0;    ///< copies that could not be mended: their store does not answer
};

/// The same blobs in several stores; the first one is read, the others are there for the day when
/// it fails. A put is acknowledged when the first store has it durably and each of the others has
/// it or does not answer: a replica that is away stops nobody, and mend() brings what it missed.
/// Threads: safe from many threads.
class ReplicatingBlobStore final : public BlobStore {
 public:
  /// Told when a store fails that is not needed at the moment; called from many threads.
  using Report = std::function<void(const std::string& what, const Error& error)>;

  /// At least one store; those that are borrowed outlive this one.
  ReplicatingBlobStore(std::vector<BlobStore*> stores, Report report)
      : stores_(std::move(stores)), report_(std::move(report)) {}

  Result<std::unique_ptr<BlobWriter>> begin() override;
  /// The first copy that can be opened; its bytes are not looked at.
  Result<BlobReader> open(const Digest& sha256) const override;
  [[nodiscard]] bool contains(const Digest& sha256) const override;
  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override;
  /// In every store.
  Result<void> set_aside(const Digest& sha256) override;
  Result<bool> remove(const Digest& sha256, Instant put_before) override;
  [[nodiscard]] std::string location(const Digest& sha256) const override;

  /// Opens a copy whose bytes were read whole and have their digest, and mends those that do not.
  /// Errors: not_found; corrupt when there are copies but no whole one; unavailable.
  Result<BlobReader> open_whole(const Digest& sha256);
  /// Reads every copy and mends those that are damaged or missing from a whole one.
  /// Errors: as open_whole.
  Result<Mending> mend(const Digest& sha256);

 private:
  class Writer;
  struct Copies;
  [[nodiscard]] Copies look_at(const Digest& sha256) const;
  Result<void> mend_one(const Digest& sha256, const BlobReader& whole, BlobStore& into,
                        bool is_damaged) const;

  std::vector<BlobStore*> stores_;
  Report report_;
};

}  // namespace khochung::storage

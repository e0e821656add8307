#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/catalogue/database.hpp"
#include "storage/uploads/part_file.hpp"

namespace khochung::storage {

/// Where an upload is on its way.
enum class UploadState {
  receiving,  ///< bytes are missing, or it waits to be taken in
  taken,      ///< became a material
  refused,    ///< cannot become one; its bytes are gone
};

std::string_view to_text(UploadState state);

/// A file that its sender may break off and take up again.
struct Upload {
  UploadId id;
  std::string creator;  ///< account name
  UnitId unit;          ///< the unit that will own it, whose quota it takes
  std::uint64_t length_bytes = 0;
  std::uint64_t offset_bytes = 0;  ///< so many have come
  std::string metadata;            ///< what the sender said of it, for whoever takes it in
  UploadState state = UploadState::receiving;
  Instant created_at{};
  Instant expires_at{};
  std::optional<MaterialId> material;  ///< of one that was taken
  /// How it was taken in (ItemState), or the key of the sentence why it was refused.
  std::string outcome;

  [[nodiscard]] bool is_whole() const {
    return state == UploadState::receiving && offset_bytes == length_bytes;
  }
};

/// Uploads under way: `folder`/uploads.sqlite and <id>.part. Neither truth nor derived.
///
/// What append's finish() and find() tell is durable. While bytes come they are made durable every
/// 16 MiB, so that a process that is killed loses no more; a sender who comes again ends whatever
/// connection of the same upload still stands, and that one's bytes count no further.
/// Threads: safe from many threads.
/// Source: tus resumable upload protocol 1.0.0, whose terms are used.
class UploadStore {
 public:
  struct Settings {
    std::uint64_t max_file_bytes = 50ULL << 30U;
    /// Of all uploads under way that one unit will own.
    std::uint64_t max_unit_bytes = 200ULL << 30U;
    /// Under way at the same time from one account.
    std::int64_t max_open_per_creator = 1000;
    /// Kept free so that catalogue and index can always commit.
    std::uint64_t head_room_bytes = 256ULL << 20U;
    /// An upload of which nothing was heard for so long goes.
    std::chrono::milliseconds lifetime = std::chrono::hours(24 * 7);
  };
  using Clock = std::function<Instant()>;

  /// Opens or makes the folder and removes files that belong to no upload. One process owns it.
  /// Errors: corrupt; unsupported (made by a newer program); disk_full; unavailable; internal.
  static Result<std::unique_ptr<UploadStore>> open(std::filesystem::path folder, Settings settings,
                                                   Clock clock = {});

  /// Begins an upload; removes some that have expired.
  /// Errors: too_large, reason "upload_too_large" or "unit_quota"; conflict "too_many_uploads";
  /// disk_full; unavailable; internal.
  Result<Upload> create(const std::string& creator, UnitId unit, std::uint64_t length_bytes,
                        std::string metadata);
  /// How far it is. Errors: not_found (never made, removed or expired); corrupt; unavailable.
  Result<Upload> find(UploadId id);
  /// Those of an account that are receiving, newest first, at most 1,000 of them.
  Result<std::vector<Upload>> receiving(const std::string& creator);
  /// Removes it with its bytes. Errors: not_found; locked while it is being taken in; unavailable.
  Result<void> remove(UploadId id);

  /// Takes bytes that come behind those which are there.
  class Appender;
  /// `is_all_or_nothing`: the bytes count only once finish() was called.
  /// Errors: not_found; conflict "upload_offset" when `offset_bytes` is not where it stands;
  /// too_large when `length_bytes` more would be too many; locked; gone when it was refused;
  /// corrupt; unavailable.
  Result<std::unique_ptr<Appender>> append(UploadId id, std::uint64_t offset_bytes,
                                           std::uint64_t length_bytes, bool is_all_or_nothing);

  /// A whole upload on its way to its place in the store; nobody else may have it meanwhile.
  class Staged;
  /// `blobs` is where it is to be kept. Errors: not_found; conflict "upload_not_whole"; locked;
  /// corrupt; unavailable.
  Result<std::unique_ptr<Staged>> stage(UploadId id, BlobStore& blobs);
  /// Notes what became of a staged upload, and lets its file go. Its note stays until it expires.
  /// Errors: unavailable.
  Result<void> settle(UploadId id, UploadState state, std::optional<MaterialId> material,
                      std::string_view outcome);

  [[nodiscard]] const Settings& settings() const { return settings_; }

 private:
  struct Open;
  UploadStore(std::filesystem::path folder, Settings settings, Clock clock,
              std::unique_ptr<Database> database);

  [[nodiscard]] std::filesystem::path path_of(UploadId id) const;
  Result<void> sweep_strangers();
  Result<void> remove_expired();
  Result<void> change(std::string_view sql, std::initializer_list<SqlValue> values);
  Result<Upload> row(UploadId id);
  Result<std::shared_ptr<Open>> open_one(const Upload& upload);
  Result<void> begin_turn(Open& open);
  Result<void> check_room(std::uint64_t wanted_bytes) const;
  Result<void> note(Open& open);
  void forget(UploadId id);

  std::filesystem::path folder_;
  Settings settings_;
  Clock clock_;
  std::unique_ptr<Database> database_;
  std::mutex mutex_;
  /// Uploads with an open file: those that were lately asked for and are not whole and settled.
  std::map<UploadId, std::shared_ptr<Open>> open_;
};

/// The bytes of one connection on their way into an upload. Dropped, it leaves what has come (of
/// one that is all or nothing: nothing).
/// Threads: one at a time; a newer one for the same upload ends it.
class UploadStore::Appender {
 public:
  Appender(UploadStore& store, std::shared_ptr<Open> open, std::uint64_t turn)
      : store_(store), open_(std::move(open)), turn_(turn) {}

  /// Errors: conflict when a newer connection has taken over; disk_full; unavailable.
  Result<void> write(std::span<const std::byte> bytes);
  /// Makes all that came durable and gives where the upload stands.
  /// Errors: as write().
  Result<Upload> finish();

 private:
  UploadStore& store_;
  std::shared_ptr<Open> open_;
  std::uint64_t turn_;
};

/// A blob writer whose bytes are all there. It needs no write(); finish() has the file kept under
/// its digest, and the upload's own file stays until it is settled.
class UploadStore::Staged final : public BlobWriter {
 public:
  Staged(BlobStore& blobs, std::shared_ptr<Open> open, StagedFile file);
  [[nodiscard]] const Digest& sha256() const { return file_.hash.sha256; }
  /// As long as one of these or the writer lives, nobody else may stage the upload.
  [[nodiscard]] std::shared_ptr<const void> claim() const { return claim_; }
  Result<void> write(std::span<const std::byte> bytes) override;
  Result<BlobReader> preview() override;
  Result<BlobInfo> finish() override;

 private:
  BlobStore& blobs_;
  std::shared_ptr<Open> open_;
  std::shared_ptr<const void> claim_;
  StagedFile file_;
};

}  // namespace khochung::storage

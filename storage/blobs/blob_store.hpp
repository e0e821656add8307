#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/result.hpp"
#include "storage/blobs/content_hasher.hpp"

namespace khochung::storage {

/// What is known of a stored blob.
struct BlobInfo {
  Digest sha256;
  std::uint64_t size_bytes = 0;
  /// Whether these bytes were there before, and good.
  bool was_known = false;
  /// Whether a damaged copy was there, which these bytes have replaced.
  bool was_healed = false;
  /// As in gzip and ZIP; known when the bytes have just come by, not from a listing.
  std::optional<std::uint32_t> crc32 = {};
};

/// A whole file of this machine with the hashes of its bytes, which change no more.
struct StagedFile {
  std::filesystem::path path;
  std::uint64_t size_bytes = 0;
  ContentHash hash;
};

/// Says whether a blob was read again and found good so lately that its bytes are trusted unread.
using IsFresh = std::function<bool(const Digest& sha256)>;

/// Fills `into` from `offset`, whole: never asked for what lies beyond the end.
/// Errors: unavailable.
/// Threads: safe from many threads.
using RangeSource = std::function<Result<void>(std::uint64_t offset, std::span<std::byte> into)>;

/// A blob opened for reading: from a descriptor, which it owns, or from somewhere else.
/// Threads: safe from many threads.
class BlobReader {
 public:
  BlobReader(int descriptor, std::uint64_t size_bytes);
  /// Bytes that come from elsewhere are held against `sha256` when all are read; without it the
  /// source sees to that.
  BlobReader(RangeSource source, std::uint64_t size_bytes, std::optional<Digest> sha256 = {});
  /// Of bytes in memory.
  static BlobReader holding(std::string bytes);
  BlobReader(BlobReader&& other) noexcept;
  BlobReader& operator=(BlobReader&& other) noexcept;
  ~BlobReader();

  /// A descriptor for sendfile, pread or a worker's input; stays ours. None where the bytes lie
  /// elsewhere: see with_descriptor().
  [[nodiscard]] std::optional<int> descriptor() const {
    return descriptor_ >= 0 ? std::optional(descriptor_) : std::nullopt;
  }
  /// Whether read() waits for nothing but this machine's disk.
  [[nodiscard]] bool is_at_hand() const { return is_at_hand_; }
  /// Tells the kernel how the bytes are going to be read (POSIX_FADV_…, from `offset` on, 0: to the
  /// end), where it is asked for them.
  void advise(int advice, std::uint64_t offset = 0, std::uint64_t size_bytes = 0) const;
  /// Has reads ask the disk itself, and leave the kernel's memory to what people read, where the
  /// file system lets them. Reads that begin and end at multiples of `disk_alignment`, into memory
  /// that does, are quick then.
  void read_past_cache() const;
  static constexpr std::size_t disk_alignment = 4096;
  /// What all bytes together must have; known where they come from elsewhere.
  [[nodiscard]] const std::optional<Digest>& sha256() const { return sha256_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  /// Fills `into` from `offset`; fewer bytes only at the end.
  /// Errors: unavailable.
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const;
  /// All bytes. Errors: too_large beyond `limit_bytes`; corrupt; unavailable.
  [[nodiscard]] Result<std::string> read_all(std::uint64_t limit_bytes) const;

 private:
  int descriptor_ = -1;
  std::uint64_t size_bytes_ = 0;
  RangeSource source_;
  std::optional<Digest> sha256_;
  bool is_at_hand_ = false;
};

/// A reader of the bytes behind `descriptor`, with a descriptor and an offset of its own.
/// Errors: unavailable.
Result<BlobReader> open_again(int descriptor, std::uint64_t size_bytes);

/// The same bytes behind a descriptor: `reader` itself, or a copy in a file without a name in the
/// system's folder for temporary files.
/// Errors: corrupt; disk_full; unavailable.
Result<BlobReader> with_descriptor(BlobReader reader);

/// Takes one blob in, piece by piece; its digest is taken as the bytes come by.
/// Dropped without finish(), it leaves nothing behind.
/// Threads: one at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  /// Errors: too_large; disk_full; unavailable. After an error the writer is dead.
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  /// The bytes so far, for a look at them before they are kept.
  /// Errors: unavailable.
  virtual Result<BlobReader> preview() = 0;
  /// Makes the bytes durable and gives their name. When it returns, a power cut cannot take the
  /// blob away. Writers that finish at the same time share one round of fsyncs. Bytes that are
  /// there already are read again before they are trusted; damaged ones are set aside and replaced.
  /// Errors: disk_full; unavailable; internal. On error nothing is kept.
  virtual Result<BlobInfo> finish() = 0;
};

/// Immutable bytes under their SHA-256, kept once.
/// Threads: safe from many threads.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// Begins a new blob. Errors: disk_full (head-room is kept for catalogue and index); unavailable.
  virtual Result<std::unique_ptr<BlobWriter>> begin() = 0;
  /// Keeps the bytes of `file` as BlobWriter::finish() does: under a second name of the same file
  /// where the store can, else by a copy whose digest is held against the file's. The file keeps
  /// its name. Errors: corrupt; those of begin(), write() and finish().
  virtual Result<BlobInfo> keep_file(const StagedFile& file);
  /// Errors: not_found; unavailable.
  virtual Result<BlobReader> open(const Digest& sha256) const = 0;
  /// The same, perhaps shared with others who read the blob: not to be advised, nor read past the
  /// cache.
  virtual Result<std::shared_ptr<const BlobReader>> open_shared(const Digest& sha256) const;
  [[nodiscard]] virtual bool contains(const Digest& sha256) const = 0;
  /// Calls `visit` with every blob in no stated order, until it returns false.
  virtual Result<void> for_each(const std::function<bool(const BlobInfo&)>& visit) const;
  /// The same for the 256th of the store whose digests begin with the byte `slice`.
  virtual Result<void> for_each_in(std::uint8_t slice,
                                   const std::function<bool(const BlobInfo&)>& visit) const = 0;
  /// Moves a damaged blob out of the way, durably; its bytes are kept for looking at.
  /// Errors: not_found; disk_full; unavailable; internal.
  virtual Result<void> set_aside(const Digest& sha256) = 0;
  /// Removes a blob, durably, with what was set aside of it on a disk. Whoever removes makes sure
  /// that nobody is taking in the same bytes. Errors: not_found; disk_full; unavailable; internal.
  virtual Result<void> remove(const Digest& sha256) = 0;
  /// Whether open() waits for nothing but this machine's disk.
  [[nodiscard]] virtual bool is_local() const { return true; }
  /// Where the blob lies, for people.
  [[nodiscard]] virtual std::string location(const Digest& sha256) const = 0;
};

/// Opens a blob so that it has a descriptor, for those who take nothing else.
/// Errors: not_found; corrupt; disk_full; unavailable.
Result<BlobReader> open_as_file(const BlobStore& store, const Digest& sha256);

/// Stores `bytes` in one step.
Result<BlobInfo> put(BlobStore& store, std::span<const std::byte> bytes);

}  // namespace khochung::storage

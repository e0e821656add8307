#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/material.hpp"
#include "schemas/record.hpp"
#include "schemas/result.hpp"
#include "schemas/unit.hpp"
#include "storage/catalogue/checked_pages.hpp"

namespace khochung::storage {

/// A batch: one intake of many files and its receipt.
struct Batch {
  BatchId id;
  std::string creator;
  Instant created_at{};
  bool is_closed = false;  ///< no more files will come
};

/// Where one file of a batch stands.
enum class ItemState { queued, reading, done, duplicate, failed, quarantined };

std::string_view to_text(ItemState state);

/// One line of a receipt.
struct BatchItem {
  BatchId batch;
  int position = 0;  ///< 1-based, in the order of arrival
  std::string path;  ///< as the sender named it; "/abs/a.zip!/inner.pdf" for a part
  std::optional<Digest> sha256;
  std::uint64_t size_bytes = 0;
  int pages = 0;
  std::optional<MaterialId> material;
  ItemState state = ItemState::queued;
  std::string
      reason;  ///< key of schemas/sentences.hpp when failed or quarantined, or with a warning
};

/// Which kind of work, so that slow work never holds up quick work.
enum class Lane { quick, slow };

/// Work on one material that is still to do.
struct Job {
  std::int64_t id = 0;
  Lane lane = Lane::quick;
  std::string task;  ///< "read", "unpack", "ocr", "layout", "thumbnail"
  MaterialId material;
  int attempts = 0;
  bool is_awaited = false;  ///< the receipt's line is done only after this job
};

/// What a list of materials shows without opening anything else.
struct CatalogueEntry {
  Material material;
  Digest seal;  ///< of the newest record
  int page_count = 0;
  bool is_searchable = false;
};

/// How a blob was found when its bytes were last read whole.
struct FixityResult {
  enum class State { good, damaged, missing };
  Digest sha256;
  std::uint64_t size_bytes = 0;
  std::optional<std::uint32_t> crc32;  ///< as in gzip and ZIP; absent where it was never taken
  std::optional<Instant> checked_at;   ///< absent: not yet
  State state = State::good;
};

std::string_view to_text(FixityResult::State state);

/// An entry of the audit chain on its way there: its number and the rest of it as JSON.
struct OwedAudit {
  std::int64_t seq = 0;
  std::string body;
};

/// How many things there are, for the front page and `doctor`.
struct Totals {
  std::int64_t materials = 0, blobs = 0, bytes = 0, queued_jobs = 0;
};

/// The catalogue: what the records say, in a form that answers quickly; batches and the job queue.
/// Derived from the store (jobs and batches apart). In an SQLite file (WAL, synchronous=FULL),
/// which belongs to one process, or in a PostgreSQL database, which many servers share. Errors:
/// unavailable when the database cannot be reached or was lost on the way; after that what was to
/// be written may be there, whole, or not. Threads: safe from many threads; writes are serialised
/// and grouped.
class Catalogue {
 public:
  /// Opens or makes the catalogue and brings it up to the newest migration.
  /// `location`: the path of an SQLite file, or `postgresql://…` (a database that exists).
  /// Errors: corrupt; unsupported (made by a newer program); unavailable.
  static Result<std::unique_ptr<Catalogue>> open(const std::string& location);
  virtual ~Catalogue() = default;

  // -- units
  /// All in one transaction, each with the bytes of the record that says so (owed as in
  /// put_material) and an entry for the audit chain; both empty in a rebuild.
  struct NewUnit {
    Unit unit;
    int revision = 1;
    std::string record;
    std::string event;
  };
  virtual Result<void> put_units(const std::vector<NewUnit>& entries) = 0;
  virtual Result<std::vector<Unit>> units() const = 0;

  // -- materials
  /// Adds a material with its first jobs and its batch line, or a newer revision of it, in one
  /// transaction. Durable when it returns; calls at the same time share one commit.
  /// A material of which nothing is known may begin with any revision, so that a rebuild puts the
  /// newest one at once. Errors: conflict when `material.revision` is not the next one.
  struct NewMaterial {
    Material material;
    Digest seal;                   ///< of `record`
    std::string record;            ///< the record's bytes, owed to the record store until forgotten
    int page_count = 0;            ///< 0: as it was
    std::vector<Job> jobs;         ///< id is given here
    std::vector<BatchItem> items;  ///< lines of the receipt; their positions are given here
    std::string event;             ///< owed to the audit chain; empty: nothing
    /// Originals that only earlier revisions name, where those are not in the catalogue.
    std::vector<MaterialFile> earlier_files;
    std::vector<FixityResult> fixity;  ///< of blobs that were read whole on their way in
  };
  /// The same transaction marks the material for the index and notes `record` as owed, so that a
  /// process which dies before the record is in the record store finds its bytes again.
  virtual Result<void> put_material(const NewMaterial& entry) = 0;
  /// Revisions of one material that follow each other, all or none, as put_material takes one.
  virtual Result<void> put_revisions(const std::vector<NewMaterial>& entries) = 0;
  /// Many at once, for a rebuild: one transaction; what is there already is passed over.
  virtual Result<void> put_materials(const std::vector<NewMaterial>& entries) = 0;
  /// Bytes of records that the record store may not have; at most `limit`; those already forgotten
  /// do not count.
  virtual Result<std::vector<std::string>> owed_records(int limit) const = 0;
  /// The record store has it. Need not be durable at once: it may be deleted with the next
  /// transaction.
  virtual Result<void> forget_owed_record(const Uuid& id, int revision) = 0;
  virtual Result<CatalogueEntry> material(MaterialId id) const = 0;
  /// What material() gave lately, from memory alone and as true as that; null when it would have to
  /// be read, as always where other servers may write.
  virtual std::shared_ptr<const CatalogueEntry> recent(MaterialId id) const = 0;
  virtual Result<std::vector<CatalogueEntry>> materials(
      const std::vector<MaterialId>& ids) const = 0;
  /// The material of `owner` that holds these bytes as an original and is not deleted, if there is
  /// one.
  virtual Result<std::optional<MaterialId>> find_duplicate(const Digest& sha256,
                                                           UnitId owner) const = 0;
  /// All materials, of whatever owner, that hold these bytes as an original, in order of arrival.
  virtual Result<std::vector<MaterialId>> with_blob(const Digest& sha256) const = 0;
  /// The materials whose parent (`part_of`) is `whole`, in order of arrival.
  virtual Result<std::vector<MaterialId>> parts_of(MaterialId whole) const = 0;
  /// The materials of a batch with this group, in order of arrival.
  virtual Result<std::vector<MaterialId>> group_members(BatchId batch,
                                                        std::string_view group) const = 0;
  /// Materials after `after` in order of id, for rebuilds; at most `limit`.
  virtual Result<std::vector<CatalogueEntry>> materials_after(std::optional<MaterialId> after,
                                                              int limit) const = 0;
  /// Materials are numbered from 1 as they arrive; a rebuild numbers them anew. 0: there is none.
  virtual Result<std::int64_t> newest_arrival() const = 0;
  /// The materials with these numbers, both ends included, in their order.
  virtual Result<std::vector<CatalogueEntry>> arrivals(std::int64_t first,
                                                       std::int64_t last) const = 0;
  /// Also sets the pages of its receipt lines when it has one file.
  virtual Result<void> set_page_count(MaterialId id, int page_count) = 0;

  // -- what still has to go into the index (a sequence that only grows)
  /// Makes this process the one that feeds an index from the catalogue, of all that share it.
  /// Errors: locked while another one that is alive does.
  virtual Result<void> own_index() = 0;
  /// Marks the material as changed for the index.
  virtual Result<void> mark_for_index(MaterialId id) = 0;
  struct Waiting {
    CatalogueEntry entry;
    std::int64_t mark = 0;  ///< a number that grows with each change
  };
  /// Up to `limit` materials that the index does not have in their present state, oldest mark
  /// first.
  virtual Result<std::vector<Waiting>> waiting_for_index(int limit) const = 0;
  /// The index holds these as they were at that mark; a material that changed since stays waiting.
  /// In the same transaction receipt lines of these materials that were queued or reading become
  /// done, unless an awaited job of the material is left. Errors: locked when another process has
  /// become the one that feeds the index.
  virtual Result<void> set_indexed(
      const std::vector<std::pair<MaterialId, std::int64_t>>& id_and_mark) = 0;

  /// How far the sequence of changes is, and how far the index was said to be.
  struct Marks {
    std::int64_t newest = 0;
    std::int64_t indexed = 0;
  };
  virtual Result<Marks> marks() const = 0;
  /// The index holds everything as it was at that mark; lines and errors as in set_indexed.
  virtual Result<void> set_indexed_until(std::int64_t mark) = 0;

  // -- batches
  virtual Result<void> put_batch(const Batch& batch) = 0;
  virtual Result<Batch> batch(BatchId id) const = 0;
  virtual Result<std::vector<BatchItem>> batch_items(BatchId id) const = 0;
  struct BatchCounts {
    std::int64_t files = 0, pages = 0;
    std::vector<std::pair<ItemState, std::int64_t>> by_state;  ///< every state, also with 0
  };
  virtual Result<BatchCounts> batch_counts(BatchId id) const = 0;
  /// Adds a line (position 0: at the end), or replaces the one at its position.
  virtual Result<BatchItem> put_batch_item(const BatchItem& item) = 0;
  /// Adds lines at the end, in one transaction.
  virtual Result<void> add_batch_items(const std::vector<BatchItem>& items) = 0;
  /// Sets state and reason of every line of this material that is not a duplicate.
  virtual Result<void> set_item_state(MaterialId material, ItemState state,
                                      std::string_view reason) = 0;
  /// Newest first, at most `limit`; of everyone when `creator` is empty.
  virtual Result<std::vector<Batch>> batches(std::string_view creator, int limit) const = 0;

  // -- jobs
  virtual Result<void> add_job(const Job& job) = 0;
  /// Takes the oldest job of a lane; it comes back after `lease` unless finished. Nothing: none is
  /// due.
  virtual Result<std::optional<Job>> claim_job(Lane lane, std::chrono::seconds lease) = 0;
  /// The job is gone, and its material marked as changed for the index, in one transaction: were it
  /// indexed between the two, the receipt's line would wait for ever.
  virtual Result<void> finish_job(const Job& job) = 0;
  /// Puts a job back, to be taken again after `delay`.
  virtual Result<void> put_back_job(std::int64_t id, std::chrono::seconds delay) = 0;
  /// Gives back what processes that are gone had claimed; called once at start.
  virtual Result<void> release_claims() = 0;

  /// How many jobs of a lane could be taken now, or are under way or wait to be tried again.
  struct QueueLength {
    Lane lane = Lane::quick;
    bool is_due = true;
    std::int64_t jobs = 0;
  };
  /// All lanes and both states, also with 0. Counts the whole queue: for a look now and then.
  virtual Result<std::vector<QueueLength>> queue_lengths() const = 0;

  virtual Result<Totals> totals() const = 0;

  // -- a rebuild in place
  /// Forgets everything but what is owed to the audit chain, and remembers this of upkeep instead,
  /// all at once.
  virtual Result<void> start_over(std::string_view name, std::string_view value) = 0;

  // -- fixity: the whole store in 256 slices, by the first byte of a digest
  /// All blobs that should be in the store and whose first byte is `slice`, in order.
  virtual Result<std::vector<FixityResult>> fixity_in(std::uint8_t slice) const = 0;
  /// Errors: not_found when the catalogue knows no such blob.
  virtual Result<FixityResult> fixity(const Digest& sha256) const = 0;
  /// Notes results of blobs that the catalogue knows; others are passed over.
  virtual Result<void> set_fixity(const std::vector<FixityResult>& results) = 0;
  /// At most `limit` blobs that were found damaged or missing.
  virtual Result<std::vector<FixityResult>> bad_blobs(int limit) const = 0;

  /// Holds a 256th of the catalogue's own pages against their sums; nobody writes meanwhile. None
  /// on PostgreSQL, whose server keeps sums of its own. Errors: corrupt when the file is too
  /// damaged for that; unavailable.
  virtual Result<CheckedPages> check_pages(std::uint8_t slice) = 0;

  // -- what keeps bytes
  /// Whether a material names these bytes in any revision, other than those that were deleted
  /// before `deleted_before` and that nothing holds.
  virtual Result<bool> is_kept(const Digest& sha256, Instant deleted_before) const = 0;
  /// The materials that name these bytes in any revision.
  virtual Result<std::vector<MaterialId>> keepers(const Digest& sha256) const = 0;
  /// The bytes are gone: nothing expects them any more.
  virtual Result<void> forget_blob(const Digest& sha256) = 0;

  // -- what is not out yet
  /// A place in the list of what waits for a unit: by the instant since which it waits, then by id.
  struct ReviewPlace {
    Instant since{};
    std::string id;
  };
  /// Materials that wait for a decision of the unit or for their publication, those that wait
  /// longest first, after `after`; at most `limit`.
  virtual Result<std::vector<CatalogueEntry>> in_review(UnitId to, const ReviewPlace& after,
                                                        int limit) const = 0;
  /// What an account has made and what is not out yet, newest first, before `before`; at most
  /// `limit`.
  virtual Result<std::vector<CatalogueEntry>> unpublished_of(
      std::string_view creator, const std::optional<MaterialId>& before, int limit) const = 0;

  // -- retention
  /// A place in the list of one retention key (schemas/retention.hpp): by year, then by id.
  struct DuePlace {
    int year = 0;
    std::string id;
  };
  /// Materials of a retention key whose date begins in a year of at most `year`, in that order
  /// after `after`, that are not deleted; at most `limit`.
  virtual Result<std::vector<CatalogueEntry>> of_key_until(std::string_view key, int year,
                                                           const DuePlace& after,
                                                           int limit) const = 0;
  /// A new revision of a vocabulary or disposal: its bytes are owed to the record store, `event` to
  /// the audit chain; both empty in a rebuild. Errors: conflict when that revision is owed already.
  struct NewRecord {
    RecordKind kind = RecordKind::vocabulary;
    Uuid id;
    int revision = 1;
    std::string record;
    std::string event;
  };
  virtual Result<void> put_record(const NewRecord& entry) = 0;
  /// The ids of a kind, newest first, before `before`; at most `limit`.
  virtual Result<std::vector<Uuid>> records_before(RecordKind kind,
                                                   const std::optional<Uuid>& before,
                                                   int limit) const = 0;
  /// Receipts no longer name the material's files, and no revision below that one is owed.
  virtual Result<void> erase_traces(MaterialId id, int below_revision) = 0;

  // -- the audit chain's entries, numbered in the transaction of the change that they tell of
  /// Owes an entry that belongs to no change of a material.
  virtual Result<void> owe_audit(std::string_view body) = 0;
  /// In order, at most `limit`.
  virtual Result<std::vector<OwedAudit>> owed_audit(int limit) const = 0;
  /// The chain has everything up to `seq`.
  virtual Result<void> forget_owed_audit(std::int64_t seq) = 0;
  /// The number of the newest entry.
  virtual Result<std::int64_t> audit_seq() const = 0;
  /// After a rebuild: the chain ends with `seq`.
  virtual Result<void> set_audit_seq(std::int64_t seq) = 0;

  // -- what upkeep remembers between runs, as JSON; empty when there is nothing
  virtual Result<std::string> upkeep(std::string_view name) const = 0;
  virtual Result<void> set_upkeep(std::string_view name, std::string_view value) = 0;
};

}  // namespace khochung::storage

#include "indexer/index/rebuild.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>

#include "indexer/index/compose.hpp"
#include "indexer/index/folder.hpp"
#include "indexer/index/metadata.hpp"
#include "indexer/index/reserve.hpp"
#include "indexer/index/seal.hpp"
#include "indexer/index/xapian_guard.hpp"

namespace khochung::index {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t text_bytes_a_shard = 16U << 20U;
/// Each shard that is merged costs a few open files.
constexpr std::size_t shards_a_merge = 64;

/// Not DB_DANGEROUS: after a failed write Xapian then answers only that it cannot go back.
constexpr int shard_flags = Xapian::DB_CREATE | Xapian::DB_NO_SYNC;

/// One small database that is written in one go.
class Shard {
 public:
  explicit Shard(const fs::path& path)
      : path_(path), database_(path.string(), shard_flags | Xapian::DB_BACKEND_GLASS) {
    // As in Index: what is given up half way must not be committed by the destructor.
    database_.begin_transaction(/*flushed=*/false);
  }

  void add(const IndexDocument& document) {
    const auto composed = compose(document);
    database_.add_document(composed);
    ++written_.documents;
    written_.terms += composed.termlist_count();
    for (const auto& page : document.page_texts) written_.text_bytes += page.size();
    for (const auto& page : document.raw_page_texts) written_.text_bytes += page.size();
  }
  [[nodiscard]] bool is_full() const { return written_.text_bytes >= text_bytes_a_shard; }
  [[nodiscard]] const PendingChanges& written() const { return written_; }
  Result<void> finish() {
    KHOCHUNG_CHECK(reserve(path_, written_));
    database_.commit_transaction();
    database_.commit();
    database_.close();
    give_back_reserve(path_);
    return {};
  }

 private:
  fs::path path_;
  Xapian::WritableDatabase database_;
  PendingChanges written_;
};

/// The work that the writers of one rebuild share.
class Rebuild {
 public:
  Rebuild(fs::path workplace, RebuildSource& source, std::size_t documents_a_shard)
      : workplace_(std::move(workplace)), source_(source), documents_a_shard_(documents_a_shard) {}

  Result<void> run(unsigned writers) {
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < writers; ++i) threads.emplace_back([this] { write(); });
      write();
    }
    if (error_) return fail(*error_);
    return {};
  }

  /// The shards in order of age.
  [[nodiscard]] std::vector<fs::path> shards() {
    std::ranges::sort(shards_);
    std::vector<fs::path> paths;
    for (const auto& [order, path] : shards_) paths.push_back(path);
    return paths;
  }
  [[nodiscard]] RebuildTotals totals() const { return totals_; }

 private:
  using Order = std::pair<std::size_t, std::size_t>;

  void write() {
    while (true) {
      std::size_t turn = 0;
      const auto ids = next_ids(turn);
      if (!ids) return stop(ids.error());
      if (ids->empty()) return;
      const auto written = guarded([&]() -> Result<void> { return write_shards(*ids, turn); });
      if (!written) return stop(written.error());
    }
  }

  Result<std::vector<MaterialId>> next_ids(std::size_t& turn) {
    const std::scoped_lock lock(mutex_);
    if (error_) return std::vector<MaterialId>{};
    turn = turns_++;
    return source_.next(documents_a_shard_);
  }

  Result<void> write_shards(const std::vector<MaterialId>& ids, std::size_t turn) {
    std::size_t part = 0;
    for (std::size_t at = 0; at < ids.size();) {
      const auto path = workplace_ / (std::to_string(turn) + "-" + std::to_string(part));
      Shard shard(path);
      for (; at < ids.size() && !shard.is_full(); ++at) {
        const auto document = KHOCHUNG_TRY(source_.load(ids[at]));
        if (document && document->standing.sensitivity != Sensitivity::quarantined)
          shard.add(*document);
      }
      KHOCHUNG_CHECK(shard.finish());
      note({turn, part++}, path, shard);
    }
    return {};
  }

  void note(Order order, const fs::path& path, const Shard& shard) {
    const std::scoped_lock lock(mutex_);
    shards_.emplace_back(order, path);
    totals_.documents += static_cast<std::int64_t>(shard.written().documents);
    totals_.bytes += static_cast<std::int64_t>(shard.written().text_bytes);
  }

  void stop(const Error& error) {
    const std::scoped_lock lock(mutex_);
    if (!error_) error_ = error;
  }

  fs::path workplace_;
  RebuildSource& source_;
  std::size_t documents_a_shard_;
  std::mutex mutex_;
  std::size_t turns_ = 0;
  std::vector<std::pair<Order, fs::path>> shards_;
  RebuildTotals totals_;
  std::optional<Error> error_;
};

void merge(const std::vector<fs::path>& shards, const fs::path& into) {
  Xapian::Database all;
  for (const auto& shard : shards) all.add_database(Xapian::Database(shard.string()));
  all.compact(into.string());
  std::error_code ignored;  // the workplace is removed as a whole in any case
  for (const auto& shard : shards) fs::remove_all(shard, ignored);
}

/// Merges until one is left, a limited number at a time.
fs::path merge_all(std::vector<fs::path> shards, const fs::path& workplace) {
  for (int round = 0;; ++round) {
    std::vector<fs::path> merged;
    for (std::size_t from = 0; from < shards.size(); from += shards_a_merge) {
      const auto end = std::min(shards.size(), from + shards_a_merge);
      merged.push_back(workplace /
                       ("merged-" + std::to_string(round) + "-" + std::to_string(merged.size())));
      merge({shards.begin() + static_cast<std::ptrdiff_t>(from),
             shards.begin() + static_cast<std::ptrdiff_t>(end)},
            merged.back());
    }
    shards = std::move(merged);
    if (shards.size() == 1) return shards.front();
  }
}

Result<void> finish(std::vector<fs::path> shards, const fs::path& workplace,
                    const fs::path& generation, std::int64_t mark) {
  if (shards.empty()) {
    shards.push_back(workplace / "empty");
    KHOCHUNG_CHECK(Shard(shards.back()).finish());
  }
  const auto merged = merge_all(std::move(shards), workplace);
  {
    Xapian::WritableDatabase database(merged.string(), Xapian::DB_OPEN);
    set_format(database);
    set_mark(database, mark);
    database.commit();
  }
  KHOCHUNG_CHECK(seal(merged));
  KHOCHUNG_CHECK(sync_files_of(merged));
  std::error_code error;
  fs::rename(merged, generation, error);
  if (error) return failure(generation, "rename", error.value());
  fs::remove_all(workplace, error);
  return {};
}

}  // namespace

Result<RebuildTotals> rebuild(const fs::path& folder, RebuildSource& source,
                              const RebuildOptions& options) {
  const auto generation = KHOCHUNG_TRY(next_generation(folder));
  const auto workplace = folder / "rebuild";
  std::error_code error;
  fs::remove_all(workplace, error);
  if (error) return failure(workplace, "remove", error.value());
  fs::create_directories(workplace, error);
  if (error) return failure(workplace, "make", error.value());
  Rebuild work(workplace, source, std::max<std::size_t>(1, options.documents_a_shard));
  KHOCHUNG_CHECK(work.run(std::max(1U, options.writers)));
  KHOCHUNG_CHECK(guarded([&]() -> Result<void> {
    return finish(work.shards(), workplace, generation, options.mark);
  }));
  KHOCHUNG_CHECK(make_current(folder, generation));
  return work.totals();
}

}  // namespace khochung::index

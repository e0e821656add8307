#include "indexer/index/index.hpp"

#include <charconv>
#include <mutex>
#include <optional>
#include <utility>

#include "indexer/index/compose.hpp"
#include "indexer/index/folder.hpp"
#include "indexer/index/metadata.hpp"
#include "indexer/index/reserve.hpp"
#include "indexer/index/terms.hpp"
#include "indexer/index/xapian_guard.hpp"

namespace khochung::index {
namespace {

/// Measured by others of this project: 2,500 beats 500, 10,000 and 50,000 by a fifth. Text counts
/// too, since a book weighs as much as a thousand letters.
constexpr std::size_t most_waiting_documents = 2'500;
constexpr std::size_t most_waiting_bytes = 16U << 20U;

std::size_t bytes_of(const IndexDocument& document) {
  std::size_t bytes = 0;
  for (const auto& page : document.page_texts) bytes += page.size();
  for (const auto& page : document.raw_page_texts) bytes += page.size();
  return bytes;
}

}  // namespace

Error error_from(const Xapian::Error& exception) {
  const auto message = "index: " + exception.get_description();
  const std::string_view type = exception.get_type();
  // Xapian has the same type for a lock that somebody holds and one that the disk refuses.
  if (type == "DatabaseLockError" && message.find("already locked") != std::string::npos)
    return {ErrorCode::locked, message};
  if (type == "DatabaseCorruptError" || type == "DatabaseVersionError" ||
      type == "SerialisationError")
    return {ErrorCode::corrupt, message};
  if (type == "DatabaseNotFoundError") return {ErrorCode::not_found, message};
  if (message.find("No space left") != std::string::npos ||
      message.find("quota exceeded") != std::string::npos)
    return {ErrorCode::disk_full, message};
  if (type.starts_with("Database")) return {ErrorCode::unavailable, message};
  return {ErrorCode::internal, message};
}

struct Index::State {
  std::filesystem::path generation;
  mutable std::mutex mutex;
  Xapian::WritableDatabase database;
  PendingChanges pending;
  std::optional<Seal> seal;  ///< always there once the index is open
  bool may_be_torn = false;
  /// One check at a time; taken before `mutex`, which is held for a stretch of blocks only.
  std::mutex checking;

  /// All changes stand in a transaction, which the destructor of a database throws away. Without
  /// one it would commit them, with no room promised. Call inside `guarded`.
  void begin() { database.begin_transaction(/*flushed=*/false); }

  /// Call with the mutex held, inside `guarded`.
  Result<void> commit() {
    KHOCHUNG_CHECK(reserve(generation, pending));
    database.commit_transaction();
    const auto committed = guarded([&]() -> Result<void> {
      database.commit();
      return {};
    });
    pending = {};
    // What goes wrong here is found at the next start, and the index is built anew.
    if (!committed) static_cast<void>(seal->follow_failed());
    begin();
    KHOCHUNG_CHECK(committed);
    KHOCHUNG_CHECK(sync_folder(generation));
    return seal->follow();
  }

  /// The seal that there is. Xapian believes its version file whatever it says, and reads where
  /// there is nothing or crashes; so this comes before Xapian opens it.
  Result<void> open_seal() {
    auto opened = Seal::open(generation);
    if (!opened && opened.error().code == ErrorCode::not_found)
      return fail(ErrorCode::unsupported, opened.error().message);
    seal = KHOCHUNG_TRY(std::move(opened));
    return seal->check_version_file();
  }

  Result<void> mark_open() {
    const auto mark = generation / open_mark;
    std::error_code error;
    may_be_torn = std::filesystem::exists(mark, error);
    return may_be_torn ? Result<void>() : replace_file(mark, "");
  }

  void close() {
    const auto closed = guarded([&]() -> Result<void> {
      database.close();
      return {};
    });
    std::error_code ignored;  // a mark too many only makes the next check doubt
    if (closed) std::filesystem::remove(generation / open_mark, ignored);
  }

  Result<CheckReport> check(std::uint8_t slice) {
    const std::scoped_lock one_at_a_time(checking);
    CheckReport report;
    report.may_be_torn = may_be_torn;
    std::vector<Seal::Stretch> stretches;
    {
      const std::scoped_lock lock(mutex);
      stretches = seal->stretches(slice);
      if (slice == 0) KHOCHUNG_CHECK(check_small_files(report));
    }
    for (const auto& stretch : stretches) {
      const std::scoped_lock lock(mutex);
      KHOCHUNG_CHECK(seal->check(stretch, Seal::From::disk, report));
    }
    return report;
  }

  Result<void> check_small_files(CheckReport& report) const {
    const auto pointer = generation.parent_path() / "current";
    if (current_generation(generation.parent_path()) != generation)
      report.damages.push_back({pointer, "current", "", ""});
    return seal->check_small_files(report);
  }
};

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() {
  state_->close();
}

Result<std::unique_ptr<Index>> Index::open(const std::filesystem::path& folder) {
  auto current = current_generation(folder);
  const bool is_new = !current && current.error().code == ErrorCode::not_found;
  if (is_new) current = next_generation(folder);
  if (!current) return fail(current.error());
  auto state = std::make_unique<State>();
  state->generation = *current;
  return guarded([&]() -> Result<std::unique_ptr<Index>> {
           // A process that died, or a database that committed as it was closed, leaves a revision
           // that the disk may not have yet. The next commit overwrites blocks of the one before.
           if (!is_new) {
             KHOCHUNG_CHECK(sync_folder(*current));
             KHOCHUNG_CHECK(state->open_seal());
           }
           // Xapian must not flush by itself: only our commits are followed by an fsync of the
           // folder.
           state->database = Xapian::WritableDatabase(current->string(),
                                                      is_new ? Xapian::DB_CREATE : Xapian::DB_OPEN);
           state->begin();
           if (is_new) {
             state->seal = KHOCHUNG_TRY(Seal::make(*current));
             set_format(state->database);
             KHOCHUNG_CHECK(state->commit());
             KHOCHUNG_CHECK(make_current(folder, *current));
           } else {
             // A process that died may have left a commit that is not sealed.
             KHOCHUNG_CHECK(state->seal->follow());
           }
           if (const auto ours = check_format(state->database); !ours)
             return fail(ErrorCode::unsupported, ours.error().message);
           KHOCHUNG_CHECK(state->mark_open());
           return std::unique_ptr<Index>(new Index(std::move(state)));
         })
      .map_error([](Error error) {
        // `current` names a generation that is not there or is no database.
        if (error.code == ErrorCode::not_found) error.code = ErrorCode::corrupt;
        return error;
      });
}

Result<void> Index::add(const IndexDocument& document) {
  if (document.standing.sensitivity == Sensitivity::quarantined)
    return remove(document.material.id);
  return guarded([&]() -> Result<void> {
    const auto composed = compose(document);
    const std::scoped_lock lock(state_->mutex);
    state_->database.replace_document(id_term(document.material.id), composed);
    auto& pending = state_->pending;
    ++pending.documents;
    pending.terms += composed.termlist_count();
    pending.text_bytes += bytes_of(document);
    if (pending.documents >= most_waiting_documents || pending.text_bytes >= most_waiting_bytes)
      return state_->commit();
    return {};
  });
}

Result<void> Index::remove(MaterialId id) {
  return guarded([&]() -> Result<void> {
    const std::scoped_lock lock(state_->mutex);
    state_->database.delete_document(id_term(id));
    ++state_->pending.documents;
    return {};
  });
}

Result<void> Index::commit(std::int64_t mark) {
  return guarded([&]() -> Result<void> {
    const std::scoped_lock lock(state_->mutex);
    set_mark(state_->database, mark);
    return state_->commit();
  });
}

Result<std::int64_t> Index::mark() const {
  return guarded([&]() -> Result<std::int64_t> {
    const std::scoped_lock lock(state_->mutex);
    return mark_of(state_->database);
  });
}

Result<CheckReport> Index::check(std::uint8_t slice) {
  return state_->check(slice);
}

bool Index::may_be_torn() const {
  return state_->may_be_torn;
}

Result<std::int64_t> Index::document_count() const {
  return guarded([&]() -> Result<std::int64_t> {
    const std::scoped_lock lock(state_->mutex);
    return static_cast<std::int64_t>(state_->database.get_doccount());
  });
}

}  // namespace khochung::index

#include "indexer/pipeline/index_keeper.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr std::chrono::milliseconds pause_after_trouble{1'000};
/// A file in the folder of the index: it is to be built anew.
constexpr std::string_view damage_mark = "damaged";

/// Says that a building goes on, while it lives.
class Building {
 public:
  explicit Building(std::atomic<bool>& goes_on) : goes_on_(goes_on) { goes_on_ = true; }
  ~Building() { goes_on_ = false; }
  Building(const Building&) = delete;

 private:
  std::atomic<bool>& goes_on_;
};

void append(storage::FixityReport& report, storage::FixityReport more) {
  report.checked += more.checked;
  report.bytes += more.bytes;
  report.corrupt.insert(report.corrupt.end(), std::make_move_iterator(more.corrupt.begin()),
                        std::make_move_iterator(more.corrupt.end()));
}

/// Hands the materials of the catalogue to a rebuild.
class CatalogueSource final : public index::RebuildSource {
 public:
  CatalogueSource(storage::Catalogue& catalogue, const storage::DerivativeStore& derivatives,
                  std::shared_ptr<const UnitTree> tree, std::atomic<std::int64_t>& handed_over)
      : catalogue_(catalogue),
        derivatives_(derivatives),
        tree_(std::move(tree)),
        handed_over_(handed_over) {}

  Result<std::vector<MaterialId>> next(std::size_t limit) override {
    const auto entries = KHOCHUNG_TRY(catalogue_.materials_after(last_, static_cast<int>(limit)));
    std::vector<MaterialId> ids;
    for (const auto& entry : entries) ids.push_back(entry.material.id);
    if (!ids.empty()) last_ = ids.back();
    handed_over_ += static_cast<std::int64_t>(ids.size());
    return ids;
  }

  Result<std::optional<index::IndexDocument>> load(MaterialId id) override {
    const auto entry = KHOCHUNG_TRY(catalogue_.material(id));
    if (!is_findable(entry.material)) return std::nullopt;
    KHOCHUNG_CHECK(ask_for_lost_reading(entry, derivatives_, catalogue_));
    return index_document(entry.material, *tree_, derivatives_);
  }

 private:
  storage::Catalogue& catalogue_;
  const storage::DerivativeStore& derivatives_;
  std::shared_ptr<const UnitTree> tree_;
  std::atomic<std::int64_t>& handed_over_;
  std::optional<MaterialId> last_;
};

}  // namespace

IndexKeeper::IndexKeeper(std::filesystem::path folder, storage::Catalogue& catalogue,
                         const storage::DerivativeStore& derivatives, UnitDirectory& units,
                         Bell& bell)
    : folder_(std::move(folder)),
      catalogue_(catalogue),
      derivatives_(derivatives),
      units_(units),
      bell_(bell) {}

Result<void> IndexKeeper::open() {
  const std::lock_guard lock(opening_);
  return open_or_build();
}

/// Before an index is given up, it is held against its seal: the new one will show nothing of what
/// was wrong.
Result<void> IndexKeeper::open_or_build() {
  std::error_code ignored;
  const bool is_told = std::filesystem::exists(folder_ / damage_mark, ignored);
  auto opened = index::Index::open(folder_);
  const bool is_damaged = !opened && opened.error().code == ErrorCode::corrupt;
  const bool is_foreign = !opened && opened.error().code == ErrorCode::unsupported;
  const bool has_less =
      opened && KHOCHUNG_TRY((*opened)->mark()) < KHOCHUNG_TRY(catalogue_.marks()).indexed;
  if (is_told || is_damaged || is_foreign || has_less) {
    const auto reason = !opened    ? opened.error().message
                        : has_less ? "it has less than it had"
                                   : "it was found damaged";
    const bool may_be_torn = opened && (*opened)->may_be_torn();
    opened = fail(ErrorCode::unavailable, reason);
    if (!is_told) look_before_building(is_damaged, may_be_torn);
    spdlog::warn("the index is built anew: {}", reason);
    KHOCHUNG_CHECK(build());
    opened = index::Index::open(folder_);
  }
  index_ = KHOCHUNG_TRY(std::move(opened));
  return {};
}

void IndexKeeper::look_before_building(bool is_damaged, bool may_be_torn) {
  auto found = index::check_unopened(folder_);
  if (!found) found = index::CheckReport();
  found->may_be_torn |= may_be_torn;
  if (is_damaged && found->damages.empty()) found->damages.push_back({folder_, "index", "", ""});
  if (!found->damages.empty()) keep_for_later(take_in(*found));
}

/// The new index has everything as it was when the building began; what changed since is fed later.
/// Call with `opening_` held.
Result<index::RebuildTotals> IndexKeeper::build() {
  const Building building(is_building_);
  const auto mark = KHOCHUNG_TRY(catalogue_.marks()).newest;
  built_ = 0;
  CatalogueSource source(catalogue_, derivatives_, units_.tree(), built_);
  index::RebuildOptions options;
  options.mark = mark;
  const auto totals = KHOCHUNG_TRY(index::rebuild(folder_, source, options));
  KHOCHUNG_CHECK(catalogue_.set_indexed_until(mark));
  is_damaged_ = false;
  std::error_code ignored;  // then it is built anew once more
  std::filesystem::remove(folder_ / damage_mark, ignored);
  return totals;
}

void IndexKeeper::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (const auto fed = feed(stop); !fed) {
        spdlog::error("the index takes nothing: {}", fed.error().message);
        ++refusals_;
        bell_.rest(stop, pause_after_trouble);
      }
    }
  });
}

/// Until a stop is wanted, or the index is found damaged. After trouble the index is opened anew:
/// Xapian closes one for good when a commit failed and going back did, too. What had not gone in
/// waits in the catalogue.
Result<void> IndexKeeper::feed(const std::stop_token& stop) {
  std::stop_source feeding;
  const std::stop_callback also_stops(stop, [feeding]() mutable { feeding.request_stop(); });
  feeding_.with([&](auto& present) { present = feeding; });
  KHOCHUNG_CHECK(make_ready());
  auto fed = IndexFeeder(catalogue_, derivatives_, units_, *index_, bell_)
                 .run(feeding.get_token(), [this] { refusals_ = 0; });
  if (fed && !is_damaged_) return {};
  const std::lock_guard lock(opening_);
  index_.reset();
  return fed;
}

/// Searches go on with a damaged index until the new one is there.
Result<void> IndexKeeper::make_ready() {
  const std::lock_guard lock(opening_);
  if (is_damaged_) {
    index_.reset();
    spdlog::warn("the index is built anew: it was found damaged");
    KHOCHUNG_TRY(build());
  }
  return index_ ? Result<void>() : open_or_build();
}

void IndexKeeper::keep_for_later(storage::FixityReport report) {
  found_.with([&](auto& found) { append(found, std::move(report)); });
}

Result<storage::FixityReport> IndexKeeper::check(std::uint8_t slice,
                                                 const storage::FixityOptions& options) {
  auto report = found_.with([](auto& found) { return std::exchange(found, {}); });
  const bool reads = options.reading == storage::FixityOptions::Reading::everything;
  // A new one is sealed as it is made.
  if (!reads || is_building_) return report;
  std::int64_t bytes = 0;
  {
    const std::lock_guard lock(opening_);
    if (!index_ || is_damaged_) return report;
    auto checked = take_in(KHOCHUNG_TRY(index_->check(slice)));
    bytes = checked.bytes;
    append(report, std::move(checked));
  }
  // Whoever rests must not keep the index from being opened anew.
  if (options.pace) options.pace(static_cast<std::uint64_t>(bytes));
  return report;
}

/// What is damaged is built anew, at the next start if this process does not come to it.
storage::FixityReport IndexKeeper::take_in(const index::CheckReport& found) {
  storage::FixityReport report;
  report.checked = found.blocks;
  report.bytes = found.bytes;
  for (const auto& damage : found.damages)
    report.corrupt.push_back({found.may_be_torn ? "torn" : "index", damage.part,
                              damage.file.string(), damage.expected, damage.found});
  if (report.corrupt.empty()) return report;
  is_damaged_ = true;
  std::ofstream(folder_ / damage_mark) << report.corrupt.front().path << '\n';
  feeding_.with([](auto& feeding) { feeding.request_stop(); });
  return report;
}

void IndexKeeper::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  bell_.ring();
  thread_.join();
}

Result<index::RebuildTotals> IndexKeeper::rebuild() {
  const std::lock_guard one_at_a_time(rebuilding_);
  stop();
  std::unique_lock lock(opening_);
  index_.reset();
  auto totals = build();
  // The old index stays when the rebuild fails: it goes on with what there is.
  const auto opened = open_or_build();
  lock.unlock();
  start();
  if (totals && !opened) return fail(opened.error());
  return totals;
}

}  // namespace khochung::pipeline

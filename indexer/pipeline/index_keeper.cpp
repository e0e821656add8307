#include "indexer/pipeline/index_keeper.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <optional>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr std::chrono::milliseconds pause_after_trouble{1'000};

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
  auto opened = index::Index::open(folder_);
  const bool is_damaged = !opened && opened.error().code == ErrorCode::corrupt;
  const bool has_less =
      opened && KHOCHUNG_TRY((*opened)->mark()) < KHOCHUNG_TRY(catalogue_.marks()).indexed;
  if (is_damaged || has_less) {
    spdlog::warn("the index is built anew: {}",
                 is_damaged ? opened.error().message : "it has less than it had");
    opened = fail(ErrorCode::unavailable, "the index is built anew");
    KHOCHUNG_CHECK(build());
    opened = index::Index::open(folder_);
  }
  index_ = KHOCHUNG_TRY(std::move(opened));
  return {};
}

/// The new index has everything as it was when the building began; what changed since is fed later.
Result<index::RebuildTotals> IndexKeeper::build() {
  const auto mark = KHOCHUNG_TRY(catalogue_.marks()).newest;
  built_ = 0;
  CatalogueSource source(catalogue_, derivatives_, units_.tree(), built_);
  index::RebuildOptions options;
  options.mark = mark;
  const auto totals = KHOCHUNG_TRY(index::rebuild(folder_, source, options));
  KHOCHUNG_CHECK(catalogue_.set_indexed_until(mark));
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

/// Until a stop is wanted. After trouble the index is opened anew: Xapian closes one for good when
/// a commit failed and going back did, too. What had not gone in waits in the catalogue.
Result<void> IndexKeeper::feed(const std::stop_token& stop) {
  if (!index_) KHOCHUNG_CHECK(open());
  auto fed = IndexFeeder(catalogue_, derivatives_, units_, *index_, bell_).run(stop, [this] {
    refusals_ = 0;
  });
  if (!fed) index_.reset();
  return fed;
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
  index_.reset();
  auto totals = build();
  // The old index stays when the rebuild fails: it goes on with what there is.
  const auto opened = open();
  start();
  if (totals && !opened) return fail(opened.error());
  return totals;
}

}  // namespace khochung::pipeline

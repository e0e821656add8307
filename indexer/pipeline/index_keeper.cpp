#include "indexer/pipeline/index_keeper.hpp"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

namespace khochung::pipeline {
namespace {

/// Hands the materials of the catalogue to a rebuild.
class CatalogueSource final : public index::RebuildSource {
 public:
  CatalogueSource(storage::Catalogue& catalogue, const storage::DerivativeStore& derivatives,
                  std::shared_ptr<const UnitTree> tree)
      : catalogue_(catalogue), derivatives_(derivatives), tree_(std::move(tree)) {}

  Result<std::vector<MaterialId>> next(std::size_t limit) override {
    const auto entries = KHOCHUNG_TRY(catalogue_.materials_after(last_, static_cast<int>(limit)));
    std::vector<MaterialId> ids;
    for (const auto& entry : entries) ids.push_back(entry.material.id);
    if (!ids.empty()) last_ = ids.back();
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
  if (!opened && opened.error().code == ErrorCode::corrupt) {
    spdlog::warn("the index cannot be used ({}); it is built anew", opened.error().message);
    CatalogueSource source(catalogue_, derivatives_, units_.tree());
    KHOCHUNG_CHECK(index::rebuild(folder_, source, {}));
    opened = index::Index::open(folder_);
  }
  index_ = KHOCHUNG_TRY(std::move(opened));
  return {};
}

void IndexKeeper::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    IndexFeeder(catalogue_, derivatives_, units_, *index_, bell_).run(stop);
  });
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
  CatalogueSource source(catalogue_, derivatives_, units_.tree());
  auto totals = index::rebuild(folder_, source, {});
  // The old index stays when the rebuild fails: it goes on with what there is.
  KHOCHUNG_CHECK(open());
  start();
  return totals;
}

}  // namespace khochung::pipeline

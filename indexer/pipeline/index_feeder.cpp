#include "indexer/pipeline/index_feeder.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "indexer/pipeline/quick_reader.hpp"

namespace khochung::pipeline {
namespace {

/// Xapian is quickest when it flushes about so many documents at once (2,500 beat 500, 10,000 and
/// 50,000).
constexpr int materials_a_group = 2'500;
/// Changes that come close together share a commit, still far below the promise of 2 s: a single
/// one soon; of a stream of them more at a time, for each commit writes most blocks of the index
/// anew.
constexpr std::chrono::milliseconds gathering_time{60};
constexpr std::chrono::milliseconds gathering_time_of_a_stream{500};
constexpr std::size_t least_of_a_stream = 16;
constexpr std::chrono::milliseconds longest_nap{2'000};

}  // namespace

bool is_findable(const Material& material) {
  return material.sensitivity != Sensitivity::quarantined && !is_taken_out(material.state);
}

Result<index::IndexDocument> index_document(const Material& material, const UnitTree& tree,
                                            const storage::DerivativeStore& derivatives) {
  const auto standing = KHOCHUNG_TRY(access::Standing::of(material, tree));
  return index::IndexDocument{material, standing, page_texts(material, derivatives), {}};
}

Result<void> ask_for_lost_reading(const storage::CatalogueEntry& entry,
                                  const storage::DerivativeStore& derivatives,
                                  storage::Catalogue& catalogue) {
  if (entry.page_count == 0 || count_pages(entry.material, derivatives).pages > 0) return {};
  return catalogue.add_job(
      {0, lane_of(Task::read), std::string(to_text(Task::read)), entry.material.id, 0, false});
}

Result<void> IndexFeeder::run(const std::stop_token& stop, const std::function<void()>& went_well) {
  while (!stop.stop_requested()) {
    const auto fed = KHOCHUNG_TRY(feed());
    went_well();
    if (fed == 0) {
      bell_.wait(stop, longest_nap);
      bell_.rest(stop, gathering_time);
    } else if (fed >= least_of_a_stream) {
      bell_.rest(stop, gathering_time_of_a_stream);
    }
  }
  return {};
}

Result<std::size_t> IndexFeeder::feed() {
  const auto waiting = KHOCHUNG_TRY(catalogue_.waiting_for_index(materials_a_group));
  if (waiting.empty()) return 0;
  const auto tree = units_.tree();
  std::vector<std::pair<MaterialId, std::int64_t>> done;
  done.reserve(waiting.size());
  for (const auto& [entry, mark] : waiting) {
    KHOCHUNG_CHECK(add(entry, *tree));
    done.emplace_back(entry.material.id, mark);
  }
  KHOCHUNG_CHECK(index_.commit(done.back().second));
  KHOCHUNG_CHECK(catalogue_.set_indexed(done));
  return done.size();
}

Result<void> IndexFeeder::add(const storage::CatalogueEntry& entry, const UnitTree& tree) {
  if (!is_findable(entry.material)) return index_.remove(entry.material.id);
  KHOCHUNG_CHECK(ask_for_lost_reading(entry, derivatives_, catalogue_));
  return index_.add(KHOCHUNG_TRY(index_document(entry.material, tree, derivatives_)));
}

}  // namespace khochung::pipeline

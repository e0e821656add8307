#include "indexer/search/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "indexer/index/terms.hpp"

namespace khochung::search {
namespace {

/// So many documents tell the average length.
constexpr Xapian::doccount measured_documents = 256;
constexpr std::size_t most_known_terms = 20'000;

}  // namespace

PublicStatistics::PublicStatistics(const Xapian::Database& database) : database_(database) {
  const auto term = index::everybody_term();
  const auto step = 1 + std::min(database_.get_termfreq(term), most_counted) / measured_documents;
  double lengths = 0;
  double measured = 0;
  const auto end = database_.postlist_end(term);
  for (auto at = database_.postlist_begin(term); at != end && documents_ < most_counted; ++at) {
    last_ = *at;
    if (documents_++ % step != 0) continue;
    lengths += database_.get_doclength(*at);
    ++measured;
  }
  if (lengths > 0) average_length_ = lengths / measured;
}

Xapian::doccount PublicStatistics::documents_with(const std::string& term) {
  if (const auto known = known_.find(term); known != known_.end()) return known->second;
  if (known_.size() >= most_known_terms) known_.clear();
  return known_[term] = count(term);
}

/// Both lists are in the order of documents: each in turn leaps to where the other stands.
Xapian::doccount PublicStatistics::count(const std::string& term) const {
  Xapian::doccount both = 0;
  auto with_term = database_.postlist_begin(term);
  auto open = database_.postlist_begin(index::everybody_term());
  const auto end = database_.postlist_end(term);
  const auto open_end = database_.postlist_end(index::everybody_term());
  while (with_term != end && open != open_end && *with_term <= last_ && *open <= last_) {
    if (*with_term < *open) {
      with_term.skip_to(*open);
    } else if (*open < *with_term) {
      open.skip_to(*with_term);
    } else {
      ++both;
      ++with_term;
      ++open;
    }
  }
  return both;
}

double PublicStatistics::documents_with_any(const std::vector<std::string>& terms) {
  if (documents_ == 0) return 0;
  double share_without = 1;
  for (const auto& term : terms) {
    // What nobody knows of takes no part, so that it cannot turn the last digit.
    if (const auto documents = documents_with(term); documents > 0)
      share_without *= 1 - static_cast<double>(documents) / documents_;
  }
  return documents_ * (1 - share_without);
}

/// Source: BM25 as Xapian has it; never negative, also for what stands in most documents.
double PublicStatistics::rarity(double documents_with) const {
  auto odds = (documents_ - documents_with + 0.5) / (documents_with + 0.5);
  if (odds < 2) odds = odds * 0.5 + 1;
  return std::log(odds);
}

}  // namespace khochung::search

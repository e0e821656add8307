#include "indexer/search/kept_rights.hpp"

#include <algorithm>

namespace khochung::search {
namespace {

/// A block is read whole, which takes about as long as so many looks into the index, once it was
/// asked about so often: words that stand in few documents never pay for it.
constexpr std::uint32_t asked_often = 64;
/// Eight million documents, 64 MB a search that runs at the same time.
constexpr std::size_t most_blocks = 2'048;

/// So many documents tell how many of all pass.
constexpr Xapian::docid sampled_documents = 300;

}  // namespace

std::optional<index::RightsValue> KeptRights::Reader::of_index(Xapian::docid document) {
  if (!at_) at_ = kept_.database_.valuestream_begin(index::slot_rights);
  const auto end = kept_.database_.valuestream_end(index::slot_rights);
  if (*at_ != end) at_->skip_to(document);
  if (*at_ == end || at_->get_docid() != document) return std::nullopt;
  return index::RightsValue::unpacked(**at_);
}

Instant KeptRights::Block::embargo_of(Xapian::docid document) const {
  return std::ranges::lower_bound(embargoes, document, {}, &Embargo::document)->until;
}

bool KeptRights::keep_if_asked_often(Block& block, Xapian::docid document) {
  if (++block.times_asked < asked_often || kept_blocks_ == most_blocks) return false;
  const auto first = document - document % block_documents;
  std::vector<Entry> entries(block_documents);
  std::vector<Embargo> embargoes;
  auto at = database_.valuestream_begin(index::slot_rights);
  at.skip_to(first);
  for (; at != database_.valuestream_end(index::slot_rights); ++at) {
    const auto number = at.get_docid();
    if (number - first >= block_documents) break;
    const auto rights = index::RightsValue::unpacked(*at);
    auto& entry = entries[number - first];
    entry.owner = rights.owner;
    entry.visibility = rights.visibility;
    entry.state = rights.state;
    entry.is_there = true;
    entry.has_embargo = rights.embargo_until != Instant::min();
    if (entry.has_embargo) embargoes.push_back({number, rights.embargo_until});
  }
  block.entries = std::move(entries);
  block.embargoes = std::move(embargoes);
  ++kept_blocks_;
  return true;
}

const std::vector<index::RightsValue>& KeptRights::sample() {
  if (sample_) return *sample_;
  std::vector<index::RightsValue> taken;
  const auto last = database_.get_lastdocid();
  const auto step = std::max<Xapian::docid>(1, last / sampled_documents);
  Reader reader(*this);
  for (auto document = 1 + step / 2; document <= last; document += step) {
    if (const auto rights = reader.of(document)) taken.push_back(*rights);
  }
  return sample_.emplace(std::move(taken));
}

}  // namespace khochung::search

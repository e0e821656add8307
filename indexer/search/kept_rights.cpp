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

const KeptRights::Rights& KeptRights::Reader::of_index(Xapian::docid document) {
  if (!at_) at_ = kept_.database_.valuestream_begin(index::slot_rights);
  const auto end = kept_.database_.valuestream_end(index::slot_rights);
  if (*at_ != end) at_->skip_to(document);
  looked_up_ = Rights();
  if (*at_ == end || at_->get_docid() != document) return looked_up_;
  const auto value = index::RightsValue::unpacked(**at_);
  looked_up_ = rights_in(value);
  looked_up_embargo_ = value.embargo_until;
  return looked_up_;
}

Instant KeptRights::Reader::embargo_of(Xapian::docid document) const {
  const auto& block = kept_.blocks_[document / block_documents];
  if (block.rights.empty()) return looked_up_embargo_;
  return std::ranges::lower_bound(block.embargoes, document, {}, &Embargo::document)->until;
}

KeptRights::Rights KeptRights::rights_in(const index::RightsValue& value) {
  Rights rights;
  rights.owner = value.owner;
  rights.visibility = value.visibility;
  rights.state = value.state;
  rights.is_there = true;
  rights.has_embargo = value.embargo_until != Instant::min();
  return rights;
}

bool KeptRights::keep_if_asked_often(Block& block, Xapian::docid document) {
  if (++block.times_asked < asked_often || kept_blocks_ == most_blocks) return false;
  const auto first = document - document % block_documents;
  std::vector<Rights> rights(block_documents);
  auto at = database_.valuestream_begin(index::slot_rights);
  at.skip_to(first);
  for (; at != database_.valuestream_end(index::slot_rights); ++at) {
    const auto number = at.get_docid();
    if (number - first >= block_documents) break;
    const auto value = index::RightsValue::unpacked(*at);
    rights[number - first] = rights_in(value);
    if (rights[number - first].has_embargo)
      block.embargoes.push_back({number, value.embargo_until});
  }
  block.rights = std::move(rights);
  ++kept_blocks_;
  return true;
}

const std::vector<index::RightsValue>& KeptRights::sample() {
  if (sample_) return *sample_;
  std::vector<index::RightsValue> taken;
  const auto last = database_.get_lastdocid();
  const auto step = std::max<Xapian::docid>(1, last / sampled_documents);
  auto value = database_.valuestream_begin(index::slot_rights);
  for (auto document = 1 + step / 2; document <= last; document += step) {
    value.skip_to(document);
    if (value == database_.valuestream_end(index::slot_rights)) break;
    taken.push_back(index::RightsValue::unpacked(*value));
  }
  return sample_.emplace(std::move(taken));
}

}  // namespace khochung::search

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

const KeptRights::Rights& KeptRights::Reader::of_another_block(Xapian::docid document) {
  auto& block = kept_.blocks_[document / block_documents];
  if (block.rights.empty() && !kept_.keep_if_asked_often(block, document))
    return of_index(document);
  first_ = document - document % block_documents;
  block_ = block.rights;
  embargoes_ = block.embargoes;
  return block_[document - first_];
}

const KeptRights::Rights& KeptRights::Reader::of_index(Xapian::docid document) {
  block_ = {};
  if (!at_) at_ = kept_.database_.valuestream_begin(index::slot_rights);
  const auto end = kept_.database_.valuestream_end(index::slot_rights);
  if (*at_ != end) at_->skip_to(document);
  looked_up_embargoes_ = {Instant::min()};
  looked_up_ = *at_ == end || at_->get_docid() != document
                   ? Rights()
                   : rights_in(index::RightsValue::unpacked(**at_), looked_up_embargoes_);
  embargoes_ = looked_up_embargoes_;
  return looked_up_;
}

KeptRights::Rights KeptRights::rights_in(const index::RightsValue& value, Ends& embargoes) {
  Rights rights;
  rights.owner = value.owner;
  rights.visibility = value.visibility;
  rights.state = value.state;
  rights.is_there = true;
  if (value.embargo_until != Instant::min()) {
    rights.embargo = static_cast<std::uint16_t>(embargoes.size());
    embargoes.push_back(value.embargo_until);
  }
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
    rights[number - first] = rights_in(index::RightsValue::unpacked(*at), block.embargoes);
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

#pragma once

#include <xapian.h>

#include <memory>
#include <vector>

#include "indexer/index/terms.hpp"
#include "schemas/access/policy.hpp"

namespace khochung::search {

/// access::passes as a query: matches exactly the documents whose material passes (a property test
/// holds the two together). Empty where everything passes.
Xapian::Query readable(const access::ReadFilter& filter);

/// Documents whose owner is one of these.
Xapian::Query owned_by(std::shared_ptr<const UnitSet> owners);

/// The rights of some documents, evenly over all of one commit. Going to them takes as long as many
/// a search (3 ms among 100,000), so that it is done once a commit. Threads: used by one search at
/// a time.
class RightsSample {
 public:
  explicit RightsSample(const Xapian::Database& database) : database_(database) {}

  /// How many of one pass both (owners: null for all): what Xapian's estimates are to be multiplied
  /// by. Throws what Xapian throws.
  double share_that_passes(const access::ReadFilter& filter, const UnitSet* owners);

 private:
  void take();

  Xapian::Database database_;
  std::vector<index::RightsValue> taken_;
  bool is_taken_ = false;
};

}  // namespace khochung::search

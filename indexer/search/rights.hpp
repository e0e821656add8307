#pragma once

#include <xapian.h>

#include <memory>

#include "schemas/access/policy.hpp"

namespace khochung::search {

/// access::passes as a query: matches exactly the documents whose material passes (a property test
/// holds the two together). Empty where everything passes.
Xapian::Query readable(const access::ReadFilter& filter);

/// Documents whose owner is one of these.
Xapian::Query owned_by(std::shared_ptr<const UnitSet> owners);

/// How many of one pass both (owners: null for all), by a sample: what Xapian's estimates are to be
/// multiplied by.
double share_that_passes(const Xapian::Database& database, const access::ReadFilter& filter,
                         const UnitSet* owners);

}  // namespace khochung::search

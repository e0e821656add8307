#pragma once

#include <xapian.h>

#include <memory>
#include <string>
#include <vector>

#include "indexer/search/kept_rights.hpp"
#include "schemas/access/policy.hpp"

namespace khochung::search {

/// What a search shows, for the index: the documents whose material passes access::passes (a
/// property test holds the two together) and whose owner is asked for.
class Shown {
 public:
  /// owners: null for all. What is kept outlives this and its queries.
  Shown(const access::ReadFilter& filter, std::shared_ptr<const UnitSet> owners, KeptRights& kept);

  /// Matches exactly these documents; empty where everything is shown.
  [[nodiscard]] Xapian::Query query() const;
  /// How many of one document are among them, as far as a sample tells: what Xapian's estimates are
  /// to be multiplied by. Throws what Xapian throws.
  [[nodiscard]] double share() const;

  /// One way to pass. Standings, which are visibilities and states, are bits.
  struct Way {
    std::uint64_t without_embargo = 0;
    std::uint64_t under_embargo = 0;
    std::shared_ptr<const UnitSet> owners;
    std::vector<std::string> terms;  ///< all of which a document must have
  };

 private:
  [[nodiscard]] bool is_source_needed() const;
  [[nodiscard]] std::shared_ptr<const UnitSet> owners_to_look_at() const;

  Instant now_;
  std::vector<Way> ways_;
  std::shared_ptr<const UnitSet> owners_;  ///< null: all
  bool are_owners_terms_;                  ///< few are looked up, many looked at
  KeptRights& kept_;
};

}  // namespace khochung::search

#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung {

/// That somebody agreed to a material as it stood then.
struct Approval {
  std::string by;  ///< account name
  Instant at{};
  bool is_spokesperson = false;  ///< given as the spokesperson of the unit that decides

  bool operator==(const Approval&) const = default;
};

/// One thing that was said on a material's way.
struct Remark {
  std::string by;  ///< account name
  Instant at{};
  std::string step;  ///< "submit", "comment", "approve", "return"
  std::string text;

  bool operator==(const Remark&) const = default;
};

/// How far a material is on its way from whoever contributes it to its publication. It is there
/// from the first submission to the publication; afterwards the revisions tell of it.
/// Source: schemas/formats.md, "Review".
struct Review {
  static constexpr std::size_t most_remarks = 200;
  static constexpr std::size_t longest_text_bytes = 2'000;

  UnitId to;                 ///< the unit whose people decide: the owner or one above it
  std::string submitted_by;  ///< account name
  Instant since{};           ///< since when it waits for the one for whom it waits now
  std::string due;           ///< the last day for a decision ("2026-12-31"); empty: none
  std::vector<Approval> approvals;
  std::vector<Remark> remarks;

  bool operator==(const Review&) const = default;
};

boost::json::value to_json(const Review& review);
/// Errors: bad_input.
Result<Review> review_from_json(const boost::json::value& value);

}  // namespace khochung

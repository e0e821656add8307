#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "server/pages/pages.hpp"

/// The pages of what is on its way to publication. Pure, as all pages. Shape: a "line" is a
/// material as /api/v1/review lists it, with its "review".
namespace khochung::pages {

/// What waits for one unit.
struct WaitingList {
  boost::json::value unit;   ///< as /api/v1/units answers
  boost::json::array lines;  ///< those that wait longest first
  std::string next;          ///< where the list goes on; empty: it ends here
};

struct ReviewView {
  std::vector<WaitingList> waiting;
  bool decides = false;            ///< there is a unit whose decisions are the viewer's
  boost::json::array contributed;  ///< lines, newest first
  std::string next_contributed;
  std::string done;  ///< the step that was just taken; or ""
};
std::string review_page(const PageContext& context, const ReviewView& view, Instant now);

/// What stood in the form of a step that was not taken, and why.
struct StepTyped {
  std::string step, text, due, to, visibility, unit, embargo;
  std::string error;  ///< a sentence; empty: the form is shown for the first time
};

struct WayView {
  boost::json::value material;  ///< a line
  boost::json::array
      above;  ///< the units that may be asked to decide: the owner and those above it
  boost::json::array owners;  ///< the units that may keep it once it is published
  bool may_edit = false;
  std::string done;
  StepTyped typed;
};
std::string way_page(const PageContext& context, const WayView& view, Instant now);

}  // namespace khochung::pages

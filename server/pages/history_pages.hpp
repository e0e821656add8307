#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "server/pages/pages.hpp"

/// The pages of one material's past: its revisions, going back, taking out, holding. Pure, as all
/// pages. Shape: a "revision" is what the API's history answers ({revision, at, why} and for those
/// who may edit by, from), with "material" where the person may see what it said.
namespace khochung::pages {

/// The material of which they tell.
struct Subject {
  std::string id;
  std::string title;
  int revision = 1;  ///< the newest
};

struct History {
  Subject subject;
  boost::json::value revisions;  ///< oldest first
  bool may_restore = false;
  std::string done;  ///< what was just done: "restored", "removed", "held", "released" or ""
};
std::string history_page(const PageContext& context, const History& history);

/// A form that was sent: what stood in it, why it was not done, and what somebody else saved since
/// it was opened.
struct Sent {
  std::string chosen;         ///< one of the common reasons
  std::string typed;          ///< the reason in their own words
  std::string error;          ///< a sentence or ""
  boost::json::value seen;    ///< the revision on which it was opened; null: still the newest
  boost::json::value newest;  ///< then the newest
};

struct RevisionView {
  Subject subject;
  boost::json::value revision;  ///< with "material"
  boost::json::value newest;    ///< with "material"
  bool may_restore = false;
  bool are_bytes_gone = false;
  Sent sent;
};
std::string revision_page(const PageContext& context, const RevisionView& view);

struct RemovalView {
  Subject subject;
  std::string facts_line;
  std::string hold;  ///< why it cannot be removed; empty: it can
  Sent sent;
};
std::string removal_page(const PageContext& context, const RemovalView& view);

/// Holding when `hold` is empty, ending the hold otherwise.
struct HoldView {
  Subject subject;
  std::string hold;
  Sent sent;
};
std::string hold_page(const PageContext& context, const HoldView& view);

/// The common reason of that key and the one in their own words as one sentence.
std::string reason_text(std::string_view chosen, std::string_view typed, Language language);

}  // namespace khochung::pages

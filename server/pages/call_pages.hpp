#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "server/pages/pages.hpp"

/// The pages of calls for contributions. Pure, as all pages. Shape: a "call" is what /api/v1/calls
/// answers.
namespace khochung::pages {

/// What stood in the form of a new call, and why none was made.
struct CallTyped {
  std::string unit, title, text, kind, ends_on, error;
  bool is_listed = true;
};

struct CallsView {
  boost::json::array open;   ///< open calls of all units
  boost::json::array own;    ///< those of the units at which the viewer decides
  boost::json::array units;  ///< those units; none: the viewer makes no calls
  std::string made;          ///< id of the call that was just made
  CallTyped typed;
};
std::string calls_page(const PageContext& context, const CallsView& view);

/// What a contribution said, when it is shown again.
struct CallSaid {
  std::string name, contact, note;
  bool agrees = false, has_consent = false;
  std::string error;  ///< a sentence
};
std::string call_page(const PageContext& context, const boost::json::value& call,
                      const CallSaid& said);
/// `files`: how many were received.
std::string thanks_page(const PageContext& context, const boost::json::value& call,
                        std::int64_t files);

}  // namespace khochung::pages

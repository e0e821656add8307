#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <string>

#include "server/pages/pages.hpp"

namespace khochung::pages {

/// A part of the log of who did what. Shape: `entries` as /api/v1/audit gives them, oldest first.
struct AuditView {
  boost::json::array entries;
  std::uint64_t before = 0;  ///< where older entries are; 0: there are none
  bool is_newest = true;     ///< the newest entries are shown
};
std::string audit_page(const PageContext& context, const AuditView& view);

}  // namespace khochung::pages

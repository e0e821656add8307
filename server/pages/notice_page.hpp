#pragma once

#include <string>

#include "server/pages/pages.hpp"

namespace khochung::pages {

/// Where somebody stands with notices of a press kit.
enum class NoticeStep { asking, asked, confirming, confirmed, leaving, left };

struct NoticeView {
  NoticeStep step = NoticeStep::asking;
  std::string kit;      ///< its id; with a title only
  std::string title;    ///< empty: not to be seen
  std::string address;  ///< that was typed before
  std::string error;    ///< a sentence or ""
};

/// Asking for notices, and what the links of mails open. Pure, as all pages.
std::string notice_page(const PageContext& context, const NoticeView& view);

}  // namespace khochung::pages

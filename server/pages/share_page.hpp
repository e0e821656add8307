#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/pages/pages.hpp"

/// The pages of sharing links: what a holder sees, and where links are made. Pure, as all pages.
namespace khochung::pages {

/// What a link says of itself.
struct ShareView {
  std::string folder;  ///< "/s/<token>"
  std::string recipient;
  std::string expires_at;                      ///< RFC 3339
  std::optional<std::int64_t> downloads_left;  ///< nothing: no limit
  MaterialView material;                       ///< the open page
};

/// What the holder of a link sees. Shape: `material` as the API answers an anonymous viewer, but
/// that the addresses of its files lie in the link's folder; of a press kit with `release`,
/// `quotes`, `contact` and `zip`, and the files of its version.
std::string share_page(const PageContext& context, const boost::json::value& material,
                       const ShareView& view);

/// Asks for a link's password. `error`: a sentence or "".
std::string share_password_page(const PageContext& context, std::string_view address,
                                std::string_view error);

/// A link that was just made.
struct MadeShare {
  std::string url;
  std::string recipient;
  std::string expires_at;  ///< RFC 3339
  std::string qr;          ///< SVG
};

/// Where links to a material are made and ended.
struct SharesView {
  std::string id;
  std::string title;
  boost::json::value shares;  ///< as /api/v1/materials/{id}/shares answers
  bool may_share = false;
  bool needs_recipient = false;
  bool is_revoked = false;  ///< one was just ended
  std::optional<MadeShare> made;
  std::string recipient, days, limit;  ///< as typed
  std::string error;                   ///< a sentence or ""
};
std::string shares_page(const PageContext& context, const SharesView& view);

}  // namespace khochung::pages

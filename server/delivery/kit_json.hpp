#pragma once

#include <boost/json/object.hpp>

#include "server/api/readable.hpp"

namespace khochung::delivery {

/// A press kit as the API and the pages show it: what was published, and the draft for those who
/// may edit it. Materials that `viewer` may not read are left out.
/// Source: schemas/openapi.yaml, "Kit".
Result<boost::json::object> kit_json(const api::Services& services, const api::Readable& readable,
                                     const access::Viewer& viewer);

/// The same as an accredited journalist will get it once the draft is published as it stands; it
/// has no ZIP yet.
Result<boost::json::object> kit_preview_json(const api::Services& services,
                                             const api::Readable& readable);

/// "/kits/{id}.zip", of an earlier version with its number.
std::string kit_zip_url(const MaterialId& id, std::optional<int> version = {});

/// "/kits/{id}.atom": its versions as a feed.
std::string kit_feed_url(const MaterialId& id);

}  // namespace khochung::delivery

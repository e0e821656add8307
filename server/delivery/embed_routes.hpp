#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::delivery {

/// /oembed: how another site shows a material or press kit of ours. It tells what everybody may
/// see, whoever asks. Source: oEmbed 1.0.
void add_embed_routes(http::Router& router, const api::Services& services, const api::Site& site);

}  // namespace khochung::delivery

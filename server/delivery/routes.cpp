#include "server/delivery/routes.hpp"

#include "server/delivery/discovery_routes.hpp"
#include "server/delivery/embed_routes.hpp"
#include "server/delivery/feed_routes.hpp"
#include "server/delivery/kit_routes.hpp"
#include "server/delivery/notice_routes.hpp"
#include "server/delivery/selection_routes.hpp"
#include "server/delivery/share_routes.hpp"
#include "server/delivery/work_feed_routes.hpp"

namespace khochung::delivery {

void add_routes(http::Router& router, const api::Services& services, const api::Site& site) {
  add_kit_routes(router, services);
  add_notice_routes(router, services);
  add_selection_routes(router, services, site);
  add_feed_routes(router, services, site);
  add_work_feed_routes(router, services, site);
  add_share_routes(router, services, site);
  add_embed_routes(router, services, site);
  add_discovery_routes(router, services, site);
}

}  // namespace khochung::delivery

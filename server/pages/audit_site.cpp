#include "server/pages/audit_site.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "server/api/audit_notes.hpp"
#include "server/api/preservation.hpp"
#include "server/api/revision.hpp"
#include "server/pages/audit_page.hpp"

namespace khochung::pages {
namespace {

constexpr std::uint64_t entries_shown = 100;

boost::json::object entry_json(const storage::AuditEntry& entry) {
  const auto& event = entry.event;
  return {{"seq", event.seq},      {"at", to_rfc3339(event.at)}, {"by", event.by},
          {"from", event.from},    {"action", event.action},     {"object", event.object},
          {"detail", event.detail}};
}

Result<http::Response> audit(const Visit& visit) {
  const auto& viewer = visit.identity.viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return http::Response::redirect("/sign-in?next=/audit");
  KHOCHUNG_CHECK(api::caretaker(visit.services, visit.request));
  const auto newest =
      static_cast<std::uint64_t>(KHOCHUNG_TRY(visit.services.catalogue.audit_seq()));
  auto end = newest + 1;
  if (const auto before = visit.request.query_value("before"); !before.empty())
    end = std::min(end, static_cast<std::uint64_t>(KHOCHUNG_TRY(api::whole_number(before))));
  const auto first = end > entries_shown ? end - entries_shown : 1;
  AuditView view;
  view.is_newest = end == newest + 1;
  view.before = first > 1 ? first : 0;
  for (const auto& entry : KHOCHUNG_TRY(api::read_audit(visit.services, viewer, "web", first,
                                                        std::max<std::uint64_t>(end - first, 1))))
    if (entry.event.seq < end) view.entries.push_back(entry_json(entry));
  return page(200, audit_page(context_of(visit), view));
}

}  // namespace

void add_audit_page(http::Router& router, const api::Services& services, const Site& site) {
  add_page(router, services, site, {http::Method::get, "/audit", audit});
}

}  // namespace khochung::pages

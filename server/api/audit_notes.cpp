#include "server/api/audit_notes.hpp"

#include <boost/json.hpp>
#include <utility>

namespace khochung::api {
namespace {

storage::AuditEvent event_of(const http::Request& request, std::string_view by,
                             std::string_view action) {
  storage::AuditEvent event;
  event.by = by;
  event.from = request.is_local_administrator      ? "cli"
               : request.path.starts_with("/api/") ? "api"
                                                   : "web";
  event.action = action;
  return event;
}

bool is_sensitive(const Material& material) {
  return material.sensitivity != Sensitivity::open || is_taken_out(material.state) ||
         (material.embargo_until && *material.embargo_until > now());
}

}  // namespace

Result<storage::Session> begin_session(const Services& services, const http::Request& request,
                                       std::string_view name, std::string_view password) {
  auto session = services.doorkeeper.sign_in(request, name, password);
  auto event = event_of(request, session ? session->account.name : "",
                        session ? "session.begin" : "session.refuse");
  if (!session && services.accounts.account(name)) event.object = name;
  event.detail = {{"client", request.client}};
  if (!session) event.detail["why"] = session.error().reason;
  const auto noted = services.audit.note(std::move(event));
  if (session && !noted) return fail(noted.error());
  return session;
}

Result<void> note_action(const Services& services, const http::Request& request,
                         const access::Viewer& viewer, std::string_view action,
                         std::string_view object, boost::json::object detail) {
  auto event = event_of(request, viewer.name, action);
  event.object = object;
  event.detail = std::move(detail);
  return services.audit.note(std::move(event));
}

Result<void> note_reading(const Services& services, const http::Request& request,
                          const access::Viewer& viewer, const Readable& readable,
                          std::string_view what) {
  const auto& material = readable.entry->material;
  if (!is_sensitive(material)) return {};
  if (!services.recent_readings.is_first(viewer.name + " " + material.id.text())) return {};
  auto event = event_of(request, viewer.name, "file.read");
  event.object = material.id.text();
  event.detail = {{"what", what}, {"client", request.client}};
  return services.audit.note(std::move(event));
}

}  // namespace khochung::api

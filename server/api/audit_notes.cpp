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

/// `name`: that was typed; empty where none was. `provider`: that has proven the person, if any.
Result<storage::Session> noted(const Services& services, const http::Request& request,
                               Result<storage::Session> session, std::string_view name,
                               std::string_view provider = {}) {
  const bool is_begun = session && !session->awaits_code;
  auto event =
      event_of(request, is_begun ? session->account.name : "",
               session ? is_begun ? "session.begin" : "session.await_code" : "session.refuse");
  if (session && !is_begun) event.object = session->account.name;
  if (!session && services.accounts.account(name)) event.object = name;
  event.detail = {{"client", request.client}};
  if (!provider.empty()) event.detail["provider"] = provider;
  if (!session) event.detail["why"] = session.error().reason;
  const auto is_noted = services.audit.note(std::move(event));
  if (session && !is_noted) return fail(is_noted.error());
  return session;
}

}  // namespace

Result<storage::Session> begin_session(const Services& services, const http::Request& request,
                                       const Credentials& shown) {
  return noted(services, request,
               services.doorkeeper.sign_in(request, shown.name, shown.password, shown.code),
               shown.name);
}

Result<storage::Session> finish_session(const Services& services, const http::Request& request,
                                        const std::string& code) {
  return noted(services, request, services.doorkeeper.finish_sign_in(request, code), {});
}

Result<storage::Session> begin_proven_session(const Services& services,
                                              const http::Request& request, const Proven& proven) {
  if (!proven.account)
    return noted(services, request, fail(proven.account.error()), {}, proven.provider);
  const auto& name = *proven.account;
  auto from = access::sign_in_from(request);
  from.had_second_factor = proven.had_second_factor;
  return noted(services, request, services.accounts.begin_proven_session(name, from), name,
               proven.provider);
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

Result<std::vector<storage::AuditEntry>> read_audit(const Services& services,
                                                    const access::Viewer& viewer,
                                                    std::string_view door, std::uint64_t from,
                                                    std::size_t limit) {
  auto entries = KHOCHUNG_TRY(services.audit.entries(from, limit));
  storage::AuditEvent event;
  event.by = viewer.name;
  event.from = door;
  event.action = "audit.read";
  event.detail = {{"first", from}, {"count", entries.size()}};
  KHOCHUNG_CHECK(services.audit.note(std::move(event)));
  return entries;
}

}  // namespace khochung::api

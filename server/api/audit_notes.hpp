#pragma once

#include <string>
#include <string_view>

#include "server/api/readable.hpp"

namespace khochung::api {

/// Signs in, and notes in the audit chain that it happened or was refused. A refused name stands
/// there only if it is an account's: people type passwords into the wrong field.
/// Errors: those of Doorkeeper::sign_in; those of the chain, and then nobody is signed in.
struct Credentials {
  std::string name, password;
  std::string code;  ///< of the second step, where it comes with the password
};
Result<storage::Session> begin_session(const Services& services, const http::Request& request,
                                       const Credentials& shown);
/// The same for whom a provider has proven, or why it has not.
struct Proven {
  Result<std::string> account;  ///< its name
  std::string provider;
  bool had_second_factor = false;
};
Result<storage::Session> begin_proven_session(const Services& services,
                                              const http::Request& request, const Proven& proven);
/// The same for the code that was awaited.
Result<storage::Session> finish_session(const Services& services, const http::Request& request,
                                        const std::string& code);

/// Notes what was done to or with an account or a sharing link: `object` is its name or its id.
Result<void> note_action(const Services& services, const http::Request& request,
                         const access::Viewer& viewer, std::string_view action,
                         std::string_view object, boost::json::object detail);

/// Entries of the audit chain from a number on, for those who may read it; that they were read is
/// itself noted. `door`: "cli", "api" or "web". Errors: those of the chain.
Result<std::vector<storage::AuditEntry>> read_audit(const Services& services,
                                                    const access::Viewer& viewer,
                                                    std::string_view door, std::uint64_t from,
                                                    std::size_t limit);

/// Notes that a file or page of a sensitive material was read: one that is internal or restricted,
/// under embargo, withdrawn or deleted. The same reader and material make one entry an hour.
/// Errors: those of the chain: what cannot be noted must not be shown.
Result<void> note_reading(const Services& services, const http::Request& request,
                          const access::Viewer& viewer, const Readable& readable,
                          std::string_view what);

}  // namespace khochung::api

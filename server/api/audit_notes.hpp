#pragma once

#include <string>
#include <string_view>

#include "server/api/readable.hpp"

namespace khochung::api {

/// Signs in, and notes in the audit chain that it happened or was refused. A refused name stands
/// there only if it is an account's: people type passwords into the wrong field.
/// Errors: those of Doorkeeper::sign_in; those of the chain, and then nobody is signed in.
Result<storage::Session> begin_session(const Services& services, const http::Request& request,
                                       std::string_view name, std::string_view password);

/// Notes what was done to or with an account or a sharing link: `object` is its name or its id.
Result<void> note_action(const Services& services, const http::Request& request,
                         const access::Viewer& viewer, std::string_view action,
                         std::string_view object, boost::json::object detail);

/// Notes that a file or page of a sensitive material was read: one that is internal or restricted,
/// under embargo, withdrawn or deleted. The same reader and material make one entry an hour.
/// Errors: those of the chain: what cannot be noted must not be shown.
Result<void> note_reading(const Services& services, const http::Request& request,
                          const access::Viewer& viewer, const Readable& readable,
                          std::string_view what);

}  // namespace khochung::api

#pragma once

#include <string>

#include "server/api/services.hpp"
#include "server/http/message.hpp"

/// What requests about one material share: which revision they mean, and the answer.
namespace khochung::api {

/// "\"r3\"": the entity tag of a revision.
std::string revision_tag(int revision);

/// A page, revision or the like from an address. Errors: not_found.
Result<int> whole_number(std::string_view text);

/// The revision that If-Match names. Nobody overwrites what he has not seen, so `*` does not do.
/// Errors: precondition_required without one; precondition_failed when it is no revision.
Result<int> required_revision(const http::Request& request);

/// The material as JSON, with its ETag.
http::Response material_answer(const storage::CatalogueEntry& entry, const Services& services,
                               const access::Viewer& viewer);

/// The same of a material that was just changed. A catalogue that took the change and cannot be
/// read now takes nothing back.
http::Response material_answer(const Material& changed, const Services& services,
                               const access::Viewer& viewer);

/// By whom and through which door a request changes something.
pipeline::Change change_of(const http::Request& request, const access::Viewer& viewer,
                           std::string why);

}  // namespace khochung::api

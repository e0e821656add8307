#pragma once

#include <string>

#include "server/api/readable.hpp"

/// Going back in time, taking out, holding: what the API and the pages do with one material, under
/// one set of rights.
namespace khochung::api {

/// Who changes a material, as what they saw, and why.
struct Deed {
  const access::Viewer& viewer;
  int expected = 0;         ///< the revision that was seen; nobody overwrites what they have not
  pipeline::Change change;  ///< `why` stands in the record
};

/// A reason that can stand in a record. Errors: bad_input, reason "reason_missing".
Result<void> check_reason(std::string_view reason);

/// Its revisions, oldest first. What happened before it was out is told to those who may edit it.
/// Errors: corrupt; unavailable.
Result<std::vector<Record>> history_for(const Services& services, const Readable& readable,
                                        const access::Viewer& viewer);

/// One revision, for those who may edit both it and what is now. Errors: not_found; forbidden.
Result<Record> revision_of(const Services& services, const Readable& readable,
                           const access::Viewer& viewer, int number);

/// Whether the bytes that a revision names are still there. Errors: conflict, "bytes_gone".
Result<void> demand_bytes(const Services& services, const Material& material);

/// Whether a material may become again what it was. Errors: conflict, "erased" or "disposed".
Result<void> demand_return(const Material& material);

/// Makes revision `number` the newest again; a hold stays, and nobody leaves quarantine by it.
/// Errors: not_found; forbidden; precondition_failed; conflict, "bytes_gone", "erased" or
///         "disposed".
Result<Material> restore_revision(const Services& services, const Readable& readable,
                                  const Deed& deed, int number);

/// Leaves a tombstone with the reason `change.why`; the bytes go later, and only when nothing keeps
/// them. Errors: bad_input; forbidden; precondition_failed; conflict, "deleted" or "held".
Result<Material> remove_material(const Services& services, const Readable& readable,
                                 const Deed& deed);

/// Keeps the bytes whatever happens, for the reason `hold`; an empty one ends it.
/// Errors: forbidden but for administrators; precondition_failed; conflict, "deleted".
Result<Material> hold_material(const Services& services, const Readable& readable, const Deed& deed,
                               const std::string& hold);

}  // namespace khochung::api

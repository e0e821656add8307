#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "server/api/history.hpp"
#include "server/api/material_patch.hpp"

/// What is done to press kits, by the API and by the pages, under one set of rights.
namespace khochung::delivery {

/// Begins a kit as a draft of what `body` says, as POST /api/v1/kits names it.
/// Errors: bad_input; too_large; forbidden; disk_full; unavailable.
Result<Material> begin_kit(const api::Services& services, const access::Viewer& viewer,
                           const pipeline::Change& change, boost::json::object body);

/// The same for a kit that is there, as PATCH /api/v1/kits/{id} names it.
/// Errors: those of change_by_patch(); too_large; precondition_failed.
Result<Material> change_kit(const api::Services& services, const api::Readable& readable,
                            const api::Deed& deed, const boost::json::object& body);

/// What of `body` is a change to the kit, without keeping it. Errors: as of change_kit().
Result<Material> kit_as_changed(const Material& kit, const boost::json::object& body,
                                const api::Patching& by);

/// Whether the viewer may publish the kit as it stands as its next version. Errors: forbidden, with
/// "needs_second_person" or "needs_spokesperson" where that person is awaited.
Result<void> check_publication(const Material& kit, const access::Viewer& viewer,
                               const UnitTree& tree);

/// Publishes the next version. Errors: those of check_publication() and kits::Kits::publish().
Result<Material> publish_kit(const api::Services& services, const api::Readable& readable,
                             const api::Deed& deed, const std::string& note);

}  // namespace khochung::delivery

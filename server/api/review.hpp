#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "schemas/access/review.hpp"
#include "server/api/history.hpp"

/// The way of a material to its publication, as the API and the pages take it.
namespace khochung::api {

/// {to, awaits, since, due, is_overdue, submitted_by, approvals, remarks, missing, steps}: how far
/// a material is, and the steps that `viewer` may take now. Before it is submitted `steps` alone.
boost::json::object review_json(const Material& material, const UnitTree& tree,
                                const access::Viewer& viewer, Language language);

/// Takes a step. `published_as`: what a publication sets besides the state (visibility, unit,
/// embargo_until, press_recipients, sensitivity), as a PATCH names it. A remark alone is added to
/// whatever the newest revision is; for everything else `deed.expected` is what was agreed to.
/// Errors: those of access::take_step() and change_by_patch(); precondition_failed.
Result<Material> take_step(const Services& services, const Readable& readable, const Deed& deed,
                           const access::StepAsked& asked,
                           const boost::json::object& published_as = {});

/// Whether the viewer decides at the unit: sees what waits there, and makes its calls.
bool decides_at(const access::Viewer& viewer, const Unit& unit, const UnitTree& tree);

/// One page of a list of materials that are on their way.
struct OnTheirWay {
  std::vector<storage::CatalogueEntry> entries;
  std::string next;  ///< where the list goes on; empty: it ends here
};
/// What waits for a decision of the unit, longest first. Errors: forbidden for who decides nothing
/// there; bad_input.
Result<OnTheirWay> waiting_at(const Services& services, const access::Viewer& viewer,
                              const Unit& unit, const std::string& after, int limit);
/// What the viewer has contributed and what is not out yet, newest first. Errors: bad_input.
Result<OnTheirWay> contributed_by(const Services& services, const access::Viewer& viewer,
                                  const std::string& before, int limit);
/// The units at which the viewer decides, as granted; of the owner of the data folder the top one.
std::vector<const Unit*> units_decided_by(const access::Viewer& viewer, const UnitTree& tree);

}  // namespace khochung::api

#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "server/api/search_answer.hpp"
#include "server/api/services.hpp"

/// Many materials changed in one go: what the API and the pages do, under one set of rights.
namespace khochung::api {

/// Which materials, and what of them is to change.
struct BulkOrder {
  std::vector<BulkItem> items;
  boost::json::object changes;
  std::string note;
  std::int64_t total = 0;  ///< what the search found; more than `items` where it was too much
};

/// {materials: [id | {id, revision}…] or query: {q, unit, …}, changes: {…}, note}.
/// Errors: bad_input; too_large, reason "bulk_too_many", for more than 1,000 ids.
Result<BulkOrder> bulk_order_from(const Services& services, const boost::json::value& body,
                                  const access::Viewer& viewer);

/// The first 1,000 of what a search finds, as they are now.
Result<BulkOrder> bulk_order_of(const Services& services, const SearchParameters& search,
                                const access::Viewer& viewer);

/// What would become of each. Errors: forbidden for who may edit nothing anywhere.
Result<std::vector<pipeline::BulkEdits::Look>> preview_bulk(const Services& services,
                                                            const BulkOrder& order,
                                                            const access::Viewer& viewer);

/// Carries it out. Every item names the revision that was seen.
/// Errors: forbidden; precondition_required; conflict, reason "bulk_nothing", when nothing would
/// change.
Result<pipeline::BulkEdits::Kept> apply_bulk(const Services& services, const BulkOrder& order,
                                             const access::Viewer& viewer,
                                             const pipeline::Change& change);

/// The edit, for the one who made it and for administrators of the whole tree; another's looks like
/// none. Errors: not_found.
Result<pipeline::BulkEdits::Kept> find_bulk(const Services& services, std::string_view id,
                                            const access::Viewer& viewer);

/// Errors: those of find_bulk and BulkEdits::undo.
Result<pipeline::BulkEdits::Kept> undo_bulk(const Services& services, std::string_view id,
                                            const access::Viewer& viewer,
                                            const pipeline::Change& change);

/// Those of the viewer's that are among the newest, as the API answers them, without items.
Result<boost::json::array> recent_bulks(const Services& services, const access::Viewer& viewer);

/// {id, state, by, at, note, changes, counts, refused, items}. Titles only of what `viewer` may
/// read.
Result<boost::json::object> bulk_json(const Services& services,
                                      const pipeline::BulkEdits::Kept& kept,
                                      const access::Viewer& viewer, Language language);

/// {preview: true, total, selected, counts, refused, items: [{id, title, before, after}…],
/// materials: [{id, revision}…]}; `before` and `after` are what of the fields would change.
boost::json::object preview_json(const Services& services, const BulkOrder& order,
                                 const std::vector<pipeline::BulkEdits::Look>& looks,
                                 Language language);

/// Whether somebody may edit anything anywhere.
bool may_edit_somewhere(const access::Viewer& viewer);

}  // namespace khochung::api

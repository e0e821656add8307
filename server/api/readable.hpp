#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "server/api/services.hpp"

namespace khochung::api {

/// A material that a viewer was found to be allowed to read.
struct Readable {
  std::shared_ptr<const storage::CatalogueEntry> entry;
  access::Standing standing;
  std::shared_ptr<const UnitTree> tree;
};

/// Finds the material for a reader.
/// Errors: not_found for one that is not there or not for these eyes (the two look the same); gone
/// for a
///         withdrawn one, unless the viewer may publish it; corrupt; unavailable.
Result<Readable> find_readable(const Services& services, std::string_view id,
                               const access::Viewer& viewer);

/// The same for one that was read lately, for a request without credentials, from memory alone;
/// nothing when it is not that easy.
std::optional<Readable> recall_readable(const Services& services, const http::Request& request,
                                        std::string_view id);

/// The batch, for the one who made it and for administrators of the whole tree; another's looks
/// like none. Errors: not_found.
Result<storage::Batch> find_batch(const Services& services, std::string_view id,
                                  const access::Viewer& viewer);

/// The batch that an intake names, if it is the viewer's own and open; without a name a new one for
/// it alone. Errors: bad_input; not_found; conflict when it is closed.
Result<BatchId> batch_for(const Services& services, std::string_view named,
                          const access::Viewer& viewer);

/// The language that a request asks for: `?lang=`, the cookie, Accept-Language; Vietnamese
/// otherwise.
Language language_of(const http::Request& request);

}  // namespace khochung::api

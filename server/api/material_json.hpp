#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "schemas/access/policy.hpp"
#include "schemas/material.hpp"
#include "schemas/unit_tree.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"

namespace khochung::api {

/// A material as the API and the pages show it. Source: DESIGN, "HTTP"; schemas/openapi.yaml.
/// Who took it in is told to union people alone.
boost::json::object material_json(const storage::CatalogueEntry& entry, const UnitTree& tree,
                                  const storage::DerivativeStore& derivatives,
                                  const access::Viewer& viewer);

/// A receipt: {id, created_at, closed, counts, items}. `message` is the sentence of an item's
/// reason.
boost::json::object batch_json(const storage::Batch& batch,
                               const std::vector<storage::BatchItem>& items, Language language);

/// {id, code, name, name_vi, name_en, level, kind, parent, valid_from, valid_to, is_closed};
/// `parent` is where it stands today.
boost::json::object unit_json(const Unit& unit, const UnitTree& tree, Language language);

/// "/api/v1/materials/{id}/files/{name}", encoded.
/// "/api/v1/materials/{id}/pages/{n}/image?width=…".
std::string page_picture_url(MaterialId id, int page, int width);

std::string file_url(MaterialId id, std::string_view name);

}  // namespace khochung::api

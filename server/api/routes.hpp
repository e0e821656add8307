#pragma once

#include "server/api/services.hpp"
#include "server/api/site.hpp"
#include "server/http/router.hpp"

namespace khochung::api {

/// /api/v1/materials/{id}: what a material is, its files, its pages; PATCH.
void add_material_routes(http::Router& router, const Services& services);

/// /api/v1/materials/{id}: its revisions, restoring one; DELETE.
void add_history_routes(http::Router& router, const Services& services);

/// /api/v1/review and /materials/{id}/review: the way of a material to its publication.
void add_review_routes(http::Router& router, const Services& services);

/// /api/v1/calls: members without an account contribute.
void add_call_routes(http::Router& router, const Services& services);

/// POST /api/v1/materials and /api/v1/batches: taking in, with receipts.
void add_intake_routes(http::Router& router, const Services& services);

/// /api/v1/uploads: files that may be broken off and taken up again (tus).
void add_upload_routes(http::Router& router, const Services& services);

/// /api/v1/search and /api/v1/suggest.
void add_search_routes(http::Router& router, const Services& services);

/// /api/v1/units: the tree, and what is decided about it.
void add_unit_routes(http::Router& router, const Services& services);

/// /api/v1/session, /users.
void add_people_routes(http::Router& router, const Services& services);

/// /api/v1/users/{name}/data: what the accounts keep of a person, for that person.
void add_personal_data_routes(http::Router& router, const Services& services);

/// /api/v1/invitations, /session/invitation, /users/{name}/reset: links that let somebody choose a
/// password once; they carry the site's address, and it outlives the routes.
void add_invitation_routes(http::Router& router, const Services& services, const Site& site);

/// /api/v1/audit: the chain of every change, its checkpoints and its proof.
void add_audit_routes(http::Router& router, const Services& services);

/// /api/v1/export and /api/v1/import: whole histories and bytes, for the owner of the data folder.
void add_exchange_routes(http::Router& router, const Services& services);

/// /api/v1/preservation: how what is stored is kept.
void add_preservation_routes(http::Router& router, const Services& services);

/// /metrics: how the archive does, for Prometheus; `load` is what the server is busy with. It
/// tells of every route of the router. All three outlive the routes.
void add_metrics_routes(http::Router& router, const Services& services,
                        const http::Occupancy& occupancy);

/// /api/v1/retention, /disposals, /materials/{id}/erasure: what may go, and on what paper trail.
void add_retention_routes(http::Router& router, const Services& services);

/// /api/v1/bulk-edits: many materials changed in one go, looked at before, taken back after.
void add_bulk_routes(http::Router& router, const Services& services);

/// /api/v1/vocabularies: the words that materials are described by.
void add_vocabulary_routes(http::Router& router, const Services& services);

/// /api/v1/verify, /healthz, /readyz.
void add_upkeep_routes(http::Router& router, const Services& services);

}  // namespace khochung::api

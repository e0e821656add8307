#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/services.hpp"

/// How an upload becomes a material. What its sender said of it, Upload-Metadata, is `filename` or
/// `name`; `batch`, the receipt on which it is to stand; `sha256`, which its bytes must have;
/// `sheet`, when it waits to become one material with others; and fields of a material.
namespace khochung::api {

/// Whether an upload waits for take_sheets() when it is whole.
bool is_sheet(const storage::Upload& upload);

/// Whether the viewer may send such a file; gives the unit that will own it.
/// Errors: bad_input; forbidden; not_found and conflict for its batch; unauthenticated.
Result<UnitId> check_upload(const Services& services, const access::Viewer& viewer,
                            std::string_view metadata);

/// Makes a whole upload a material and gives how it stands then. One that cannot become a material
/// is refused and its bytes go; after a failure that passes it stays as it is.
/// Errors: locked; those of Intake::take; bad_input "checksum_mismatch".
Result<storage::Upload> take_upload(const Services& services, const access::Viewer& viewer,
                                    const storage::Upload& upload);

/// The sheets of one document in order, as uploads of `viewer`'s, become one material.
/// Errors: as take_upload(); conflict "upload_not_whole".
Result<pipeline::Accepted> take_sheets(const Services& services, const access::Viewer& viewer,
                                       const std::vector<UploadId>& sheets,
                                       std::map<std::string, std::string> fields, BatchId batch);

/// {id, name, size_bytes, offset_bytes, state, created_at, expires_at, batch, material, intake,
/// reason, message}. Source: schemas/openapi.yaml.
boost::json::object upload_json(const storage::Upload& upload, Language language);

}  // namespace khochung::api

#pragma once

#include <string>
#include <string_view>

#include "server/api/readable.hpp"
#include "server/http/message.hpp"

/// How a material's files and page pictures are sent, to whomever they may go.
namespace khochung::api {

/// Null when the material has no original of this name.
const MaterialFile* find_original(const Material& material, std::string_view name);

/// What of a blob the request wants: a check of the whole is for who gets the whole.
storage::CheckedBlobs::Extent extent_of(const http::Request& request);

/// An original whose bytes are at hand.
http::Response original_file(const http::Request& request, const Readable& readable,
                             const MaterialFile& kept,
                             std::shared_ptr<const storage::BlobReader> blob);

/// The original of that name, or what the archive made of the first one ("light.jpg").
/// Errors: not_found; corrupt; unavailable.
Result<http::Response> material_file(const Services& services, const http::Request& request,
                                     const Readable& readable, const std::string& name);

/// The picture of the page `{n}` of the route, as wide as `?width=` says.
/// Units:  pixels; 1,200 unless told otherwise, at most 2,400.
/// Errors: not_found; bad_input; unavailable.
Result<http::Response> page_picture_of(const Services& services, const http::Request& request,
                                       const Readable& readable);

}  // namespace khochung::api

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

/// The words of tus, the protocol of resumable uploads, as plain values.
/// Source: tus resumable upload protocol 1.0.0.
namespace khochung::api::tus {

inline constexpr std::string_view version = "1.0.0";
inline constexpr std::string_view extensions =
    "creation,creation-with-upload,expiration,checksum,termination";
inline constexpr std::string_view checksum_algorithms = "sha256,sha512,sha1,md5";
inline constexpr std::string_view body_media_type = "application/offset+octet-stream";

/// Whether answers at this address speak tus, failures too.
bool is_address(std::string_view path);
/// The fields that every such answer has.
void add_version(http::Response& response);
/// Errors: precondition_failed "tus_version" for a client of another version.
Result<void> check_version(const http::Request& request);

/// Upload-Metadata: keys with their decoded values. Errors: bad_input "upload_metadata".
Result<std::map<std::string, std::string>> metadata_from(std::string_view field);

/// A digest that a client sent with some bytes.
struct Checksum {
  std::string algorithm;
  std::string hex;
};
/// Upload-Checksum; nothing without one. Errors: bad_input "checksum_unknown".
Result<std::optional<Checksum>> checksum_from(std::string_view field);

/// Upload-Length or Upload-Offset. Errors: bad_input "upload_length".
Result<std::uint64_t> number_from(std::string_view field);

}  // namespace khochung::api::tus

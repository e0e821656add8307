#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schemas/result.hpp"

/// The guard in front of the parser: whatever two HTTP programs could read in two ways is refused
/// on the raw bytes, before any body is read. Beast 1.81 lets eleven such shapes through.
/// Source: RFC 9112, 2.2, 3.2, 5.2, 6.3; DESIGN.md, "Request framing".
namespace khochung::http {

struct FramingLimits {
  std::size_t max_head_bytes = std::size_t{8} * 1024;
  std::size_t max_fields = 100;
  std::size_t max_target_bytes = std::size_t{4} * 1024;
};

/// How the body of a request is framed: by Content-Length alone.
struct Framing {
  std::uint64_t content_length = 0;
  bool has_content_length = false;
};

/// Looks for the end of a request's head in what has arrived so far, of which `looked_at` bytes
/// were seen before: its length with the empty line, or 0 while it is not complete.
/// Errors: bad_input at the first byte that no head can have; too_large beyond the limits.
Result<std::size_t> find_head_end(std::string_view received, std::size_t looked_at,
                                  const FramingLimits& limits);

/// Judges a complete head, from the request line to the empty line.
/// Errors: each with a reason that gives its status (server/http/problem.hpp). After an error the
/// connection is to be closed.
Result<Framing> check_framing(std::string_view head, const FramingLimits& limits);

}  // namespace khochung::http

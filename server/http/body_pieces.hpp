#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "schemas/result.hpp"

namespace khochung::http {

/// A part of an open file, as a piece of a request's body.
struct FilePiece {
  int descriptor = -1;  ///< stays the caller's
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
};

/// Looks at something before the body goes on; an error breaks the request off, and the other side
/// keeps nothing of it.
using BodyCheck = std::function<Result<void>()>;

/// A request's body: text, files and checks in turn, so that a form with many files is sent as it
/// is read.
using BodyPieces = std::vector<std::variant<std::string, FilePiece, BodyCheck>>;

/// The length of all pieces together.
inline std::uint64_t length_of(const BodyPieces& body) {
  std::uint64_t length = 0;
  for (const auto& piece : body) {
    if (const auto* text = std::get_if<std::string>(&piece)) length += text->size();
    if (const auto* file = std::get_if<FilePiece>(&piece)) length += file->size_bytes;
  }
  return length;
}

}  // namespace khochung::http

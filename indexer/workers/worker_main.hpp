#pragma once

#include "indexer/workers/protocol.hpp"
#include "indexer/workers/sandbox.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/result.hpp"

/// The frame that all worker programs share.
namespace khochung::workers {

/// Reads the file on descriptor 0 as the request says and writes frames.
/// Errors: unsupported and too_large say that this file is bad; any other, that the worker is
/// unusable. Exceptions that come out of it are taken as a bad file.
using Work = Result<void> (*)(const JsonReader& request, FrameWriter& output);

/// The whole of a worker's main(): request, sandbox, work, ending. Does not return.
[[noreturn]] void run_worker(int argc, char** argv, const SandboxProfile& profile, Work work);

/// The file on descriptor 0, mapped. Size 0 gives an empty view.
/// Errors: too_large beyond 2 GiB; unavailable.
Result<std::string_view> map_input();

/// An Error that says that this file cannot be read.
inline tl::unexpected<Error> bad_file(std::string_view reason, std::string message) {
  return fail(ErrorCode::unsupported, reason, std::move(message));
}

}  // namespace khochung::workers

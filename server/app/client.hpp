#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "server/app/data_folder.hpp"
#include "server/http/message.hpp"

namespace khochung::app {

/// A body that is read as it is sent: fills `into`, gives how many bytes; 0 at the end. An error breaks the
/// request off, and the other side keeps nothing of it.
using BodySource = std::function<Result<std::size_t>(std::span<std::byte> into)>;

/// A request of a command. `target` is a path with its query, encoded.
struct Call {
  http::Method method = http::Method::get;
  std::string target;
  http::Fields fields;
  std::string body;             ///< when there is no `source`
  BodySource source;
  std::uint64_t source_bytes = 0;
};

struct Answer {
  int status = 0;
  http::Fields fields;
  std::string body;
};

/// The API as commands use it: over the owner's control.sock, or in this process when nobody owns the folder.
/// Threads: safe from many threads.
class Client {
 public:
  virtual ~Client() = default;
  /// Errors: unavailable when the owner went away. An error status of the API is an answer.
  virtual Result<Answer> send(const Call& call) = 0;
};

/// Turns an error status into its Error (code by name, sentence key kept), anything else into the answer.
Result<Answer> checked(Result<Answer> answer);

}  // namespace khochung::app

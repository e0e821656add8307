#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "server/app/data_folder.hpp"
#include "server/http/body_pieces.hpp"
#include "server/http/message.hpp"

namespace khochung::app {

/// A request of a command. `target` is a path with its query, encoded.
struct Call {
  http::Method method = http::Method::get;
  std::string target;
  http::Fields fields;
  http::BodyPieces body;
  /// Where the body of an answer without an error is written to, at the descriptor's place; else it
  /// is in the answer.
  std::optional<int> into = {};
};

struct Answer {
  int status = 0;
  http::Fields fields;
  std::string body;
};

/// The API as commands use it: over the owner's control.sock, or in this process when nobody owns
/// the folder. Threads: safe from many threads.
class Client {
 public:
  virtual ~Client() = default;
  /// Errors: unavailable when the owner went away. An error status of the API is an answer.
  virtual Result<Answer> send(const Call& call) = 0;
};

/// Turns an error status into its Error (code by name, sentence key kept), anything else into the
/// answer.
Result<Answer> checked(Result<Answer> answer);

}  // namespace khochung::app

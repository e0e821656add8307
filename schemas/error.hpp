#pragma once

#include <string>
#include <string_view>

namespace khochung {

/// What kind of failure it is. Clients decide by it; people read the sentence.
enum class ErrorCode {
  bad_input,
  unauthenticated,
  forbidden,
  not_found,
  gone,
  conflict,
  precondition_failed,
  precondition_required,
  too_large,
  range_not_satisfiable,
  unsupported,
  corrupt,
  locked,
  unavailable,
  disk_full,
  internal,
};

/// The languages in which the archive speaks to people.
enum class Language { vietnamese, english };

/// Why something failed.
struct Error {
  ErrorCode code = ErrorCode::internal;
  /// For the log, in English; never shown to a client.
  std::string message;
  /// Key of the sentence for the person (schemas/sentences.hpp); empty: the sentence of the code.
  /// Points at a string literal.
  std::string_view reason = {};
};

/// How an ErrorCode leaves the program.
struct ErrorFace {
  ErrorCode code;
  std::string_view name;
  int http_status;
  int exit_code;
  /// Whether the same request can succeed later without a change.
  bool retry_can_help;
};

/// The row of `code` in the one table of error codes.
const ErrorFace& face_of(ErrorCode code);

/// The sentence for the person: what happened, what is safe, what to do now.
std::string_view sentence_for(const Error& error, Language language);

/// `key` as the table of sentences holds it (a literal that lives for ever); empty when it is not
/// there.
std::string_view sentence_key(std::string_view key);

/// The sentence stored under a key ("encrypted_pdf"); empty when there is none.
std::string_view sentence(std::string_view key, Language language);

/// What the table says in `language` where it says `vietnamese`; else `vietnamese` as it is. For
/// words that a record keeps.
std::string_view in_language(std::string_view vietnamese, Language language);

}  // namespace khochung

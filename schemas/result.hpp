#pragma once

#include <tl/expected.hpp>

#include "schemas/error.hpp"

namespace khochung {

/// A value or the Error that says why there is none.
template <typename T>
using Result = tl::expected<T, Error>;

/// Makes the failing side of any Result.
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

inline tl::unexpected<Error> fail(ErrorCode code, std::string_view reason, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message), reason});
}

}  // namespace khochung

/// Gives the value of a Result or returns its Error from the function that stands here.
/// Not for coroutines (it uses `return`).
#define KHOCHUNG_TRY(expression)                                              \
  __extension__({                                                             \
    auto khochung_result_ = (expression);                                     \
    if (!khochung_result_) return ::khochung::fail(khochung_result_.error()); \
    *std::move(khochung_result_);                                             \
  })

/// The same for a Result<void>.
#define KHOCHUNG_CHECK(expression)                                      \
  do {                                                                  \
    if (const auto& khochung_result_ = (expression); !khochung_result_) \
      return ::khochung::fail(khochung_result_.error());                \
  } while (false)

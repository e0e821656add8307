#pragma once

#include <xapian.h>

#include <new>
#include <string>
#include <utility>

#include "schemas/result.hpp"

namespace khochung::index {

/// The Error for an exception of Xapian.
Error error_from(const Xapian::Error& exception);

/// Runs `work`, which may throw what Xapian throws and returns a Result: the one place where the
/// library's exceptions are caught.
template <typename Work>
auto guarded(Work&& work) -> decltype(work()) {
  try {
    return std::forward<Work>(work)();
  } catch (const Xapian::Error& exception) {
    return fail(error_from(exception));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::unavailable, "index: out of memory");
  } catch (const std::exception& exception) {
    // A damaged index can make Xapian ask for impossible sizes (std::length_error).
    return fail(ErrorCode::corrupt, std::string("index: ") + exception.what());
  }
}

}  // namespace khochung::index

#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "schemas/instant.hpp"
#include "server/http/message.hpp"

namespace khochung::delivery {

/// A text that programs fetch again and again.
struct TextToSend {
  std::string media_type;
  std::string body;
  std::optional<Instant> last_modified = {};
  /// How long everybody's caches may keep it; nothing: one browser's cache, which asks each time.
  std::optional<std::chrono::seconds> kept = {};
};

/// The answer that gives the text: 304 by conditions, compressed where caches may keep it. Its ETag
/// follows from its bytes. Source: RFC 9110, 13.
http::Response text_answer(const http::Request& request, TextToSend text);

}  // namespace khochung::delivery

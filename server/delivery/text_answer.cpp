#include "server/delivery/text_answer.hpp"

#include "schemas/digest.hpp"
#include "server/http/compression.hpp"
#include "server/http/etag.hpp"
#include "server/http/http_date.hpp"

namespace khochung::delivery {

http::Response text_answer(const http::Request& request, TextToSend text) {
  // Weak: the compressed form shares it.
  const http::Validators validators{http::ETag{Digest::of(text.body).hex().substr(0, 32), true},
                                    text.last_modified};
  const auto status = http::status_by_conditions(request, validators);
  auto response = status ? http::Response{*status, {}, {}}
                         : http::Response::text(200, text.media_type, std::move(text.body));
  response.fields.set("ETag", validators.etag->text());
  if (text.last_modified)
    response.fields.set("Last-Modified", http::to_http_date(*text.last_modified));
  const auto cache_control =
      text.kept ? "public, max-age=" + std::to_string(text.kept->count()) : "private, no-cache";
  response.fields.set("Cache-Control", cache_control);
  if (text.kept) http::compress_for(request, response);
  return response;
}

}  // namespace khochung::delivery

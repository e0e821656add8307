#include "server/http/form.hpp"

#include "server/http/encoding.hpp"
#include "server/http/target.hpp"

namespace khochung::http {

std::string media_type_of(std::string_view content_type) {
  return lower_case(trim(content_type.substr(0, content_type.find(';'))));
}

Result<std::multimap<std::string, std::string>> form_values(const Request& request) {
  if (media_type_of(request.fields.get("Content-Type")) != "application/x-www-form-urlencoded") {
    return fail(ErrorCode::unsupported, "the body is not an urlencoded form");
  }
  return parse_query(request.body);
}

}  // namespace khochung::http

#include "server/app/client.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string_view>

#include "schemas/json_reader.hpp"

namespace khochung::app {
namespace {

constexpr std::array every_code{ErrorCode::bad_input,
                                ErrorCode::unauthenticated,
                                ErrorCode::forbidden,
                                ErrorCode::not_found,
                                ErrorCode::gone,
                                ErrorCode::conflict,
                                ErrorCode::precondition_failed,
                                ErrorCode::too_large,
                                ErrorCode::range_not_satisfiable,
                                ErrorCode::unsupported,
                                ErrorCode::corrupt,
                                ErrorCode::locked,
                                ErrorCode::unavailable,
                                ErrorCode::disk_full,
                                ErrorCode::internal};

ErrorCode code_named(std::string_view name) {
  const auto* found =
      std::ranges::find_if(every_code, [&](ErrorCode code) { return face_of(code).name == name; });
  return found == every_code.end() ? ErrorCode::internal : *found;
}

}  // namespace

Result<Answer> checked(Result<Answer> answer) {
  if (!answer || answer->status < 400) return answer;
  boost::json::error_code error;
  const auto problem = boost::json::parse(answer->body, error);
  if (error) return fail(ErrorCode::internal, "status " + std::to_string(answer->status));
  const JsonReader read(problem);
  const auto about = read.string("about");
  return fail(code_named(read.string("code")), sentence_key(read.string("reason")),
              about.empty() ? read.string("detail") : about);
}

}  // namespace khochung::app

#pragma once

#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace khochung::net {

/// What the head of an answer says beside the handler's own fields.
struct HeadContext {
  std::string_view request_id;
  std::string_view date;
  bool keeps_alive = true;
  bool is_http_1_0 = false;
  bool is_over_tls = false;
};

/// Whether an answer with this status has a body at all.
bool may_have_body(int status);

/// The status line and fields up to the empty line. Fields that protect readers are added where
/// the handler did not set its own; what could split the answer in two is taken out.
std::string response_head(const http::Response& response, const HeadContext& context);

}  // namespace khochung::net

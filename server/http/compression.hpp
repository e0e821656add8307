#pragma once

#include "server/http/message.hpp"

namespace khochung::http {

/// Whether an Accept-Encoding field takes gzip. Source: RFC 9110, 12.5.3.
bool takes_gzip(std::string_view accept_encoding);

/// Compresses a text answer with gzip where the client takes it and it gets smaller by that.
/// Not for answers that hold a secret beside what the sender of the address chose.
/// Threads: safe from many threads.
void compress_for(const Request& request, Response& response);

}  // namespace khochung::http

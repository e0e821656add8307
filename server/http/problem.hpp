#pragma once

#include "schemas/error.hpp"
#include "server/http/message.hpp"

namespace khochung::http {

/// The status of an error's answer: that of its code, or a closer one where its reason has one
/// ("method_not_allowed" → 405).
int status_of(const Error& error);

/// After how many seconds an answer of this status may be asked for again; empty: nothing is said.
std::string_view retry_after(int status);

/// The language that the client would rather read; Vietnamese unless it prefers English.
/// Source: RFC 9110, 12.5.4.
Language preferred_language(const Request& request);

/// The error as application/problem+json: title, status and detail for people, code, reason,
/// request and retry for programs. The error's message stays in the log.
/// Source: RFC 9457.
Response problem(const Request& request, const Error& error);

/// The standard phrase of a status ("Not Found").
std::string_view phrase_of(int status);

}  // namespace khochung::http

#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/digest.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung::storage {

/// One change or one sensitive read: who did what to which thing, when and by which way in.
/// Names no person but by the account.
struct AuditEvent {
  /// Its place in the chain, from 1 on without a gap. Whoever makes the event counts.
  std::uint64_t seq = 0;
  Instant at{};
  std::string by;              ///< account name, "local" for commands
  std::string from;            ///< "cli", "web", "api", "worker"
  std::string action;          ///< "material.create", "file.read": a-z, 0-9, '_' and '.'
  std::string object;          ///< id of what it was done to; empty when there is none
  boost::json::object detail;  ///< what else matters; no fractions
  bool operator==(const AuditEvent&) const = default;
};

constexpr std::size_t max_audit_name_bytes = 256;      ///< of by, from, action and object each
constexpr std::size_t max_audit_text_bytes = 1024;     ///< of each text in the detail
constexpr std::size_t max_audit_detail_bytes = 8192;   ///< of the detail as canonical JSON
constexpr std::size_t max_audit_line_bytes = 1 << 16;  ///< no line of an entry is longer

/// Names a key for checkpoints; its object is the fingerprint.
constexpr std::string_view audit_key_action = "audit.key";
/// Tells of a line that a crash cut; its detail has the file and the bytes that were taken away.
constexpr std::string_view audit_cut_action = "audit.cut";

/// The event as the chain keeps it: texts that are too long end in "…", a detail that is still too
/// large becomes {"…": its bytes}. Changes nothing the second time.
/// Errors: bad_input (no UTF-8; another character in `action`; an instant before 1970 or after
/// 9999; fractions, integers beyond 2^53 or more than eight levels in the detail).
Result<AuditEvent> bounded(AuditEvent event);

/// An event with its place in the chain.
struct AuditEntry {
  AuditEvent event;
  /// SHA-256 of the line before; absent in the first.
  std::optional<Digest> previous;
  bool operator==(const AuditEntry&) const = default;
};

/// The entry's line, without its line feed. Source: schemas/formats.md, "Audit chain".
std::string line_of(const AuditEntry& entry);
/// Errors: corrupt, for every line that line_of() would not have written.
Result<AuditEntry> entry_from_line(std::string_view line);

/// What links a line to the others, read without the rest. `action` and `month` point into it.
struct AuditLink {
  std::uint64_t seq = 0;
  std::optional<Digest> previous;
  std::string_view action;
  std::string_view month;  ///< "2026-11"
};
/// Nothing when the line does not begin and end as an entry does.
std::optional<AuditLink> link_of(std::string_view line);
/// The same, and nothing for a line that entry_from_line() refuses; quicker than that for most.
std::optional<AuditLink> checked_link_of(std::string_view line);

}  // namespace khochung::storage

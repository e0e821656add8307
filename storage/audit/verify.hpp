#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "schemas/error.hpp"
#include "schemas/result.hpp"
#include "storage/audit/chain_files.hpp"
#include "storage/audit/checkpoint.hpp"

namespace khochung::storage {

/// What is wrong with a chain.
enum class AuditFault {
  none,
  cut,           ///< a file ends within a line
  no_entry,      ///< a line is no entry
  out_of_order,  ///< an entry is missing, stands twice or stands elsewhere
  changed,       ///< an entry has not the digest that others know it by
  misplaced,     ///< an entry or a file stands where the rule of files puts another
  stray_file,    ///< a file that has no place in the chain
  tail_missing,  ///< the chain ends before an entry that is known
  checkpoint,    ///< a checkpoint is damaged, forged, missing or out of order
  unknown_key,   ///< a checkpoint is signed with a key that the chain does not name
  key_file,      ///< a public key's file is missing or another
};

/// What a chain was found to be.
struct AuditVerdict {
  AuditFault fault = AuditFault::none;
  /// The first thing that was touched: its file, its line (from 1), the number that the entry has
  /// or should have there. Where two neighbours contradict each other and nothing else tells which
  /// one was touched, it is the earlier.
  std::string file;
  std::uint64_t line = 0;
  std::uint64_t seq = 0;

  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checkpoints = 0;
  /// Up to this entry everything is as a signature or the caller's knowledge says: what is wrong
  /// lies behind it. Nobody vouches for entries that are newer.
  std::uint64_t proven_until = 0;
  /// Where the chain first names a key that signs without the word of the key before (its owner
  /// lost that one, or someone else signs); 0 when there is none.
  std::uint64_t unvouched_key_at = 0;
  AuditHead head;  ///< of what was read

  [[nodiscard]] bool is_intact() const { return fault == AuditFault::none; }
};

/// The verdict for the person, in a few sentences.
std::string sentence_of(const AuditVerdict& verdict, Language language);

struct AuditVerification {
  /// An entry that is known from elsewhere (the catalogue): a chain that ends before it is cut.
  std::optional<AuditHead> known = {};
  /// The line of a checkpoint that was kept elsewhere; empty: none.
  std::string kept_checkpoint = {};
  /// Looks no further than this entry: for a chain that is being written.
  std::optional<std::uint64_t> until = {};
  std::uint64_t max_file_bytes = audit_file_bytes;
  /// Is told how much of how much was read.
  std::function<void(std::uint64_t bytes, std::uint64_t of_bytes)> progress = {};
};

/// Proves a chain, or names what was touched first: numbering, digests, order of files, checkpoints
/// and keys. Reads everything once, in constant memory.
/// Errors: bad_input when `kept_checkpoint` is no checkpoint; unavailable.
Result<AuditVerdict> verify_audit(const std::filesystem::path& folder,
                                  const AuditVerification& how = {});

}  // namespace khochung::storage

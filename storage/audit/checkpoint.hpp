#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/digest.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"
#include "storage/audit/signing_key.hpp"

namespace khochung::storage {

/// An entry as others can know it: its number and the SHA-256 of its line. 0 is before the first.
struct AuditHead {
  std::uint64_t seq = 0;
  Digest hash;
  bool operator==(const AuditHead&) const = default;
};

/// A signed statement that the chain up to an entry was so at a time.
struct AuditCheckpoint {
  AuditHead head;
  Instant at{};
  std::string key;  ///< fingerprint of the key that signed
  /// SHA-256 of the line of the checkpoint before; absent in the first.
  std::optional<Digest> previous;
  std::string signature;  ///< base64
};

AuditCheckpoint signed_checkpoint(const AuditHead& head, Instant at,
                                  const std::optional<Digest>& previous, const SigningKey& key);

/// The checkpoint's line, without its line feed. Source: schemas/formats.md, "Audit chain".
std::string line_of(const AuditCheckpoint& checkpoint);
/// Errors: corrupt, for every line that line_of() would not have written. The signature is not
/// looked at.
Result<AuditCheckpoint> checkpoint_from_line(std::string_view line);
[[nodiscard]] bool is_signed_by(const AuditCheckpoint& checkpoint, const PublicKey& key);

/// The public key of that fingerprint, from its file in `folder`.
/// Errors: corrupt when it is missing or another key; unavailable.
Result<PublicKey> public_key_in(const std::filesystem::path& folder,
                                const std::string& fingerprint);

}  // namespace khochung::storage

#include "storage/audit/checkpoint.hpp"

#include <boost/json.hpp>

#include "schemas/canonical_json.hpp"
#include "schemas/json_reader.hpp"
#include "storage/audit/chain_files.hpp"

namespace khochung::storage {
namespace {

namespace json = boost::json;

constexpr std::string_view checkpoint_format = "khochung/audit-checkpoint/1";
constexpr std::uint64_t max_key_file_bytes = 4096;

json::object statement_of(const AuditCheckpoint& checkpoint) {
  json::object object{{"format", checkpoint_format},
                      {"seq", checkpoint.head.seq},
                      {"hash", checkpoint.head.hash.hex()},
                      {"at", to_rfc3339(checkpoint.at)},
                      {"key", checkpoint.key}};
  object["previous"] = checkpoint.previous ? json::value(checkpoint.previous->hex()) : nullptr;
  return object;
}

tl::unexpected<Error> no_checkpoint() {
  return fail(ErrorCode::corrupt, "no checkpoint of an audit chain of version 1");
}

}  // namespace

AuditCheckpoint signed_checkpoint(const AuditHead& head, Instant at,
                                  const std::optional<Digest>& previous, const SigningKey& key) {
  AuditCheckpoint checkpoint{head, at, key.fingerprint(), previous, {}};
  checkpoint.signature = key.sign(canonical_json(statement_of(checkpoint)));
  return checkpoint;
}

std::string line_of(const AuditCheckpoint& checkpoint) {
  auto object = statement_of(checkpoint);
  object["signature"] = checkpoint.signature;
  return canonical_json(object);
}

Result<AuditCheckpoint> checkpoint_from_line(std::string_view line) {
  json::error_code error;
  const auto value = json::parse(line, error);
  const JsonReader read(value);
  const auto hash = Digest::parse(read.string("hash"));
  const auto at = instant_from_rfc3339(read.string("at"));
  const auto key = Digest::parse(read.string("key"));
  if (error || !hash || !at || !key) return no_checkpoint();
  const auto seq = static_cast<std::uint64_t>(read.integer("seq"));
  AuditCheckpoint checkpoint{{seq, *hash}, *at, key->hex(), {}, read.string("signature")};
  if (const auto previous = Digest::parse(read.string("previous"))) checkpoint.previous = *previous;
  if (line_of(checkpoint) != line) return no_checkpoint();
  return checkpoint;
}

bool is_signed_by(const AuditCheckpoint& checkpoint, const PublicKey& key) {
  return checkpoint.key == key.fingerprint() &&
         key.has_signed(canonical_json(statement_of(checkpoint)), checkpoint.signature);
}

Result<PublicKey> public_key_in(const std::filesystem::path& folder,
                                const std::string& fingerprint) {
  const auto path = folder / (fingerprint + ".pem");
  const auto pem = read_small_file(path, max_key_file_bytes);
  if (!pem && pem.error().code != ErrorCode::not_found) return fail(pem.error());
  auto key = pem ? PublicKey::from_pem(*pem) : fail(pem.error());
  if (!key || key->fingerprint() != fingerprint) {
    return fail(ErrorCode::corrupt, "audit_key_file",
                path.filename().string() + ": not the public key of that fingerprint");
  }
  return key;
}

}  // namespace khochung::storage

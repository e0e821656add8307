#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/digest.hpp"
#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung {

/// What a record tells of. A vocabulary is a table that people edit (the retention table), a
/// disposal the paper trail of a destruction, a bulk edit the list of what was changed in one go.
enum class RecordKind { material, unit, vocabulary, disposal, bulk_edit };

/// "material", …
std::string_view to_text(RecordKind kind);

/// One revision of one thing: the truth that the store keeps. Its canonical JSON is its file; the
/// file's digest is its seal and stands in the next revision.
struct Record {
  RecordKind kind = RecordKind::material;
  Uuid id;
  int revision = 1;
  /// Digest of the revision before; absent in the first.
  std::optional<Digest> previous;
  Instant at{};
  std::string by;    ///< account name, "local" for commands
  std::string from;  ///< "cli", "web", "api", "worker"
  std::string why;
  boost::json::value body;
};

/// The bytes of the record's file. Source: schemas/formats.md, "records".
std::string to_canonical_json(const Record& record);
/// Errors: corrupt.
Result<Record> record_from_json(std::string_view text);

/// Whether a thing's history may begin with `first`, `newest` being the last of it: it is revision
/// 1, or `newest` names the seals of all revisions before it as erased. Source: schemas/formats.md,
/// "Erasure".
bool may_begin_history(const Record& first, const Record& newest);

}  // namespace khochung

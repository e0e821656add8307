#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/digest.hpp"
#include "schemas/identifier.hpp"

namespace khochung::storage {

/// What the name of a record's file says: <id>.r<6 digits>.<64 hex>.json.
/// Source: schemas/formats.md, "Records".
struct RecordName {
  Uuid id;
  int revision = 0;
  Digest seal;

  /// Nothing when `name` is no such name.
  static std::optional<RecordName> parse(std::string_view name);
  [[nodiscard]] std::string text() const;
  /// Its place beneath the folder of all records: <ab>/<cd>/<name>.
  [[nodiscard]] std::filesystem::path place() const;
};

}  // namespace khochung::storage

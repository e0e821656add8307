#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/result.hpp"

namespace khochung {

/// The kind of a material that is a press kit.
inline constexpr std::string_view kit_kind = "bo_tai_lieu_bao_chi";

/// Words that the press may quote.
struct KitQuote {
  std::string text;
  std::string speaker;  ///< name and office

  bool operator==(const KitQuote&) const = default;
};

/// A file of a material, as a kit has it.
struct KitItem {
  MaterialId material;
  Digest file;          ///< one of the material's originals
  std::string caption;  ///< empty: the material's title
  std::string credit;   ///< empty: the material's
  std::string terms;    ///< empty: the material's

  bool operator==(const KitItem&) const = default;
};

/// A file of a published version, as it stands in the kit's ZIP.
struct KitFile {
  std::string path;  ///< UTF-8, '/' between folders
  Digest sha256;
  std::uint64_t size_bytes = 0;
  std::uint32_t crc32 = 0;
  std::string media_type;
  /// Whose rights hold for it; absent: it was made for the kit.
  std::optional<MaterialId> material;

  bool operator==(const KitFile&) const = default;
};

/// That the kit was published, and what the correction is about.
struct KitVersion {
  int number = 1;
  int revision = 1;  ///< of the kit's material; its record has the version's files
  Instant at{};
  std::string by;    ///< account name
  std::string note;  ///< empty in the first

  bool operator==(const KitVersion&) const = default;
};

/// What an editor puts together.
struct KitContent {
  std::string release;  ///< paragraphs, parted by empty lines
  std::vector<KitQuote> quotes;
  std::string contact;
  std::vector<KitItem> items;

  bool operator==(const KitContent&) const = default;
};

/// A press kit: what a material of that kind holds in place of files of its own. What is being
/// edited stands beside what was published; a published version never changes.
struct Kit {
  static constexpr std::size_t most_items = 1'000;
  static constexpr std::size_t most_quotes = 50;
  static constexpr std::size_t longest_text_bytes = std::size_t{128} * 1024;

  KitContent draft;
  std::optional<KitContent> published;  ///< of the newest version
  std::vector<KitVersion> versions;     ///< numbered from 1
  std::vector<KitFile> files;           ///< of the newest version

  /// What everybody sees; what editors see as long as nothing was published.
  [[nodiscard]] const KitContent& shown() const { return published ? *published : draft; }
  bool operator==(const Kit&) const = default;
};

boost::json::object to_json(const KitContent& content);
/// Errors: bad_input.
Result<KitContent> kit_content_from_json(const boost::json::value& value);

boost::json::value to_json(const Kit& kit);
/// Errors: bad_input.
Result<Kit> kit_from_json(const boost::json::value& value);

}  // namespace khochung

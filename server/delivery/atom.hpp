#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.hpp"

namespace khochung::delivery {

struct AtomLink {
  std::string rel;   ///< alternate, self, enclosure, first, next, previous
  std::string href;  ///< absolute
  std::string type;
  std::string title = {};
  std::optional<std::uint64_t> size_bytes = {};
};

struct AtomCategory {
  std::string term;
  std::string label;
};

struct AtomEntry {
  std::string id;  ///< a URI that never changes
  std::string title;
  Instant updated{};
  std::optional<Instant> published;
  std::string author;      ///< a unit's name
  std::string author_uri;  ///< empty: left out
  std::string summary;
  std::string rights;     ///< empty: left out
  std::string language;   ///< BCP 47; empty: that of the feed
  std::string thumbnail;  ///< absolute address; empty: left out
  std::vector<AtomCategory> categories;
  std::vector<AtomLink> links;
};

struct AtomFeed {
  std::string id;
  std::string title;
  std::string author;  ///< whose site it is
  std::string language;
  std::vector<AtomLink> links;
  std::optional<std::int64_t> total;  ///< of all pages of a paged feed
  std::vector<AtomEntry> entries;

  /// That of its newest entry; the beginning of 1970 when it has none.
  [[nodiscard]] Instant updated() const;
};

/// A URI that is the same for the same name on every server and whatever the archive's address.
/// Source: RFC 9562, 5.8 (version 8) over the SHA-256 of `name`, as in its appendix B.2.
std::string named_urn(std::string_view name);

/// The feed as a document. Source: RFC 4287; RFC 5005, 3 (paging); OpenSearch 1.1 (totalResults).
std::string to_xml(const AtomFeed& feed);

}  // namespace khochung::delivery

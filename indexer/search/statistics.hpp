#pragma once

#include <xapian.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace khochung::search {

/// How often words are used in what everybody may read: all that ranking, corrections and the
/// reading of a query may know of other documents. Xapian's own counts are of everything, so that a
/// word's weight would tell what somebody else keeps to himself. Shape:   counted in the first
/// `most_counted` such documents; what has an embargo is never among them. Threads: used by one
/// search at a time. Members throw what Xapian throws.
class PublicStatistics {
 public:
  static constexpr Xapian::doccount most_counted = 10'000;

  explicit PublicStatistics(const Xapian::Database& database);

  [[nodiscard]] Xapian::doccount documents() const { return documents_; }
  [[nodiscard]] double average_length() const { return average_length_; }
  /// Of those documents, how many have the term.
  Xapian::doccount documents_with(const std::string& term);
  /// How many have one of the terms, as if each stood there without regard to the others.
  double documents_with_any(const std::vector<std::string>& terms);
  /// How much it says that a word stands in a document, for so many that have it.
  [[nodiscard]] double rarity(double documents_with) const;

 private:
  [[nodiscard]] Xapian::doccount count(const std::string& term) const;

  Xapian::Database database_;
  Xapian::doccount documents_ = 0;
  Xapian::docid last_ = 0;  ///< of the documents that are counted
  double average_length_ = 1;
  std::unordered_map<std::string, Xapian::doccount> known_;
};

}  // namespace khochung::search

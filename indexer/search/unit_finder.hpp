#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/unit_tree.hpp"

namespace khochung::search {

/// Finds units by what people type of their names: with or without tone marks, in either language,
/// or by code; each word may be cut short ("ldld nghe", "lien doan quang tr").
/// Threads: safe from many threads.
class UnitFinder {
 public:
  /// At most `limit` units: open ones first, then those whose name begins so, then those nearer to
  /// the top. They live as long as the tree.
  [[nodiscard]] std::vector<const Unit*> find(const std::shared_ptr<const UnitTree>& tree,
                                              std::string_view text, std::size_t limit);

 private:
  /// A unit and its names, folded, with a space before each word.
  struct Entry {
    UnitTree::SharedUnit unit;
    std::string names;
  };
  using Entries = std::vector<Entry>;
  std::shared_ptr<const Entries> entries_of(const std::shared_ptr<const UnitTree>& tree);

  std::mutex mutex_;
  std::shared_ptr<const UnitTree> tree_;  ///< that entries_ belongs to
  std::shared_ptr<const Entries> entries_ = std::make_shared<const Entries>();
};

}  // namespace khochung::search

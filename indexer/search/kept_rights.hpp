#pragma once

#include <xapian.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "indexer/index/terms.hpp"

namespace khochung::search {

/// What rights ask of the documents of one commit, kept in memory where searches meet many of them:
/// it is asked of every document that the words find, and Xapian's way to a value is nearly as long
/// as that to a document. Eight bytes a document; what one commit knows holds for no other.
/// Everything here throws what Xapian throws. Threads: used by one search at a time.
class KeptRights {
 public:
  explicit KeptRights(const Xapian::Database& database)
      : database_(database), blocks_(database.get_lastdocid() / block_documents + 1) {}

  /// Ends of embargoes. In front stands one that is always over, of what has none.
  using Ends = std::vector<Instant>;

  /// Of one document.
  struct Rights {
    UnitNumber owner = 0;
    Visibility visibility : 4 = Visibility::private_;
    State state : 4 = State::draft;
    bool is_there : 1 = false;       ///< false: there is no such document
    std::uint32_t embargo : 16 = 0;  ///< which of the ends kept beside it
  };
  static_assert(sizeof(Rights) == 8);

  /// Tells the rights of documents that are asked for in ascending order.
  class Reader {
   public:
    explicit Reader(KeptRights& kept) : kept_(kept) {}
    /// Good until the next call.
    const Rights& of(Xapian::docid document) {
      const auto place = document - first_;
      return place < block_.size() ? block_[place] : of_another_block(document);
    }
    /// Until when it is under embargo, of what `of` gave last.
    [[nodiscard]] Instant embargo_until(const Rights& rights) const {
      return embargoes_[rights.embargo];
    }

   private:
    // Seldom asked, so that it does not stand in the way of what is asked of every document.
    [[gnu::noinline]] const Rights& of_another_block(Xapian::docid document);
    const Rights& of_index(Xapian::docid document);

    KeptRights& kept_;
    Xapian::docid first_ = 0;
    std::span<const Rights> block_;  ///< from `first_` on, where the last one asked for is kept
    std::span<const Instant> embargoes_;
    std::optional<Xapian::ValueIterator> at_;
    Rights looked_up_;
    Ends looked_up_embargoes_;
  };

  /// The rights of some documents, evenly over all. Going to them takes as long as many a search (3
  /// ms among 100,000), so that it is done once a commit.
  const std::vector<index::RightsValue>& sample();

 private:
  static constexpr Xapian::docid block_documents = 4'096;

  /// Documents with neighbouring numbers.
  struct Block {
    std::uint32_t times_asked = 0;
    std::vector<Rights> rights;  ///< by number; empty while it is not kept
    Ends embargoes{Instant::min()};
  };

  /// Of a value whose embargo, if any, is put behind the others.
  static Rights rights_in(const index::RightsValue& value, Ends& embargoes);
  /// Whether the document's block is kept from now on.
  bool keep_if_asked_often(Block& block, Xapian::docid document);

  Xapian::Database database_;
  std::vector<Block> blocks_;
  std::size_t kept_blocks_ = 0;
  std::optional<std::vector<index::RightsValue>> sample_;
};

}  // namespace khochung::search

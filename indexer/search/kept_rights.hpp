#pragma once

#include <xapian.h>

#include <cstdint>
#include <optional>
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

  /// Of one document.
  struct Rights {
    UnitNumber owner = 0;
    Visibility visibility : 4 = Visibility::private_;
    State state : 4 = State::draft;
    bool is_there : 1 = false;  ///< false: there is no such document
    bool has_embargo : 1 = false;
  };
  static_assert(sizeof(Rights) == 8);

  /// Tells the rights of documents that are asked for in ascending order.
  class Reader {
   public:
    explicit Reader(KeptRights& kept) : kept_(kept) {}
    /// Good until the next call.
    const Rights& of(Xapian::docid document) {
      auto& block = kept_.blocks_[document / block_documents];
      if (block.rights.empty() && !kept_.keep_if_asked_often(block, document))
        return of_index(document);
      return block.rights[document % block_documents];
    }
    /// Of the document that was asked for last, which has one.
    [[nodiscard]] Instant embargo_of(Xapian::docid document) const;

   private:
    const Rights& of_index(Xapian::docid document);

    KeptRights& kept_;
    std::optional<Xapian::ValueIterator> at_;
    Rights looked_up_;
    Instant looked_up_embargo_;
  };

  /// The rights of some documents, evenly over all. Going to them takes as long as many a search (3
  /// ms among 100,000), so that it is done once a commit.
  const std::vector<index::RightsValue>& sample();

 private:
  static constexpr Xapian::docid block_documents = 4'096;

  struct Embargo {
    Xapian::docid document;
    Instant until;
  };
  /// Documents with neighbouring numbers.
  struct Block {
    std::uint32_t times_asked = 0;
    std::vector<Rights> rights;      ///< by number; empty while it is not kept
    std::vector<Embargo> embargoes;  ///< by number
  };

  static Rights rights_in(const index::RightsValue& value);
  /// Whether the document's block is kept from now on.
  bool keep_if_asked_often(Block& block, Xapian::docid document);

  Xapian::Database database_;
  std::vector<Block> blocks_;
  std::size_t kept_blocks_ = 0;
  std::optional<std::vector<index::RightsValue>> sample_;
};

}  // namespace khochung::search

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer/index/index.hpp"
#include "indexer/search/searcher.hpp"

namespace khochung::search {

inline const Instant noon = instant_from_rfc3339("2026-11-23T12:00:00Z").value();

/// An index in a folder of its own with the texts that went in.
class Archive : public TextSource {
 public:
  Archive();
  ~Archive() override;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  /// A public, published material; change it before it goes in with `put`.
  static index::IndexDocument document(const std::string& title, const std::string& text);
  MaterialId put(const index::IndexDocument& document);
  MaterialId put(const std::string& title, const std::string& text);
  void remove(MaterialId id);

  /// Answers as for somebody who may read everything that is public.
  SearchAnswer search(const std::string& query) const;
  SearchAnswer search(SearchRequest request) const;
  /// The titles of the hits, in order.
  std::vector<std::string> titles(const std::string& query) const;
  [[nodiscard]] std::string title(MaterialId id) const { return known_.at(id).title; }
  static SearchRequest request(const std::string& query);

  Result<MaterialTexts> texts(MaterialId id) override;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  Searcher& searcher() { return *searcher_; }
  index::Index& index() { return *index_; }
  void close_index() { index_.reset(); }

 private:
  void commit() const;

  struct Known {
    std::string title;
    MaterialTexts texts;
  };
  std::filesystem::path folder_;
  std::unique_ptr<index::Index> index_;
  std::unique_ptr<Searcher> searcher_;
  std::map<MaterialId, Known> known_;
  mutable bool is_changed_ = false;
};

}  // namespace khochung::search

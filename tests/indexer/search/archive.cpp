#include "archive.hpp"

#include <boost/test/unit_test.hpp>

namespace khochung::search {

Archive::Archive()
    : folder_(std::filesystem::temp_directory_path() / ("khochung-search-" + Uuid::make().text())) {
  index_ = index::Index::open(folder_).value();
  searcher_ = std::make_unique<Searcher>(folder_);
}

Archive::~Archive() {
  index_.reset();
  std::filesystem::remove_all(folder_);
}

index::IndexDocument Archive::document(const std::string& title, const std::string& text) {
  index::IndexDocument document;
  document.material.id = MaterialId::make();
  document.material.title = title;
  document.material.created_at = noon;
  document.material.state = State::published;
  document.material.visibility = Visibility::public_;
  document.standing.owner = 1;
  document.standing.visibility = Visibility::public_;
  document.standing.state = State::published;
  document.page_texts = {text};
  return document;
}

MaterialId Archive::put(const index::IndexDocument& document) {
  BOOST_REQUIRE(index_->add(document).has_value());
  is_changed_ = true;
  known_[document.material.id] = {document.material.title,
                                  {searched_fields(document.material), document.page_texts}};
  return document.material.id;
}

MaterialId Archive::put(const std::string& title, const std::string& text) {
  return put(document(title, text));
}

void Archive::remove(MaterialId id) {
  BOOST_REQUIRE(index_->remove(id).has_value());
  is_changed_ = true;
}

void Archive::commit() const {
  if (is_changed_) BOOST_REQUIRE(index_->commit(1).has_value());
  is_changed_ = false;
}

SearchRequest Archive::request(const std::string& query) {
  SearchRequest request;
  request.query = query;
  request.rights = access::filter_for(access::Viewer::anonymous(), UnitTree(), noon);
  return request;
}

SearchAnswer Archive::search(const std::string& query) const {
  return search(request(query));
}

SearchAnswer Archive::search(SearchRequest request) const {
  commit();
  auto answer = searcher_->search(request, const_cast<Archive&>(*this));
  BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? std::string() : answer.error().message));
  return *answer;
}

std::vector<std::string> Archive::titles(const std::string& query) const {
  std::vector<std::string> titles;
  for (const auto& hit : search(query).hits) titles.push_back(title(hit.id));
  return titles;
}

Result<MaterialTexts> Archive::texts(MaterialId id) {
  const auto known = known_.find(id);
  if (known == known_.end()) return fail(ErrorCode::not_found, "no texts");
  return known->second.texts;
}

}  // namespace khochung::search

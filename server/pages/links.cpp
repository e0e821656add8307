#include "server/pages/links.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace khochung::pages {
namespace {

/// Puts together "name=value" pairs that have a value.
class Query {
 public:
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text_ += text_.empty() ? '?' : '&';
    text_ += std::string(name) + "=" + encoded(value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string material_folder(std::string_view id) {
  return "/api/v1/materials/" + encoded(id);
}

}  // namespace

std::string encoded(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

std::string search_address(const SearchParameters& parameters) {
  Query query;
  for (const auto& [name, value] : search_fields) query.add(name, parameters.*value);
  if (parameters.offset > 0) query.add("offset", std::to_string(parameters.offset));
  return "/search" + query.text();
}

std::string feed_address(const SearchParameters& parameters) {
  auto from_its_beginning = parameters;
  from_its_beginning.sort.clear();
  from_its_beginning.offset = 0;
  constexpr std::string_view page = "/search";
  return "/feed.atom" + search_address(from_its_beginning).substr(page.size());
}

std::string selection_address(const SearchParameters& parameters) {
  auto from_its_beginning = parameters;
  from_its_beginning.offset = 0;
  constexpr std::string_view page = "/search";
  return "/selection" + search_address(from_its_beginning).substr(page.size());
}

std::string material_address(std::string_view id, std::string_view query, int page) {
  Query parts;
  parts.add("q", query);
  if (page > 1) parts.add("page", std::to_string(page));
  return "/m/" + encoded(id) + parts.text();
}

std::string file_address(std::string_view id, std::string_view name) {
  return material_folder(id) + "/files/" + encoded(name);
}

std::string page_picture_address(std::string_view id, int page, int width) {
  return material_folder(id) + "/pages/" + std::to_string(page) +
         "/image?width=" + std::to_string(width);
}

std::string other_language_address(const PageContext& context) {
  const std::string_view other = context.language == Language::vietnamese ? "en" : "vi";
  const std::string_view present = context.path_and_query;
  const auto mark = present.find('?');
  std::string address(present.substr(0, mark));
  auto rest = mark == std::string_view::npos ? std::string_view{} : present.substr(mark + 1);
  char separator = '?';
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty() || pair.starts_with("lang=")) continue;
    address += separator + std::string(pair);
    separator = '&';
  }
  return address + separator + "lang=" + std::string(other);
}

}  // namespace khochung::pages

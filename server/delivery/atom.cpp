#include "server/delivery/atom.hpp"

#include <algorithm>

#include "schemas/digest.hpp"
#include "server/delivery/xml.hpp"

namespace khochung::delivery {
namespace {

void add_person(pugi::xml_node parent, std::string_view name, std::string_view uri) {
  auto person = parent.append_child("author");
  add_element(person, "name", name);
  if (!uri.empty()) add_element(person, "uri", uri);
}

void add_link(pugi::xml_node parent, const AtomLink& link) {
  auto element = parent.append_child("link");
  add_attribute(element, "rel", link.rel);
  if (!link.type.empty()) add_attribute(element, "type", link.type);
  add_attribute(element, "href", link.href);
  if (!link.title.empty()) add_attribute(element, "title", link.title);
  if (link.size_bytes) add_attribute(element, "length", std::to_string(*link.size_bytes));
}

void add_entry(pugi::xml_node feed, const AtomEntry& entry) {
  auto element = feed.append_child("entry");
  if (!entry.language.empty()) add_attribute(element, "xml:lang", entry.language);
  add_element(element, "id", entry.id);
  add_element(element, "title", entry.title);
  add_element(element, "updated", to_rfc3339(entry.updated));
  if (entry.published) add_element(element, "published", to_rfc3339(*entry.published));
  add_person(element, entry.author, entry.author_uri);
  for (const auto& category : entry.categories) {
    auto child = element.append_child("category");
    add_attribute(child, "term", category.term);
    if (!category.label.empty()) add_attribute(child, "label", category.label);
  }
  for (const auto& link : entry.links) add_link(element, link);
  add_element(element, "summary", entry.summary);
  if (!entry.rights.empty()) add_element(element, "rights", entry.rights);
  if (!entry.thumbnail.empty())
    add_attribute(element.append_child("media:thumbnail"), "url", entry.thumbnail);
}

}  // namespace

Instant AtomFeed::updated() const {
  const auto newest = std::ranges::max_element(entries, {}, &AtomEntry::updated);
  return newest == entries.end() ? Instant{} : newest->updated;
}

std::string named_urn(std::string_view name) {
  auto digits = Digest::of(name).hex().substr(0, 32);
  digits[12] = '8';
  digits[16] = "89ab"[static_cast<std::size_t>(digits[16] % 4)];
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) digits.insert(dash, 1, '-');
  return "urn:uuid:" + digits;
}

std::string to_xml(const AtomFeed& feed) {
  pugi::xml_document document;
  auto root = document.append_child("feed");
  add_attribute(root, "xmlns", "http://www.w3.org/2005/Atom");
  add_attribute(root, "xmlns:media", "http://search.yahoo.com/mrss/");
  add_attribute(root, "xmlns:opensearch", "http://a9.com/-/spec/opensearch/1.1/");
  add_attribute(root, "xml:lang", feed.language);
  add_element(root, "id", feed.id);
  add_element(root, "title", feed.title);
  add_element(root, "updated", to_rfc3339(feed.updated()));
  add_person(root, feed.author, {});
  add_element(root, "generator", "Kho Chung");
  for (const auto& link : feed.links) add_link(root, link);
  if (feed.total) add_element(root, "opensearch:totalResults", std::to_string(*feed.total));
  for (const auto& entry : feed.entries) add_entry(root, entry);
  return to_text(document);
}

}  // namespace khochung::delivery

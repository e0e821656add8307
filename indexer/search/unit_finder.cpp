#include "indexer/search/unit_finder.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "indexer/text/vietnamese.hpp"

namespace khochung::search {
namespace {

/// The words of a text, folded, each with a space before it: " lien doan lao dong".
std::string spaced_words(std::string_view text) {
  std::string words;
  for (const auto& token : text::tokenise(text)) words += ' ' + token.folded;
  return words;
}

/// The single words of spaced_words(), each with its space.
std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> parts;
  while (!words.empty()) {
    const auto part = words.substr(0, words.find(' ', 1));
    parts.push_back(part);
    words.remove_prefix(part.size());
  }
  return parts;
}

}  // namespace

std::vector<const Unit*> UnitFinder::find(const std::shared_ptr<const UnitTree>& tree,
                                          std::string_view text, std::size_t limit) {
  const auto wanted = spaced_words(text);
  const auto words = split(wanted);
  if (words.empty()) return {};
  // Whether it is closed, names begin otherwise, how deep it stands, its number.
  using Rank = std::tuple<bool, bool, std::size_t, UnitNumber>;
  std::vector<std::pair<Rank, const Unit*>> found;
  const auto entries = entries_of(tree);
  for (const auto& [unit, names] : *entries) {
    const auto has = [&](std::string_view word) { return names.find(word) != std::string::npos; };
    if (!std::ranges::all_of(words, has)) continue;
    const Rank rank{tree->is_closed(*unit), !names.starts_with(wanted),
                    tree->chain_above(unit->number).size(), unit->number};
    found.emplace_back(rank, unit.get());
  }
  const auto count = std::min(limit, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<const Unit*> units;
  for (std::size_t i = 0; i < count; ++i) units.push_back(found[i].second);
  return units;
}

/// A unit that stands in the tree as it stood before keeps its folded names.
std::shared_ptr<const UnitFinder::Entries> UnitFinder::entries_of(
    const std::shared_ptr<const UnitTree>& tree) {
  const std::lock_guard lock(mutex_);
  if (tree_ == tree) return entries_;
  auto drawn = std::make_shared<Entries>();
  const auto& units = tree->shared_units();
  drawn->reserve(units.size());
  auto before = entries_->begin();
  for (const auto& unit : units) {
    while (before != entries_->end() && before->unit->number < unit->number) ++before;
    if (before != entries_->end() && before->unit == unit) {
      drawn->push_back(*before);
    } else {
      drawn->push_back(
          {unit, spaced_words(unit->name_vi + " " + unit->name_en + " " + unit->code)});
    }
  }
  tree_ = tree;
  entries_ = std::move(drawn);
  return entries_;
}

}  // namespace khochung::search

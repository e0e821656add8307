#include "schemas/unit_tree.hpp"

#include <algorithm>
#include <bit>

namespace khochung {
namespace {

constexpr std::string_view end_of_days = "9999-12-31";

/// The index of the first entry of `key` in a sorted list, or nothing.
template <typename Entries, typename Key>
auto first_of(const Entries& entries, const Key& key) {
  return std::ranges::lower_bound(entries, key, {}, &Entries::value_type::first);
}

}  // namespace

void UnitSet::insert(UnitNumber unit) {
  const auto word = unit / word_bits;
  if (word + 1 >= words_.size()) words_.resize(word + 2);
  const auto bit = std::uint64_t{1} << unit % word_bits;
  if ((words_[word] & bit) == 0) ++size_;
  words_[word] |= bit;
}

std::vector<UnitNumber> UnitSet::numbers() const {
  std::vector<UnitNumber> found;
  found.reserve(size_);
  for (std::size_t word = 0; word < words_.size(); ++word) {
    for (auto bits = words_[word]; bits != 0; bits &= bits - 1) {
      found.push_back(static_cast<UnitNumber>(word * word_bits) +
                      static_cast<UnitNumber>(std::countr_zero(bits)));
    }
  }
  return found;
}

Result<UnitTree> UnitTree::make(std::vector<Unit> units, std::string_view day) {
  std::vector<SharedUnit> shared;
  shared.reserve(units.size());
  for (auto& unit : units) shared.push_back(std::make_shared<const Unit>(std::move(unit)));
  return make(std::move(shared), day);
}

Result<UnitTree> UnitTree::make(std::vector<SharedUnit> units, std::string_view day) {
  UnitTree tree;
  tree.day_ = day.empty() ? end_of_days : day;
  tree.units_ = std::move(units);
  std::ranges::sort(tree.units_, {}, [](const SharedUnit& unit) { return unit->number; });
  for (Index i = 0; i < tree.units_.size(); ++i) {
    const Unit& unit = *tree.units_[i];
    tree.by_id_.emplace_back(unit.id, i);
    tree.by_code_.emplace_back(unit.code, i);
    for (const auto& successor : unit.successors) tree.by_successor_.emplace_back(successor, i);
  }
  std::ranges::sort(tree.by_id_);
  std::ranges::sort(tree.by_code_);
  std::ranges::sort(tree.by_successor_);
  KHOCHUNG_CHECK(tree.refuse_doubles());
  KHOCHUNG_CHECK(tree.find_parents());
  KHOCHUNG_CHECK(tree.lay_out_branches());
  return tree;
}

Result<void> UnitTree::refuse_doubles() const {
  for (std::size_t i = 1; i < units_.size(); ++i) {
    const bool is_double = units_[i]->number == units_[i - 1]->number ||
                           by_id_[i].first == by_id_[i - 1].first ||
                           by_code_[i].first == by_code_[i - 1].first;
    if (is_double) {
      return fail(ErrorCode::bad_input, "a unit stands twice: " + std::string(by_code_[i].first));
    }
  }
  return {};
}

Result<void> UnitTree::find_parents() {
  parents_.reserve(units_.size());
  for (const auto& unit : units_) {
    const auto parent = unit->parent_on(day_);
    const auto found = parent ? first_of(by_id_, *parent) : by_id_.end();
    if (parent && (found == by_id_.end() || found->first != *parent))
      return fail(ErrorCode::bad_input, "no such parent of unit " + unit->code);
    parents_.push_back(parent ? found->second : none);
  }
  return {};
}

/// Each unit's branch in one piece of order_: its size is known once those of all beneath it are.
Result<void> UnitTree::lay_out_branches() {
  const auto count = static_cast<Index>(units_.size());
  std::vector<Index> first_child(count, none);
  std::vector<Index> next_sibling(count, none);
  std::vector<Index> to_visit;
  for (auto i = count; i-- > 0;) {
    if (parents_[i] == none) continue;
    next_sibling[i] = first_child[parents_[i]];
    first_child[parents_[i]] = i;
  }
  for (auto i = count; i-- > 0;) {
    if (parents_[i] == none) to_visit.push_back(i);
  }
  begins_.assign(count, none);
  ends_.assign(count, none);
  order_.reserve(count);
  while (!to_visit.empty()) {
    const auto unit = to_visit.back();
    if (begins_[unit] == none) {
      begins_[unit] = static_cast<Index>(order_.size());
      order_.push_back(units_[unit]->number);
      const auto waiting = to_visit.size();
      for (auto child = first_child[unit]; child != none; child = next_sibling[child])
        to_visit.push_back(child);
      std::ranges::reverse(std::span(to_visit).subspan(waiting));
    } else {
      ends_[unit] = static_cast<Index>(order_.size());
      to_visit.pop_back();
    }
  }
  // From a circle no way leads to the top.
  const auto lost = std::ranges::find(begins_, none);
  if (lost == begins_.end()) return {};
  const auto& unit = *units_[static_cast<std::size_t>(lost - begins_.begin())];
  return fail(ErrorCode::bad_input, "a circle above unit " + unit.code);
}

UnitTree::Index UnitTree::index_of(UnitNumber number) const {
  // Numbers are given one after another, so nearly always it stands where it is looked for first.
  if (number > 0 && number <= units_.size() && units_[number - 1]->number == number)
    return number - 1;
  const auto found = std::ranges::lower_bound(units_, number, {},
                                              [](const SharedUnit& unit) { return unit->number; });
  if (found == units_.end() || (*found)->number != number) return none;
  return static_cast<Index>(found - units_.begin());
}

const Unit* UnitTree::find(UnitId id) const {
  const auto found = first_of(by_id_, id);
  return found == by_id_.end() || found->first != id ? nullptr : units_[found->second].get();
}

const Unit* UnitTree::find(UnitNumber number) const {
  const auto found = index_of(number);
  return found == none ? nullptr : units_[found].get();
}

const Unit* UnitTree::find(std::string_view id_or_code) const {
  const auto found = first_of(by_code_, id_or_code);
  if (found != by_code_.end() && found->first == id_or_code) return units_[found->second].get();
  const auto id = UnitId::parse(id_or_code);
  return id ? find(*id) : nullptr;
}

const Unit* UnitTree::root() const {
  return order_.empty() ? nullptr : find(order_.front());
}

bool UnitTree::is_within(UnitNumber unit, UnitNumber branch) const {
  const auto inner = index_of(unit);
  const auto outer = index_of(branch);
  if (inner == none || outer == none) return false;
  return begins_[outer] <= begins_[inner] && begins_[inner] < ends_[outer];
}

const Unit* UnitTree::parent_of(UnitNumber unit) const {
  const auto index = index_of(unit);
  return index == none || parents_[index] == none ? nullptr : units_[parents_[index]].get();
}

std::vector<UnitNumber> UnitTree::chain_above(UnitNumber unit) const {
  std::vector<UnitNumber> chain{unit};
  for (auto above = index_of(unit); above != none && parents_[above] != none;) {
    above = parents_[above];
    chain.push_back(units_[above]->number);
  }
  return chain;
}

std::vector<const Unit*> UnitTree::children_of(UnitNumber unit) const {
  std::vector<const Unit*> children;
  const auto above = index_of(unit);
  if (above == none) return children;
  for (auto place = begins_[above] + 1; place < ends_[above];) {
    const auto child = index_of(order_[place]);
    children.push_back(units_[child].get());
    place = ends_[child];
  }
  return children;
}

std::span<const UnitNumber> UnitTree::branch(UnitNumber unit) const {
  const auto index = index_of(unit);
  if (index == none) return {};
  return std::span(order_).subspan(begins_[index], ends_[index] - begins_[index]);
}

UnitSet UnitTree::branch_set(UnitNumber unit) const {
  UnitSet set;
  for (const auto number : branch(unit)) set.insert(number);
  return set;
}

std::vector<const Unit*> UnitTree::predecessors_of(const Unit& unit) const {
  std::vector<const Unit*> found;
  std::vector<UnitId> successors{unit.id};
  for (std::size_t i = 0; i < successors.size(); ++i) {
    const auto successor = successors[i];
    for (auto row = first_of(by_successor_, successor);
         row != by_successor_.end() && row->first == successor; ++row) {
      const auto& before = *units_[row->second];
      if (std::ranges::find(successors, before.id) != successors.end()) continue;
      successors.push_back(before.id);
      found.push_back(&before);
    }
  }
  return found;
}

}  // namespace khochung

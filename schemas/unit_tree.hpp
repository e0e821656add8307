#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/unit.hpp"

namespace khochung {

/// Some of the units, by their numbers, as a set of bits: 16 KB for 130,000.
class UnitSet {
 public:
  [[nodiscard]] bool contains(UnitNumber unit) const {
    // Without a branch: whether a unit lies behind the last of a set is as good as random.
    const auto word = std::min<std::size_t>(unit / word_bits, words_.size() - 1);
    return (words_[word] >> unit % word_bits & 1U) != 0;
  }
  void insert(UnitNumber unit);
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Its numbers, ascending.
  [[nodiscard]] std::vector<UnitNumber> numbers() const;

 private:
  static constexpr UnitNumber word_bits = 64;
  std::vector<std::uint64_t> words_{0};  ///< the last is empty
  std::size_t size_ = 0;
};

/// All units and who stands above whom on one day. A value; shared as an immutable snapshot. A
/// branch lies in one piece, so that what is asked of every request takes no walk over the tree.
class UnitTree {
 public:
  using SharedUnit = std::shared_ptr<const Unit>;

  UnitTree() = default;
  /// The tree as it stands on `day`; without a day with all moves made, those to come included.
  /// Errors: bad_input for a missing parent, a circle, or an id, number or code that stands twice.
  static Result<UnitTree> make(std::vector<SharedUnit> units, std::string_view day = {});
  static Result<UnitTree> make(std::vector<Unit> units, std::string_view day = {});

  /// By their numbers.
  [[nodiscard]] auto units() const {
    return std::views::transform(units_,
                                 [](const SharedUnit& unit) -> const Unit& { return *unit; });
  }
  [[nodiscard]] const std::vector<SharedUnit>& shared_units() const { return units_; }
  [[nodiscard]] const std::string& day() const { return day_; }
  [[nodiscard]] const Unit* find(UnitId id) const;
  [[nodiscard]] const Unit* find(UnitNumber number) const;
  /// By id or code.
  [[nodiscard]] const Unit* find(std::string_view id_or_code) const;
  /// The first unit without a parent; null in an empty tree.
  [[nodiscard]] const Unit* root() const;

  /// Whether `unit` is `branch` or stands beneath it.
  [[nodiscard]] bool is_within(UnitNumber unit, UnitNumber branch) const;
  [[nodiscard]] const Unit* parent_of(UnitNumber unit) const;
  /// The unit and all above it, nearest first.
  [[nodiscard]] std::vector<UnitNumber> chain_above(UnitNumber unit) const;
  /// Those directly beneath it, by their numbers.
  [[nodiscard]] std::vector<const Unit*> children_of(UnitNumber unit) const;
  /// The unit and all beneath it, each one before those beneath it.
  [[nodiscard]] std::span<const UnitNumber> branch(UnitNumber unit) const;
  [[nodiscard]] UnitSet branch_set(UnitNumber unit) const;
  /// The closed units that went into this one, directly or through others.
  [[nodiscard]] std::vector<const Unit*> predecessors_of(const Unit& unit) const;
  [[nodiscard]] bool is_closed(const Unit& unit) const { return unit.is_closed_on(day_); }

 private:
  using Index = std::uint32_t;
  static constexpr Index none = ~Index{0};

  [[nodiscard]] Index index_of(UnitNumber number) const;
  [[nodiscard]] Result<void> refuse_doubles() const;
  Result<void> find_parents();
  Result<void> lay_out_branches();

  std::string day_;
  std::vector<SharedUnit> units_;
  // Of each unit by its index in units_:
  std::vector<Index> parents_;
  std::vector<Index> begins_;  ///< in order_
  std::vector<Index> ends_;
  /// All units, each one before those beneath it.
  std::vector<UnitNumber> order_;
  // Sorted, to be searched by halves:
  std::vector<std::pair<UnitId, Index>> by_id_;
  std::vector<std::pair<std::string_view, Index>> by_code_;
  std::vector<std::pair<UnitId, Index>> by_successor_;
};

}  // namespace khochung
